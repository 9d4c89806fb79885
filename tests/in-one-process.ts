import { AsyncResource } from "node:async_hooks";
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe } from "node:test";

/**
 * The files of tests/rehearsal that take longest, so that none of them is left at the end; the two that wait for time-outs beside some
 * that do not. A file that is missing here is taken after these, and costs a little time alone.
 */
const FIRST: readonly string[] = [
  "postgres-majors",
  "one-tenants-failure",
  "move-to-database",
  "removal-refused",
  "fleet-of-fifty",
  "killed-run",
  "migrations",
  "life-cycle",
  "restore",
  "fleet",
  "instance-policy",
  "secrets-in-clear",
  "servers",
  "engine-conformance",
  "command-line",
  "policy-pack",
  "tenant-isolation",
  "commands-at-once",
  "docs-move",
  "pooler",
  "sql-files",
  "provider-conformance",
  "report-command",
].map((name) => `${name}.test.ts`);

/**
 * Runs the test files of a folder of `tests/` one after another in this process, each as a suite of its own, so that Node, the
 * compiler and the SDKs are loaded once and not for every file. Where `npm test` runs several such processes for a folder, each takes
 * the next file that nobody has taken yet, as soon as it is through with the one before. Any file can also be run by itself.
 */
export function inOneProcess(folder: string): void {
  const waiting = inOrder(filesOf(folder));
  // Called at the end of a suite, where a suite would otherwise become a part of that one.
  const next = AsyncResource.bind(() => {
    let name = waiting.shift();
    while (name !== undefined && !isMine(folder, name)) name = waiting.shift();
    if (name === undefined) return;
    const file = path.join(__dirname, folder, name);
    describe(`tests/${folder}/${name}`, () => {
      try {
        require(file);
      } finally {
        after(next);
      }
    });
  });
  next();
}

function filesOf(folder: string): string[] {
  return readdirSync(path.join(__dirname, folder)).filter((name) => name.endsWith(".test.ts"));
}

function inOrder(names: readonly string[]): string[] {
  const first = FIRST.filter((name) => names.includes(name));
  return [...first, ...names.filter((name) => !first.includes(name)).sort()];
}

/** Takes the file, unless another process has. Where this is the only one, all are its own. */
function isMine(folder: string, name: string): boolean {
  const taken = process.env.TEST_FILES_TAKEN;
  if (taken === undefined) return true;
  try {
    writeFileSync(path.join(taken, `${folder}-${name}`), "", { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
