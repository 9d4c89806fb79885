import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, it } from "node:test";
import { envLine } from "../../domain/env-file";
import { pythonEnvironment } from "../../rehearsal/servers/python";
import { ARGS, Machine, VALUES } from "../components/machine";

// The .env is written once, and read by whatever the backend was built with: each reader has to get the same of it.

/** What somebody may have put beside the program's own parameters. */
const ADDED = {
  SHOP_NAME: "Panadería Sol",
  SENDER: '"Sol" <sol@example.com>',
  BLANKS: "  at both ends  ",
  HASH: "a #b",
  ONLY_HASH: "#b",
  COMMANDS: "`id` ; id & id | id > id (id)",
  DOLLAR: "$HOME $(id) $",
  GLOB: "* ? [a] {a,b} ~ !",
  QUERY: "https://example.com/?a=1&b=2#c",
  JSON: '{"a": ["b"]}',
  QUOTED: '"a" b "c"',
  EQUALS: "=a==",
};

/** systemd's own parser, in a program that prints what it read; it expands variables, which EnvironmentFile= does not. */
const SYSTEMD_READER = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator";

const BASH = `set -a; . "$1"; exec "${process.execPath}" -p 'JSON.stringify(process.env)'`;
const DOTENV = "import dotenv, json, sys; print(json.dumps(dotenv.dotenv_values(sys.argv[1])))";

const machine = new Machine();
after(() => machine.remove());

const written = { ...VALUES, ...ADDED };
const envFile = machine.path(ARGS.envFile);

function output(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const ran = spawnSync(command, args, { encoding: "utf8", env: { PATH: process.env.PATH, ...env } });
  assert.equal(ran.status, 0, ran.stderr);
  return ran.stdout;
}

function isAsWritten(read: Record<string, string>): void {
  assert.deepEqual(Object.fromEntries(Object.keys(written).map((key) => [key, read[key]])), written);
}

describe("the .env reads the same", () => {
  machine.parameters(written);
  const booted = machine.boot();

  it("once it is written", () => assert.equal(booted.status, 0, booted.output));

  it("to python-dotenv, which pydantic-settings reads with too", async () => {
    const { python } = await pythonEnvironment();
    const read = JSON.parse(output(python, ["-c", DOTENV, envFile]));
    assert.deepEqual(Object.keys(read).sort(), Object.keys(written).sort());
    isAsWritten(read);
  });

  it("to bash", () => isAsWritten(JSON.parse(output("bash", ["-c", BASH, "bash", envFile]))));

  it("to Node", () =>
    isAsWritten(JSON.parse(output(process.execPath, [`--env-file=${envFile}`, "-p", "JSON.stringify(process.env)"]))));

  it("to systemd", { skip: existsSync(SYSTEMD_READER) ? false : "there is no systemd here" }, () => {
    const folder = path.join(machine.root, "config", "environment.d");
    mkdirSync(folder, { recursive: true });
    const lines = readFileSync(envFile, "utf8").split("\n");
    writeFileSync(path.join(folder, "backend.conf"), lines.filter((line) => !line.startsWith("DOLLAR=")).join("\n"));
    // It prints assignments for a shell.
    const printed = path.join(machine.root, "printed");
    writeFileSync(printed, output(SYSTEMD_READER, [], { XDG_CONFIG_HOME: path.dirname(folder) }));
    isAsWritten({ ...JSON.parse(output("bash", ["-c", BASH, "bash", printed])), DOLLAR: ADDED.DOLLAR });
  });

  it("to people: `report --show-secrets` prints the same lines", () => {
    const lines = Object.entries(written).map(([name, value]) => envLine(name, value));
    assert.deepEqual(lines.sort(), readFileSync(envFile, "utf8").trimEnd().split("\n").sort());
  });

  it("to docker, which takes a line as it stands, as long as it holds what tenant files allow", () => {
    const lines = readFileSync(envFile, "utf8").split("\n");
    for (const [key, value] of Object.entries(VALUES)) assert.ok(lines.includes(`${key}=${value}`), key);
  });
});

describe("systemd accepts the units", () => {
  const missing = spawnSync("systemd-analyze", ["--version"]).status === 0 ? false : "there is no systemd-analyze here";

  for (const after of ["b2b-tenants-env.service", "cloud-final.service", "cloud-init.target"]) {
    it(`together with a backend that is ordered after ${after}`, { skip: missing }, () => {
      const units = machine.path("/etc/systemd/system");
      writeFileSync(
        path.join(units, "backend.service"),
        `[Unit]\nAfter=${after}\nWants=b2b-tenants-env.service\n[Service]\nEnvironmentFile=${ARGS.envFile}\n` +
          "ExecStart=/bin/true\nRestart=always\n[Install]\nWantedBy=multi-user.target\n",
      );
      const names = ["b2b-tenants-env.service", "b2b-tenants-env.timer", "backend.service"];
      const ran = spawnSync("systemd-analyze", ["verify", "--man=no", ...names.map((name) => path.join(units, name))], {
        encoding: "utf8",
      });
      const words = ran.stderr.split("\n").filter((line) => line.includes("b2b-tenants") || line.includes("backend"));
      // The one thing that this machine lacks.
      const others = words.filter((line) => !line.includes("/usr/local/sbin/b2b-tenants-env is not executable"));
      assert.deepEqual(others, []);
    });
  }
});
