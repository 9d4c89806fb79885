import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { type BootScriptArgs, bootScript, shellQuote } from "../../components/server/boot-script";
import { ARGS, Machine, STARTS_THE_RUN, VALUES } from "./machine";

const ENV_FILE = [
  "ALLOWED_ORIGINS=https://acme.example.com,http://localhost:3000",
  "DATABASE_URL=postgresql://user_acme:p%27%22@db/postgres?sslmode=require",
  "ENVIRONMENT=production",
  "FRONTEND_URL=https://acme.example.com",
  "SECRET_KEY=0123456789abcdef",
  "",
].join("\n");

let machine: Machine;
let root: string;

beforeEach(() => {
  machine = new Machine();
  root = machine.root;
});

afterEach(() => machine.remove());

const stub = (name: string, body: string) => machine.stub(name, body);
const parameters = (values: Record<string, string>) => machine.parameters(values);
const run = (command: string[]) => machine.run(command);
const boot = (changes: Partial<BootScriptArgs> = {}) => machine.boot(changes);
const runAgain = () => machine.runAgain();
const onServer = (path: string) => machine.path(path);
const envFile = () => readFileSync(onServer(ARGS.envFile), "utf8");
const calls = () => machine.calls();

const FETCH =
  "aws ssm get-parameters-by-path --path /b2b-tenants/prod/acme/env --with-decryption " +
  "--query Parameters[].[Name,Value] --output text region=eu-south-2";

const RESTART = "systemctl restart --no-block backend.service region=eu-south-2";
const STATE = "systemctl is-active backend.service region=eu-south-2";

test("the first boot installs the timer, writes the .env for its owner alone, and starts the backend", () => {
  assert.deepEqual(boot(), { status: 0, output: `b2b-tenants-env: wrote ${onServer(ARGS.envFile)}\n` });
  assert.equal(envFile(), ENV_FILE);
  assert.equal(statSync(onServer(ARGS.envFile)).mode & 0o777, 0o600);
  assert.equal(statSync(onServer(ARGS.envFile)).uid, userInfo().uid);
  assert.deepEqual(readdirSync(onServer("/srv/app/backend")), [".env"]);
  assert.deepEqual(readdirSync(onServer("/etc/systemd/system")), [
    "b2b-tenants-env.service",
    "b2b-tenants-env.timer",
    "b2b-tenants-pooler.service",
  ]);
  assert.deepEqual(calls(), [
    "systemctl daemon-reload region=",
    "systemctl enable --now b2b-tenants-env.timer region=",
    "systemctl start --no-block b2b-tenants-env.service region=",
    FETCH,
    "systemctl cat backend.service region=eu-south-2",
    "systemctl reset-failed backend.service region=eu-south-2",
    RESTART,
  ]);
});

test("nothing changed: the file is not touched and the backend is not restarted", () => {
  boot();
  runAgain();
  const before = statSync(onServer(ARGS.envFile));
  calls();
  assert.deepEqual(runAgain(), { status: 0, output: "" });
  assert.deepEqual(calls(), [FETCH]);
  assert.equal(statSync(onServer(ARGS.envFile)).ino, before.ino);
});

test("a changed parameter reaches a running server, with one restart", () => {
  boot();
  calls();
  parameters({ ...VALUES, SECRET_KEY: "another" });
  assert.equal(runAgain().status, 0);
  assert.equal(envFile(), ENV_FILE.replace("0123456789abcdef", "another"));
  assert.equal(calls().filter((call) => call.startsWith("systemctl restart")).length, 1);
});

for (const [name, values] of [
  ["missing", { ...VALUES, SECRET_KEY: undefined }],
  ["empty", { ...VALUES, SECRET_KEY: "" }],
] as const) {
  test(`a parameter that is ${name} leaves the .env as it is`, () => {
    boot();
    calls();
    parameters(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as typeof VALUES);
    const { status, output } = runAgain();
    assert.equal(status, 1);
    assert.match(
      output,
      /parameter \/b2b-tenants\/prod\/acme\/env\/SECRET_KEY is missing or empty; the \.env stays as it is\. 'pulumi up --refresh' makes it again/,
    );
    assert.equal(envFile(), ENV_FILE);
    assert.deepEqual(calls(), [FETCH]);
  });
}

const PATH_OF = (key: string) => `${ARGS.parameterPath}/${key}`;

