import { readdirSync } from "node:fs";
import path from "node:path";
import { describe } from "node:test";

/** Seconds of the files that take longest. One that is missing here, or has another number by now, costs balance alone. */
const SECONDS: Readonly<Record<string, number>> = {
  "fleet-of-fifty": 48,
  "killed-run": 36,
  "postgres-majors": 33,
  "life-cycle": 26,
  "removal-refused": 24,
  "commands-at-once": 22,
  servers: 20,
  restore: 18,
  "secrets-in-clear": 18,
  "command-line": 17,
  adoption: 17,
  "instance-policy": 17,
  "tenant-isolation": 16,
  "policy-pack": 13,
  "engine-conformance": 13,
  "report-command": 12,
  "policy-pack-protocol": 12,
  "verify-silence": 11,
  guia: 11,
  "verify-command": 10,
  "provider-conformance": 10,
  recover: 9,
  "schema-contents": 9,
  "sql-files": 9,
  "offboarding-leaves-no-rights": 8,
  "admin-password-rotation": 8,
  "docs-move": 8,
  fleet: 8,
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
