import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { FileErrors } from "../../domain/file-errors";
import { loadTenants } from "../../domain/load-tenants";
import { errorsOf, PROD } from "./reading-stack";

const CORPUS = join(__dirname, "..", "bad-tenants");
const FOLDER = relative(process.cwd(), join(CORPUS, "single"));

const expected = readFileSync(join(CORPUS, "single.expected.txt"), "utf8").trimEnd().split("\n");
const found = errorsOf(FOLDER);
const fileOf = (error: string) => error.slice(0, error.indexOf(":"));

for (const file of readdirSync(FOLDER)) {
  test(`${file} is refused for what its name says`, () => {
    const own = expected.filter((error) => fileOf(error) === file);
    assert.notDeepEqual(own, [], "the corpus says what each of its files must produce");
    assert.deepEqual(
      found.filter((error) => fileOf(error) === file),
      own,
    );
  });
}

test("all errors of all files arrive together, in the order of files and places", () => {
  assert.deepEqual(found, expected);
  assert.ok(new Set(found.map(fileOf)).size >= 60);
});

test("no error shows what could be a secret, or more than a line of anything", () => {
  const message = messageOf(FOLDER);
  assert.ok(readdirSync(FOLDER).some((file) => readFileSync(join(FOLDER, file), "utf8").includes("hunter2")));
  assert.doesNotMatch(message, /hunter2/);
  for (const line of message.split("\n")) {
    assert.ok(line.length < 400, line);
    assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\u2028\u2029]/u);
  }
});

function messageOf(folder: string): string {
  try {
    loadTenants(folder, PROD);
  } catch (error) {
    assert.ok(error instanceof FileErrors);
    assert.match(
      error.message,
      new RegExp(`^${expected.length} errors, nothing was changed:\ntests/bad-tenants/single/`),
    );
    return error.message;
  }
  return assert.fail("the corpus was accepted");
}
