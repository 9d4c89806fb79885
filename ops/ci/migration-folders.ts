import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { FileErrors, quotedText } from "../../domain/file-errors";
import { MIGRATIONS_FOLDER } from "../../domain/migration-fields";
import { UsageError } from "../../domain/usage-error";
import { type Declared, declaredIn } from "../fleet/declared";
import { migrationsDir } from "../fleet/stack-file";
import { workingTree } from "../fleet/working-tree";

/**
 * The folders of migrations of a project: the default one, and each that a stack's settings name.
 *
 * @param project The project folder.
 * @throws FileErrors for settings that cannot be read, and for a folder that is named and missing.
 */
export function migrationFolders(project: string): string[] {
  const { stacks } = settingsIn(project);
  const errors = stacks.flatMap((stack) =>
    stack.migrationsFolder === undefined || isThere(project, migrationsDir(stack))
      ? []
      : [
          `${stack.file}: 'b2b-tenants:migrations.folder' names a folder that is not there: ${quotedText(stack.migrationsFolder)}; ` +
            "make it, with a README.md where it has no migration yet, or name the one that is meant",
        ],
  );
  if (errors.length > 0) throw new FileErrors(errors);
  return [...new Set([MIGRATIONS_FOLDER, ...stacks.map(migrationsDir)])];
}

/**
 * The folder of a stack's migrations, relative to the project folder; the default one for a stack without settings there.
 *
 * @throws UsageError for a folder outside of the project, which no commit can change.
 */
export function migrationFolderOf(stack: string, project: string): string {
  const found = settingsIn(project).stacks.find((other) => other.stack === stack);
  const folder = found === undefined ? MIGRATIONS_FOLDER : migrationsDir(found);
  if (isAbsolute(folder) || folder === "." || /^(\.\.(\/|$)|-)/.test(folder)) {
    throw new UsageError(`the migrations of ${stack} are outside of the project: ${quotedText(folder)}`);
  }
  return folder;
}

function settingsIn(project: string): Declared {
  const declared = declaredIn(workingTree(undefined, project));
  const [file] = declared.unreadable;
  if (file === undefined) return declared;
  throw new FileErrors([`${file}: this is not the settings of a stack: write YAML with 'config'`]);
}

/** The default folder may be missing, also where it is named. */
function isThere(project: string, folder: string): boolean {
  return folder === MIGRATIONS_FOLDER || existsSync(resolve(project, folder));
}
