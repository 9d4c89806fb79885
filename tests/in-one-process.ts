import { AsyncResource } from "node:async_hooks";
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe } from "node:test";

/** Seconds of the files of tests/rehearsal that take longest. One that is missing, or has another number by now, costs a little time alone. */
const SECONDS: Readonly<Record<string, number>> = {
  "postgres-majors": 117,
  "move-to-database": 107,
  "fleet-of-fifty": 74,
  "killed-run": 69,
  migrations: 55,
  "life-cycle": 54,
  "one-tenants-failure": 41,
  fleet: 35,
  restore: 26,
  "removal-refused": 25,
  "instance-policy": 23,
  "secrets-in-clear": 21,
  servers: 21,
  "engine-conformance": 19,
  "command-line": 18,
  "policy-pack": 18,
  "tenant-isolation": 18,
  "commands-at-once": 17,
  "docs-move": 16,
  pooler: 16,
  "sql-files": 16,
  "provider-conformance": 15,
  "report-command": 15,
};

/**
 * Runs the test files of a folder of `tests/` one after another in this process, each as a suite of its own, so that Node, the
 * compiler and the SDKs are loaded once and not for every file. Where `npm test` runs several such processes for a folder, each takes
 * the next file that nobody has taken yet, as soon as it is through with the one before. Any file can also be run by itself.
 *
 * @param first Which files it begins with: the longest, so that none of them is left at the end, or the shortest, which for the most
 * part need no engine and what it starts.
 */
export function inOneProcess(folder: string, first: "longest" | "shortest" = "longest"): void {
  const waiting = filesOf(folder).sort((a, b) => secondsOf(b) - secondsOf(a) || a.localeCompare(b));
  if (first === "shortest") waiting.reverse();
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

function secondsOf(name: string): number {
  return SECONDS[name.replace(".test.ts", "")] ?? 0;
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
