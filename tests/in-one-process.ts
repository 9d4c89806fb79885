import { AsyncResource } from "node:async_hooks";
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe } from "node:test";

/** Seconds of the files that take longest. One that is missing here, or has another number by now, costs a little time alone. */
const SECONDS: Readonly<Record<string, number>> = {
  "move-to-database": 76,
  "postgres-majors": 72,
  "fleet-of-fifty": 65,
  "life-cycle": 61,
  "killed-run": 59,
  migrations: 54,
  fleet: 45,
  "one-tenants-failure": 37,
  "docs-move": 37,
  "command-line": 30,
  "instance-policy": 30,
  "engine-conformance": 29,
  "removal-refused": 27,
  "commands-at-once": 27,
  adoption: 26,
  restore: 24,
  servers: 17,
  pooler: 17,
  "migrate-command": 16,
  "admin-password-rotation": 16,
  "secrets-in-clear": 13,
  "schema-contents": 12,
  "policy-pack": 12,
  "report-command": 12,
  "verify-silence": 11,
  "provider-conformance": 11,
  "policy-pack-protocol": 10,
  guia: 10,
  "offboarding-leaves-no-rights": 10,
  "verify-command": 9,
  "tenant-isolation": 9,
  "verify-attempts": 9,
  "sql-files": 9,
  "continue-on-error": 9,
  "migrations-fleet": 8,
  "verify-leaks-grants": 7,
  "sql-script": 7,
  "schema-guard": 7,
  recover: 7,
  "missing-parameter": 6,
  "backup-destination-s3": 6,
  "verify-leaks-objects": 6,
  "verify-leaks-code": 6,
  "few-locks": 6,
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
