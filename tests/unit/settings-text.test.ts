// Settings that are no valid YAML, with a password in clear, as somebody has just typed it.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { FileErrors } from "../../domain/file-errors";
import { parseSettings } from "../../domain/settings-text";
import { addTenant } from "../../ops/add/add-tenant";
import { nextSettings } from "../../ops/add/next-settings";
import { readStackFile } from "../../ops/fleet/stack-file";
import { readStackFile as readRehearsed } from "../../rehearsal/session/stack-config";

const SECRET = "Xk9secretPw";
const NAME = "Pulumi.prod.yaml";
const PROD = readFileSync(join(__dirname, "../..", NAME), "utf8").trimEnd();
const LINE = PROD.split("\n").length + 1;

const project = mkdtempSync(join(tmpdir(), "settings-text-"));
before(() => mkdirSync(join(project, "tenants")));
after(() => rmSync(project, { recursive: true }));

for (const [what, lines, place, message] of [
  ["a reserved character", `adminPassword: @${SECRET}`, "30", "a value that starts with @, ` or % must be quoted"],
  ["a directive's character", `adminPassword: %${SECRET}`, "30", "a value that starts with @, ` or % must be quoted"],
  [
    "a colon",
    `adminPassword: ${SECRET}: x`,
    "30",
    "a key inside another key's value; put it on its own line, or quote the value",
  ],
  ["a tag", `adminPassword: !${SECRET}`, "30", "tags (!name) are not allowed; write the plain value"],
] as const) {
  test(`settings that ${what} makes unreadable are told by their place, and no part of them`, () => {
    const text = `${PROD}\n  b2b-tenants:${lines}\n`;
    writeFileSync(join(project, NAME), text);
    const whole = `1 error, nothing was changed:\n${NAME}:${LINE}:${place}: ${message}`;
    for (const read of [
      () => parseSettings(text, NAME),
      () => readRehearsed(project, "prod"),
      () => nextSettings(NAME, text, 10),
    ]) {
      assert.throws(read, (error) => error instanceof FileErrors && error.message === whole);
    }
    assert.equal(readStackFile("prod", NAME, text), undefined);
    const keys = { frontendUrl: "https://shop.example.com" };
    assert.throws(
      () => addTenant({ slug: "acme", keys, stack: undefined }, project),
      /^FileErrors: 1 error, nothing was changed:\nPulumi\.prod\.yaml: this is not the settings of a stack/,
    );
  });
}

test("a setting that stands there twice is no setting", () => {
  const text = `${PROD}\n  b2b-tenants:adminPassword: ${SECRET}\n  b2b-tenants:adminPassword: ${SECRET}\n`;
  assert.throws(() => parseSettings(text, NAME), {
    message: `1 error, nothing was changed:\n${NAME}:${LINE + 1}:3: a key that is there already; allowed: once`,
  });
  assert.equal(readStackFile("prod", NAME, text), undefined);
});