for (const [what, added, message] of [
  ["a line break", { A: "half\nDEBUG=true" }, `the value of parameter ${PATH_OF("A")} holds a line break`],
  ["a line break and a tab", { A: "half\n/other\tDEBUG" }, `the value of parameter ${PATH_OF("A")} holds a line break`],
  ["a tab", { A: "half\tDEBUG" }, `the value of parameter ${PATH_OF("A")} holds a control character`],
  ["a tab at its beginning", { A: "\tDEBUG" }, `the value of parameter ${PATH_OF("A")} holds a control character`],
  ["a carriage return", { A: "half\rDEBUG=true" }, `the value of parameter ${PATH_OF("A")} holds a control character`],
  ["a carriage return at its end", { A: "half\r" }, "a control character (such as a carriage return)"],
  ["an unclosed quote", { A: "it's" }, "a single quote"],
  ["a backslash at its end", { A: "half\\" }, "a backslash"],
  ["the name of another variable", { A: "${" }, "or ${: readers of a .env do not agree on these"],
  ["a key in small letters", { debug: "1" }, `parameter ${PATH_OF("debug")} is not named as a variable`],
] as const) {
  test(`a parameter with ${what} is refused by its name, shows nothing of its value, and the .env stays as it is`, () => {
    boot();
    parameters({ ...VALUES, ...added });
    const { status, output } = runAgain();
    assert.equal(status, 1);
    assert.ok(output.includes(message), output);
    assert.ok(output.includes(PATH_OF(Object.keys(added)[0] ?? "")), output);
    assert.match(output, /; the \.env stays as it is$/m);
    assert.doesNotMatch(output, /half|DEBUG/);
    assert.equal(envFile(), ENV_FILE);
  });
}

test("a value that readers would not take as it stands is quoted", () => {
  parameters({ ...VALUES, SHOP_NAME: 'Panadería "Sol" & Hijos $1 `#1' });
  assert.equal(boot().status, 0);
  assert.equal(envFile(), `${ENV_FILE}SHOP_NAME='Panadería "Sol" & Hijos $1 \`#1'\n`);
});

describe("a machine image of another tenant's server", () => {
  const old = { parameterPath: "/b2b-tenants/prod/other/env", envFile: "/srv/old/.env", service: "old.service" };

  beforeEach(() => {
    mkdirSync(onServer("/srv/old"), { recursive: true });
    writeFileSync(onServer(old.envFile), "SECRET_KEY=of-another-tenant\n");
    writeFileSync(join(root, "aws-fails"), "");
  });

  test("starts without that tenant's .env and backend, also while its own parameters cannot be read", () => {
    boot(old);
    assert.ok(existsSync(onServer(old.envFile)));
    calls();
    const { status, output } = boot();
    assert.equal(status, 1);
    assert.ok(output.includes(`removed ${onServer(old.envFile)}, which was written from ${old.parameterPath}`), output);
    assert.ok(!existsSync(onServer(old.envFile)));
    assert.ok(calls().includes("systemctl stop old.service region=eu-south-2"));
    rmSync(join(root, "aws-fails"));
    assert.equal(runAgain().status, 0);
    assert.equal(envFile(), ENV_FILE);
    assert.ok(!calls().some((call) => call.startsWith("systemctl stop")));
  });

  test("of which the backend cannot be stopped gets no .env, and the next run tries again", () => {
    boot(old);
    rmSync(join(root, "aws-fails"));
    writeFileSync(join(root, "systemctl-fails-stop"), "");
    const { status, output } = boot();
    assert.equal(status, 1);
    assert.match(output, /cannot stop old\.service, which runs with the \.env of \/b2b-tenants\/prod\/other\/env/);
    assert.ok(!existsSync(onServer(ARGS.envFile)));
    rmSync(join(root, "systemctl-fails-stop"));
    assert.equal(runAgain().status, 0);
    assert.ok(!existsSync(onServer(old.envFile)));
    assert.equal(envFile(), ENV_FILE);
  });

  test("of its own former server keeps the .env until there is a newer one", () => {
    boot({ ...old, parameterPath: ARGS.parameterPath });
    boot();
    assert.ok(existsSync(onServer(old.envFile)));
    assert.ok(!calls().some((call) => call.startsWith("systemctl stop")));
  });
});

test("a call that fails leaves the .env as it is", () => {
  boot();
  writeFileSync(join(root, "aws-fails"), "");
  const { status, output } = runAgain();
  assert.equal(status, 1);
  assert.match(output, /cannot read the parameters under \/b2b-tenants\/prod\/acme\/env/);
  assert.equal(envFile(), ENV_FILE);
});

