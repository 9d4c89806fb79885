import { AsyncResource } from "node:async_hooks";
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe } from "node:test";

/** Seconds of the files that take longest. One that is missing here, or has another number by now, costs a little time alone. */
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
  "schema-contents": 14,
  "migrate-command": 13,
  "verify-attempts": 12,
  "verify-command": 12,
  "policy-pack-protocol": 11,
  adoption: 10,
  recover: 10,
  "schema-guard": 10,
  guia: 9,
  "migrations-fleet": 9,
  "offboarding-leaves-no-rights": 9,
  "verify-silence": 9,
  "missing-parameter": 8,
  "verify-leaks-code": 8,
  "verify-leaks-grants": 8,
  "continue-on-error": 7,
  "few-locks": 7,
  "verify-leaks-objects": 7,
  report: 6,
  "sql-script": 6,
  "postgresql-stand-in-privileges": 5,
  "verify-clean": 5,
  "verify-leaks-roles": 5,
};
const USUAL_SECONDS = 3;

/**
 * Runs the test files of a folder of `tests/` one after another in this process, each as a suite of its own, so that Node, the
 * compiler and the SDKs are loaded once and not for every file. Any file can also be run by itself.
 */
export function inOneProcess(folder: string): void {
  for (const name of filesOf(folder).sort()) suiteOf(folder, name);
}

/**
 * The same, where `npm test` runs several such processes: each takes the file that is to take longest of those that nobody has taken
 * yet, as soon as it is through with the one before.
 */
export function inTurn(folder: string): void {
  const waiting = filesOf(folder).sort((a, b) => secondsOf(b) - secondsOf(a));
  // Called at the end of a suite, where a suite would otherwise become a part of that one.
  const next = AsyncResource.bind(() => {
    const name = waiting.find((one) => isMine(folder, one));
    if (name === undefined) return;
    waiting.splice(0, waiting.indexOf(name) + 1);
    suiteOf(folder, name, next);
  });
  next();
}

function suiteOf(folder: string, name: string, atEnd: () => void = () => {}): void {
  describe(`tests/${folder}/${name}`, () => {
    try {
      require(path.join(__dirname, folder, name));
    } finally {
      after(atEnd);
    }
  });
}

function filesOf(folder: string): string[] {
  return readdirSync(path.join(__dirname, folder)).filter((name) => name.endsWith(".test.ts"));
}

function secondsOf(name: string): number {
  return SECONDS[name.replace(".test.ts", "")] ?? USUAL_SECONDS;
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
