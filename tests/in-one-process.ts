import { readdirSync } from "node:fs";
import path from "node:path";
import { describe } from "node:test";

/**
 * Runs the test files of a folder of `tests/` one after another in this process, each as a suite of its own, so that Node, the
 * compiler and the SDKs are loaded once and not for every file. Any file can also be run by itself.
 *
 * @param part Takes every `of`-th file, beginning with this one; counted from 1.
 */
export function inOneProcess(folder: string, part = 1, of = 1): void {
  const place = path.join(__dirname, folder);
  const files = readdirSync(place).filter((name) => name.endsWith(".test.ts"));
  for (const [index, name] of files.sort().entries()) {
    if (index % of === part - 1) describe(`tests/${folder}/${name}`, () => require(path.join(place, name)));
  }
}
