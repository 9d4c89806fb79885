import { readdirSync } from "node:fs";
import path from "node:path";
import { describe } from "node:test";

/** Seconds of the files that take longest. One that is missing here, or has another number by now, costs balance alone. */
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
 *
 * @param part Which of `of` parts that take about equally long; counted from 1.
 */
export function inOneProcess(folder: string, part = 1, of = 1): void {
  const place = path.join(__dirname, folder);
  const files = readdirSync(place).filter((name) => name.endsWith(".test.ts"));
  for (const name of inParts(files.sort(), of)[part - 1]?.files.sort() ?? []) {
    describe(`tests/${folder}/${name}`, () => require(path.join(place, name)));
  }
}

/** The longest first, each to the part that has least to do. */
function inParts(files: readonly string[], of: number) {
  const secondsOf = (name: string) => SECONDS[name.replace(".test.ts", "")] ?? USUAL_SECONDS;
  const parts = Array.from({ length: of }, () => ({ seconds: 0, files: [] as string[] }));
  for (const name of [...files].sort((a, b) => secondsOf(b) - secondsOf(a))) {
    const least = parts.reduce((one, other) => (other.seconds < one.seconds ? other : one));
    least.files.push(name);
    least.seconds += secondsOf(name);
  }
  return parts;
}
