// What the folders promise (ARCHITECTURE.md) that neither compiler nor linter looks at. Import circles are Biome's.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

const PROJECT = join(__dirname, "..", "..");
const MOST_LINES = 200;

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
  cwd: PROJECT,
  encoding: "utf8",
})
  .split("\0")
  .filter(
    (file) =>
      /\.(ts|js|cjs|sql|sh|py)$/.test(file) &&
      !/^(tests|findings|docs)\//.test(file) &&
      existsSync(join(PROJECT, file)),
  )
  .map((file) => ({ file, text: readFileSync(join(PROJECT, file), "utf8") }));

test(`no file of the program or of the rehearsal has more than ${MOST_LINES} lines`, () => {
  assert.ok(files.length > 300, "the files are not found");
  const long = files.filter(({ text }) => text.trimEnd().split("\n").length > MOST_LINES);
  assert.deepEqual(
    long.map(({ file }) => file),
    [],
  );
});

test("the program reaches the rehearsal in two places, each only when it is asked for", () => {
  const reaching = files
    .filter(({ file, text }) => !file.startsWith("rehearsal/") && /["'](\.\.?\/)+rehearsal\//.test(text))
    .map(({ file }) => file);
  assert.deepEqual(reaching, ["cli/open-fleet.ts", "cli/open-stack.ts"]);
  for (const { file, text } of files) {
    if (file.startsWith("rehearsal/")) continue;
    assert.doesNotMatch(text, /^import (?!type )[^;]*from "[./]*rehearsal\//m, file);
  }
});

/** What each floor of ARCHITECTURE.md may import from, besides itself. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  database: ["domain"],
  components: ["database", "domain"],
  policy: [],
  ops: ["database", "domain"],
  cli: ["ops", "database", "domain"],
  rehearsal: ["ops", "database", "domain"],
};

test("every floor imports from those below it alone", () => {
  const upwards = files.flatMap(({ file, text }) => {
    const floor = file.split("/")[0] ?? "";
    const below = FLOORS[floor];
    if (below === undefined) return [];
    return [...text.matchAll(/^import [^;]*? from "(\.[^"]*)"/gms)]
      .map(([, path = ""]) => join(dirname(file), path).split("/")[0] ?? "")
      .filter((other) => other in FLOORS && other !== floor && !below.includes(other))
      .map((other) => `${file} imports from ${other}/`);
  });
  assert.deepEqual(upwards, []);
});