test("a first boot that comes too early fails, with the timer there to try again", () => {
  writeFileSync(join(root, "aws-fails"), "");
  assert.equal(boot().status, 1);
  assert.ok(calls().includes("systemctl enable --now b2b-tenants-env.timer region="));
  assert.ok(!existsSync(onServer(ARGS.envFile)));
  rmSync(join(root, "aws-fails"));
  assert.equal(runAgain().status, 0);
  assert.equal(envFile(), ENV_FILE);
});

test("a restart that failed is tried again, although the file has been written", () => {
  writeFileSync(join(root, "systemctl-fails-restart"), "");
  assert.equal(boot().status, 1);
  rmSync(join(root, "systemctl-fails-restart"));
  calls();
  assert.equal(runAgain().status, 0);
  assert.ok(calls().includes(RESTART));
});

test("a backend that used up its attempts before the .env was there is started all the same", () => {
  stub(
    "systemctl",
    `[ "$1" != reset-failed ] || : >"$ROOT/may-start"\n[ "$1" != restart ] || [ -e "$ROOT/may-start" ] || exit 1\n${STARTS_THE_RUN}`,
  );
  assert.deepEqual(boot(), { status: 0, output: `b2b-tenants-env: wrote ${onServer(ARGS.envFile)}\n` });
});

test("neither the user data nor a run waits for a unit that may wait for them", () => {
  boot();
  const waiting = calls().filter((call) => /^systemctl (start|restart) (?!--no-block )/.test(call));
  assert.deepEqual(waiting, []);
});

test("what became of a restart is looked at by the next run: failed is tried again, running is left alone", () => {
  boot();
  calls();
  for (const [state, expected] of [
    ["activating", [FETCH, STATE]],
    ["failed", [FETCH, STATE, "cat", "reset-failed", RESTART]],
    ["failed", [FETCH, STATE, "cat", "reset-failed", RESTART]],
    ["active", [FETCH, STATE]],
    ["failed", [FETCH]],
  ] as const) {
    writeFileSync(join(root, "state"), state);
    assert.equal(runAgain().status, 0);
    assert.deepEqual(
      calls().map((call) => /^systemctl (cat|reset-failed) backend/.exec(call)?.[1] ?? call),
      expected,
      state,
    );
  }
});

test("a backend that is not installed yet is not restarted, and that is no failure", () => {
  writeFileSync(join(root, "systemctl-fails-cat"), "");
  const { status, output } = boot();
  assert.equal(status, 0);
  assert.match(output, /there is no unit backend\.service yet/);
  assert.ok(!calls().some((call) => call.startsWith("systemctl restart")));
});

test("~ is the home of the owner, whoever runs the script", () => {
  assert.equal(boot({ envFile: "~/app/.env" }).status, 0);
  assert.equal(readFileSync(onServer(join(userInfo().homedir, "app/.env")), "utf8"), ENV_FILE);
});

for (const path of ["~/app/.env", "/srv/app/.env"]) {
  test(`an owner that the server does not know is named: ${path}`, () => {
    const { status, output } = boot({ envFile: path, owner: "nobody-of-that-name" });
    assert.equal(status, 1);
    assert.match(output, /there is no user nobody-of-that-name on this server/);
    assert.ok(!existsSync(onServer("/srv")));
  });
}

