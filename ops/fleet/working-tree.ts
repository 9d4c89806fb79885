import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { PROJECT_DIR } from "../stack/pulumi-cli";
import type { Tree } from "./declared";
import { readStackFile, stackOfFile } from "./stack-file";

/**
 * What lies in the project's folder now, committed or not: the settings of its stacks, and what is in their folders of tenant files.
 *
 * @param tenantsDir Takes the place of what the settings say, for a rehearsal.
 */
export function workingTree(tenantsDir?: string, folder = PROJECT_DIR): Tree {
  const read = (path: string) => {
    const file = resolve(folder, path);
    return lstatSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file) : undefined;
  };
  const settings = readdirSync(folder).filter((name) => stackOfFile(name) !== undefined);
  const folders = new Set(
    tenantsDir === undefined
      ? settings.flatMap((name) => {
          const text = new TextDecoder().decode(read(name));
          return readStackFile(stackOfFile(name) ?? "", name, text)?.tenantsDir ?? [];
        })
      : [tenantsDir],
  );
  const tenants = [...folders].flatMap((name) => entriesOf(resolve(folder, name)).map((entry) => `${name}/${entry}`));
  return { paths: [...settings, ...tenants], read };
}

/** None of a folder that is missing, which the program reports. */
function entriesOf(folder: string): string[] {
  return lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder).sort() : [];
}
