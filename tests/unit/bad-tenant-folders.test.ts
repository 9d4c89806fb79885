import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadTenants } from "../../domain/load-tenants";
import { errorsOf, PROD, tenantsFolder } from "./reading-stack";

const GOOD = "frontendUrl: https://shop.example.com\n";
const NAME = "allowed: SLUG.yaml, where SLUG starts with a lower-case letter and goes on with those, digits and _";
const NOT_A_SLUG = `the file's name is not a slug; ${NAME}`;
const NOT_A_NAME = `not the name of a tenant file; ${NAME}`;

const badNames: Record<string, string> = {
  "Acme.yaml": NOT_A_SLUG,
  "acme-mx.yaml": NOT_A_SLUG,
  "acme.mx.yaml": NOT_A_SLUG,
  "acme mx.yaml": NOT_A_SLUG,
  "1acme.yaml": NOT_A_SLUG,
  "_acme.yaml": NOT_A_SLUG,
  "acmé.yaml": NOT_A_SLUG,
  "acme;drop schema public.yaml": NOT_A_SLUG,
  'acme".yaml': NOT_A_SLUG,
  [`${"a".repeat(57)}.yaml`]: "the slug has 57 characters; allowed: at most 56, which fit PostgreSQL's names",
  ".yaml": NOT_A_SLUG,
  ".acme.yaml": NOT_A_SLUG,
  "acme.yml": NOT_A_NAME,
  "acme.YAML": NOT_A_NAME,
  "acme.yaml.bak": NOT_A_NAME,
  "acme.yaml.txt": NOT_A_NAME,
  "acme.json": NOT_A_NAME,
  acme: NOT_A_NAME,
};

for (const [name, error] of Object.entries(badNames)) {
  test(`a file named ${JSON.stringify(name)} is refused`, (t) => {
    const [found, ...more] = errorsOf(tenantsFolder(t, { [name]: GOOD }));
    assert.equal(found?.slice(found.indexOf(": ") + 2), error);
    assert.deepEqual(more, []);
  });
}

test("a name with a line break cannot make a line of its own in the message", (t) => {
  const [error] = errorsOf(tenantsFolder(t, { "a\nb.yaml": GOOD }));
  assert.match(error ?? "", /^"[^\n]*\\n[^\n]*": the file's name is not a slug/);
});

test("two files of the same slug in different case are refused", (t) => {
  const folder = tenantsFolder(t, { "acme.yaml": GOOD, "ACME.yaml": GOOD, "acme.Yaml": GOOD });
  assert.deepEqual(errorsOf(folder), [
    `ACME.yaml: the same slug as another file's in different case; ${NAME}`,
    `acme.Yaml: ${NOT_A_NAME}`,
  ]);
});

test("what is not a regular file is refused without being opened", (t) => {
  const folder = tenantsFolder(t, {});
  mkdirSync(join(folder, "folder.yaml"));
  mkdirSync(join(folder, "region"));
  symlinkSync("/etc/hostname", join(folder, "link.yaml"));
  symlinkSync("nowhere", join(folder, "dangling.yaml"));
  execFileSync("mkfifo", [join(folder, "pipe.yaml")]);
  assert.deepEqual(errorsOf(folder), [
    "dangling.yaml: a tenant file must be a regular file, got a symbolic link",
    "folder.yaml: a tenant file must be a regular file, got a folder",
    "link.yaml: a tenant file must be a regular file, got a symbolic link",
    "pipe.yaml: a tenant file must be a regular file, got a pipe, socket or device",
    `region: ${NOT_A_NAME}`,
  ]);
});

const badBytes: Record<string, [content: Uint8Array, error: string]> = {
  "a NUL": [Buffer.from(`${GOOD}# \0\n`), "2:3: invisible or control character U+0000; allowed: visible text"],
  "a lone carriage return": [
    Buffer.from("frontendUrl: https://a.example.com\rstack: x\n"),
    "1:35: invisible or control character U+000D; allowed: visible text",
  ],
  "a line separator": [
    Buffer.from(`${GOOD}# a\u2028stack: x\n`),
    "2:4: invisible or control character U+2028; allowed: visible text",
  ],
  "a next line": [
    Buffer.from(`${GOOD}# a\u0085stack: x\n`),
    "2:4: invisible or control character U+0085; allowed: visible text",
  ],
  "an escape sequence": [
    Buffer.from(`# \x1b[2J\n${GOOD}`),
    "1:3: invisible or control character U+001B; allowed: visible text",
  ],
  "a bidirectional override": [
    Buffer.from(`frontendUrl: https://\u202emoc.elpmaxe\n`),
    "1:22: invisible or control character U+202E; allowed: visible text",
  ],
  "a zero-width space": [
    Buffer.from(`${GOOD}sta\u200bck: x\n`),
    "2:4: invisible or control character U+200B; allowed: visible text",
  ],
  "a byte order mark": [
    Buffer.from(`\ufeff${GOOD}`),
    "1:1: the file starts with a byte order mark; allowed: UTF-8 without one",
  ],
  "UTF-16": [Buffer.from(`\ufeff${GOOD}`, "utf16le"), "1:1: not valid UTF-8; allowed: UTF-8 text"],
  "Latin-1": [Buffer.from(`${GOOD}# farmac\xeda\n`, "latin1"), "2:1: not valid UTF-8; allowed: UTF-8 text"],
  "an overlong encoding": [Buffer.from([0x61, 0x3a, 0xc0, 0xaf]), "1:1: not valid UTF-8; allowed: UTF-8 text"],
  "more than 16 KiB": [
    Buffer.from(`${GOOD}#${"x".repeat(16 * 1024)}`),
    "1:1: the file is larger than a tenant file may be; allowed: at most 16384 bytes",
  ],
};

for (const [what, [content, error]] of Object.entries(badBytes)) {
  test(`${what} is refused at its place`, (t) => {
    assert.deepEqual(errorsOf(tenantsFolder(t, { "acme.yaml": content })), [`acme.yaml:${error}`]);
  });
}

test("a file that may not be read is an error", (t) => {
  const folder = tenantsFolder(t, { "acme.yaml": GOOD });
  chmodSync(join(folder, ".."), 0o755);
  chmodSync(join(folder, "acme.yaml"), 0);
  assert.deepEqual(
    asOrdinaryUser(() => errorsOf(folder)),
    ["acme.yaml: the file cannot be read: permission denied; allowed: a file that can be read"],
  );
});

test("a missing tenants folder is one clear error, and so is a file in its place", (t) => {
  const folder = tenantsFolder(t, { file: "" });
  const allowed = "allowed: a folder that can be read (setting b2b-tenants:tenantsDir)";
  const none = join(folder, "none");
  assert.deepEqual(errorsOf(none), [`${none}: the tenants folder does not exist; ${allowed}`]);
  const file = join(folder, "file");
  assert.deepEqual(errorsOf(file), [`${file}: the tenants folder is not a folder; ${allowed}`]);
});

test("a folder without a tenant file is no error, and neither is what is clearly no tenant file", (t) => {
  const folder = tenantsFolder(t, {});
  assert.deepEqual(loadTenants(folder, PROD), []);
  for (const name of [
    "README.md",
    "tenant.schema.json",
    ".gitkeep",
    ".acme.yaml.swp",
    "._acme.yaml",
    ".#acme.yaml",
    "acme.yaml~",
  ]) {
    writeFileSync(join(folder, name), "not: [a tenant");
  }
  assert.deepEqual(loadTenants(folder, PROD), []);
});

/** Root may read everything, so it steps down for the length of the work. */
function asOrdinaryUser<Result>(work: () => Result): Result {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}
