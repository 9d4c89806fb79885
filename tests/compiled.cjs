// Preloaded by npm test into every Node process that it comes to: keeps what a file compiles to, with V8's own code for it, from one
// process to the next, in node_modules/.cache/. A hundred processes load the same thousand files here, and to compile them anew each time
// takes a good part of the tests' processor time. Under tsx, which users run, the same files are loaded by tests/acceptance/.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { cachedDataVersionTag, setFlagsFromString } = require("node:v8");
const vm = require("node:vm");

// As Node 20 has it, a third of such a process' time goes into making those functions faster that run often. They have to run three times
// as often here. Later versions do it otherwise.
if (process.versions.node.startsWith("20.")) setFlagsFromString("--interrupt-budget=400000");

const PROJECT = path.dirname(__dirname);
const PACKAGES = fs.realpathSync(path.join(PROJECT, "node_modules")) + path.sep;
/** Packages are known by their names, and change with the list of those installed. V8's code is of one version and one set of flags. */
const INSTALLED = fs.statSync(path.join(PACKAGES, ".package-lock.json")).mtimeMs;
const KIND = digest([INSTALLED, cachedDataVersionTag(), fs.readFileSync(__filename, "utf8")].join());
const FOLDER = path.join(PACKAGES, ".cache", "b2b-tenants", KIND);
/** How long, in milliseconds, nothing new is loaded before it is written down what was: by then its functions are compiled too. */
const QUIET = 1000;
const BYTES_OF_LENGTH = 4;

/** What was compiled here and is not kept yet: text and script, by file. */
const fresh = new Map();
let timer;

if (!process.env.NODE_OPTIONS?.includes(__filename)) {
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --require ${JSON.stringify(__filename)}`.trim();
}

// Where a file would be compiled by tsx, it is here.
const load = Module._load;
Module._load = function (request, ...place) {
  if (request !== "tsx/cjs") return load.call(this, request, ...place);
  Module._extensions[".ts"] = loadTypeScript;
  return {};
};
Module._extensions[".ts"] = loadTypeScript;

const compile = Module.prototype._compile;
Module.prototype._compile = function (text, filename, format) {
  if (format !== undefined && format !== "commonjs") return compile.call(this, text, filename, format);
  return run(this, filename, filename.startsWith(PACKAGES) ? filename : text, () => text);
};

const loadJavaScript = Module._extensions[".js"];
Module._extensions[".js"] = (module, filename) => {
  const known = filename.startsWith(PACKAGES) ? read(keptFile(filename)) : undefined;
  if (known === undefined) loadJavaScript(module, filename);
  else runScript(module, filename, scriptOf(filename, known.text, known.code));
};

/** Own files are known by what is in them, since tests run copies of them too. */
function loadTypeScript(module, filename) {
  const source = fs.readFileSync(filename, "utf8");
  return run(module, filename, source, () => {
    const { transform } = require("sucrase");
    const options = { transforms: ["typescript", "imports"], disableESTransforms: true, preserveDynamicImport: true };
    return transform(source, { ...options, filePath: filename }).code;
  });
}

/** @param source What the file is known by. */
function run(module, filename, source, compiled) {
  const file = keptFile(source);
  const known = read(file);
  if (known !== undefined) return runScript(module, filename, scriptOf(filename, known.text, known.code));
  const text = compiled();
  // Node warns where a script that it has not compiled itself comes to an import(); those packages that hold one do not come to it.
  if (!filename.startsWith(PACKAGES) && text.includes("import(")) return compile.call(module, text, filename);
  const script = scriptOf(filename, text);
  fresh.set(file, { text, script });
  clearTimeout(timer);
  timer = setTimeout(keep, QUIET).unref();
  return runScript(module, filename, script);
}

function scriptOf(filename, text, cachedData) {
  const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  return new vm.Script(Module.wrap(text.replace(/^#!.*/, "")), { filename, cachedData, importModuleDynamically });
}

function runScript(module, filename, script) {
  const own = Object.assign((id) => module.require(id), {
    resolve: Object.assign((request, options) => Module._resolveFilename(request, module, false, options), {
      paths: (request) => Module._resolveLookupPaths(request, module),
    }),
    main: process.mainModule,
    extensions: Module._extensions,
    cache: Module._cache,
  });
  return script.runInThisContext().call(module.exports, module.exports, own, module, filename, path.dirname(filename));
}

function keptFile(source) {
  return path.join(FOLDER, digest(source));
}

function digest(text) {
  return createHash("sha1").update(text).digest("base64url");
}

/** The length of the text, the text, and V8's code. */
function read(file) {
  let all;
  try {
    all = fs.readFileSync(file);
  } catch {
    return undefined;
  }
  const end = BYTES_OF_LENGTH + all.readUInt32LE();
  return { text: all.toString("utf8", BYTES_OF_LENGTH, end), code: all.subarray(end) };
}

function keep() {
  for (const [file, { text, script }] of fresh) {
    const length = Buffer.alloc(BYTES_OF_LENGTH);
    length.writeUInt32LE(Buffer.byteLength(text));
    const unfinished = `${file}-${process.pid}`;
    try {
      fs.mkdirSync(FOLDER, { recursive: true });
      fs.writeFileSync(unfinished, Buffer.concat([length, Buffer.from(text), script.createCachedData()]));
      fs.renameSync(unfinished, file);
    } catch {
      // Nothing is lost but time.
      fs.rmSync(unfinished, { force: true });
      break;
    }
  }
  fresh.clear();
}
process.on("exit", keep);
