import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";

/** A stack's own settings, which the CLI reads beside `Pulumi.yaml`. */
const STACK_FILE = /^Pulumi\..+\.yaml$/;

/**
 * Makes a folder that shows the project as it is, file for file by links, but for the stacks' settings: those are the rehearsal's, and the
 * project's own are not touched.
 */
export function viewProject(projectDir: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const isShown = (name: string) =>
    !STACK_FILE.test(name) && !name.startsWith(".") && !`${folder}/`.startsWith(`${join(projectDir, name)}/`);
  const shown = readdirSync(projectDir).filter(isShown);
  for (const name of readdirSync(folder).filter((name) => !STACK_FILE.test(name))) rmSync(join(folder, name));
  for (const name of shown) symlinkSync(join(projectDir, name), join(folder, name));
}

/** Writes a stack's settings that are no secrets; what the CLI has noted in the file to open secrets with stays. */
export function writeStackFile(folder: string, stack: string, config: Readonly<Record<string, unknown>>): void {
  const place = join(folder, `Pulumi.${stack}.yaml`);
  const { config: _, ...noted } = existsSync(place) ? parse(readFileSync(place, "utf8")) : {};
  writeFileSync(place, stringify({ ...noted, config }));
}
