import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { interruptible } from "../../cli/interruption";

const ROOT = join(__dirname, "../..");

function run(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(join(ROOT, "cli/b2b-tenants.js"), argv, { encoding: "utf8" });
  return { status, stdout, stderr };
}

test("the program without a command names what is missing, and how to see all", () => {
  assert.deepEqual(run(), { status: 2, stdout: "", stderr: "name a command\nAll options: npx b2b-tenants --help\n" });
  const ci = run("ci");
  assert.deepEqual(ci, { status: 2, stdout: "", stderr: "name a command\nAll options: npx b2b-tenants ci --help\n" });
});

test("a misspelt command or option is told with what is like it", () => {
  const { status, stderr } = run("verfy");
  assert.equal(stderr, "unknown command 'verfy'\n(Did you mean verify?)\nAll options: npx b2b-tenants --help\n");
  assert.equal(status, 2);
  assert.match(
    run("ci", "stacks-touched", "--bas", "x").stderr,
    /^unknown option '--bas'\n\(Did you mean --base\?\)\n/,
  );
});

test("--help lists every command with what it is for; help COMMAND prints that command's", () => {
  const { status, stdout } = run("--help");
  for (const command of ["verify", "report", "restore", "recover", "preview-comment", "ci"]) {
    assert.match(stdout, new RegExp(`^  ${command} +\\S`, "m"));
  }
  assert.equal(status, 0);
  const help = run("help", "ci");
  for (const command of ["stacks-touched", "offboard-plan", "drift-report", "policy-events"]) {
    assert.match(help.stdout, new RegExp(`^  ${command} .*\\S`, "m"));
  }
});

test("what an error quotes of an argument reaches no terminal as it is: the one exit makes it printable", () => {
  const { status, stderr } = run("\u001b[2Jverify<{%x%}>");
  assert.match(stderr, /^unknown command '\\u\{1b\}\[2Jverify\\u\{3c\}\{%x%\}>'\n/);
  assert.equal(status, 2);
});

test("output that cannot be written is told by the exit status, and ends nothing", () => {
  const full = openSync("/dev/full", "w");
  try {
    const { status, stderr } = spawnSync(join(ROOT, "cli/b2b-tenants.js"), ["--help"], {
      encoding: "utf8",
      stdio: ["ignore", full, "pipe"],
    });
    assert.deepEqual({ status, stderr }, { status: 1, stderr: "" });
  } finally {
    closeSync(full);
  }
});

test("Ctrl-C stops what is under way, a second one ends it, and a terminal that is closed does neither", async () => {
  const called: string[] = [];
  const handlers = { stop: () => called.push("stop"), endAtOnce: () => called.push("end at once") };
  await interruptible(handlers, async () => {
    process.emit("SIGHUP");
    assert.deepEqual(called, []);
    process.emit("SIGINT");
    process.emit("SIGHUP");
    assert.deepEqual(called, ["stop"]);
    process.emit("SIGTERM");
  });
  assert.deepEqual(called, ["stop", "end at once"]);
});
