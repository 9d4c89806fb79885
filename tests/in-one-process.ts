import { readdirSync } from "node:fs";
import path from "node:path";
import { describe } from "node:test";

/** Seconds of the files that take longest. One that is missing here, or has another number by now, costs balance alone. */
const SECONDS: Readonly<Record<string, number>> = {
  "killed-run": 62,
  "postgres-majors": 58,
  migrations: 55,
  "fleet-of-fifty": 48,
  "one-tenants-failure": 33,
  "move-to-database": 40,
  fleet: 33,
  "life-cycle": 30,
  "commands-at-once": 28,
  "removal-refused": 25,
  "command-line": 25,
  pooler: 24,
  restore: 22,
  servers: 20,
  "instance-policy": 20,
  "tenant-isolation": 18,
  "verify-attempts": 15,
  "secrets-in-clear": 15,
  adoption: 14,
  "sql-files": 14,
  "schema-contents": 13,
  "docs-move": 12,
  "policy-pack": 11,
  "engine-conformance": 10,
  "schema-guard": 9,
  "admin-password-rotation": 9,
  "scratch-database": 5,
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