test("what only the owner may touch is done under the owner's name, and no argument carries a value", () => {
  // Another user than whoever runs this: the stand-in for `setpriv` notes its arguments, and stays who it is.
  const other = userInfo().uid === 1 ? "sys" : "daemon";
  stub("setpriv", 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"');
  assert.equal(boot({ owner: other }).status, 0);
  assert.equal(envFile(), ENV_FILE);
  const text = readFileSync(join(root, "calls"), "utf8");
  const [uid, gid] = ["-u", "-g"].map((flag) => spawnSync("id", [flag, other], { encoding: "utf8" }).stdout.trim());
  assert.ok(uid && gid);
  const asOther = text.match(/^setpriv .*$/gm) ?? [];
  assert.equal(asOther.length, 2);
  for (const call of asOther)
    assert.ok(call.startsWith(`setpriv --reuid=${other} --regid=${gid} --init-groups -- bash`));
  for (const value of [VALUES.SECRET_KEY, VALUES.DATABASE_URL]) assert.ok(!text.includes(value));
});

const asRoot = userInfo().uid === 0 ? {} : { skip: "only root can act as another user" };

describe("an owner that is not to be trusted with what root may do", asRoot, () => {
  const owner = "nobody";
  const folder = () => onServer("/srv/app");
  const treasure = () => join(root, "treasure");

  beforeEach(() => {
    const [uid, gid] = ["-u", "-g"].map((flag) => Number(spawnSync("id", [flag, owner], { encoding: "utf8" }).stdout));
    chmodSync(root, 0o711);
    mkdirSync(folder(), { recursive: true });
    chownSync(folder(), uid ?? Number.NaN, gid ?? Number.NaN);
    mkdirSync(treasure(), { mode: 0o700 });
    writeFileSync(join(treasure(), ".env"), "root's own", { mode: 0o600 });
  });

  function treasureIsWhole(): void {
    assert.deepEqual(readdirSync(treasure()), [".env"]);
    assert.equal(readFileSync(join(treasure(), ".env"), "utf8"), "root's own");
    assert.equal(statSync(join(treasure(), ".env")).uid, 0);
    assert.equal(statSync(treasure()).uid, 0);
  }

  test("gets the .env and the folders above it as its own", () => {
    assert.equal(boot({ owner }).status, 0);
    assert.equal(envFile(), ENV_FILE);
    const uid = statSync(folder()).uid;
    assert.deepEqual([statSync(onServer(ARGS.envFile)).uid, statSync(onServer("/srv/app/backend")).uid], [uid, uid]);
    assert.equal(statSync(onServer(ARGS.envFile)).mode & 0o777, 0o600);
    runAgain();
    calls();
    assert.deepEqual(runAgain(), { status: 0, output: "" });
    assert.deepEqual(calls(), [FETCH]);
  });

  test("a link in the place of the folder gives it no file of root's, and the failure is told", () => {
    symlinkSync(treasure(), onServer("/srv/app/backend"));
    const { status, output } = boot({ owner });
    assert.equal(status, 1);
    assert.match(output, /cannot write .*\/srv\/app\/backend\/\.env as nobody$/m);
    treasureIsWhole();
  });

  test("a link in the place of a folder that is still to be made gives it no folder of root's", () => {
    symlinkSync(treasure(), onServer("/srv/app/backend"));
    assert.equal(boot({ owner, envFile: "/srv/app/backend/deeper/.env" }).status, 1);
    treasureIsWhole();
  });

  test("a link in the place of the .env is replaced, and what it leads to is not read", () => {
    mkdirSync(onServer("/srv/app/backend"));
    chownSync(onServer("/srv/app/backend"), statSync(folder()).uid, statSync(folder()).gid);
    symlinkSync(join(treasure(), ".env"), onServer(ARGS.envFile));
    assert.equal(boot({ owner }).status, 0);
    assert.ok(lstatSync(onServer(ARGS.envFile)).isFile());
    treasureIsWhole();
  });

  test("cannot keep the lock: no process of its own has it open", () => {
    // Stands before `cat` on the owner's side, where it lists what is open.
    stub("mktemp", 'ls -l /proc/self/fd >"$ROOT/server/srv/app/open"\nexec /usr/bin/mktemp "$@"');
    chmodSync(join(root, "bin"), 0o755);
    assert.equal(boot({ owner }).status, 0);
    assert.ok(!readFileSync(join(folder(), "open"), "utf8").includes("var/lib/b2b-tenants/lock"));
  });
});

for (const hostile of [
  "$(touch $ROOT/pwned)",
  "`touch $ROOT/pwned`",
  "'; touch $ROOT/pwned; '",
  "\nEND_OF_FILE\ntouch $ROOT/pwned\n",
  '"; touch $ROOT/pwned #',
  "\\'; touch $ROOT/pwned #",
  "%s%n $HOME *",
]) {
  test(`text from outside stays text: ${JSON.stringify(hostile)}`, () => {
    const args = { region: hostile, service: hostile, parameterPath: hostile, envFile: `/x${hostile}/.env` };
    writeFileSync(join(root, "user-data"), bootScript({ ...ARGS, ...args }));
    assert.deepEqual(run(["bash", "-n", join(root, "user-data")]), { status: 0, output: "" });
    run(["bash", join(root, "user-data")]);
    assert.ok(!existsSync(join(root, "pwned")));
    const config = `. "$DESTDIR/etc/b2b-tenants/server.conf"; printf '%s|' "$region" "$service" "$parameter_path" "$env_file"`;
    assert.equal(run(["bash", "-c", config]).output, `${hostile}|${hostile}|${hostile}|/x${hostile}/.env|`);
  });
}

test("a NUL, which no shell word can hold, is refused", () => {
  assert.throws(() => shellQuote("a\0b"), { message: "a shell word cannot hold a NUL character" });
});

test("the user data fit into what EC2 takes", () => {
  assert.ok(Buffer.byteLength(bootScript(ARGS)) < 16 * 1024);
});
