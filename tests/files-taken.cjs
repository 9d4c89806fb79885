// Preloaded by npm test: names the folder in which the processes of tests/runs/ note which test files they have taken. It ends with the
// process that began.
const { mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const path = require("node:path");

if (process.env.TEST_FILES_TAKEN === undefined) {
  const folder = mkdtempSync(path.join(tmpdir(), "test-files-taken-"));
  process.env.TEST_FILES_TAKEN = folder;
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
}
