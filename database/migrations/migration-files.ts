import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { FileErrors, quotedText } from "../../domain/file-errors";
import { MIGRATIONS_FOLDER } from "../../domain/migration-fields";

/** First line of a file whose statements run one by one, each in a transaction of its own or in none. */
export const NO_TRANSACTION = "-- migration: no transaction";

/** A directive is written so; a misspelt one must not be taken for a comment. */
const DIRECTIVE = /^--\s*migration\s*:/i;

const FILE_NAME = /^(\d{4})_([a-z0-9]+(?:_[a-z0-9]+)*)\.sql$/;

/** What four digits number. */
export const MAX_FILES = 9_999;

/** Of a name, in characters: a state has room for {@link MAX_FILES} names of that length. */
export const MAX_NAME_LENGTH = 64;

/** Whoever names a folder means it: its migrations would be run by nobody, and nobody would be told. */
const NO_SUCH_FOLDER =
  "there is no such folder, which the setting b2b-tenants:migrations.folder or an option names; make it, with a README.md where it " +
  "has no migration yet, or name the one that is meant";

/** One file of `sql/migrations/`. */
export interface MigrationFile {
  /** From 1, without gaps. */
  readonly number: number;
  /** For example `0007_add_tax`: the file's name without its extension. */
  readonly name: string;
  /** For example `sql/migrations/0007_add_tax.sql`. */
  readonly path: string;
  readonly text: string;
  /** Of the file's bytes, as 64 hexadecimal digits. */
  readonly sha256: string;
  /** Whether all of it runs in one transaction. */
  readonly transactional: boolean;
}

/**
 * The migrations of a folder in the order of their numbers; none where the default folder is missing.
 *
 * @param directory Relative to the project folder, or absolute; errors name it so.
 * @param root The project folder.
 * @throws FileErrors where a folder that somebody has named is missing; and with every name that is not `NNNN_what_it_does.sql`, every
 * gap, every number that is given twice, and every file that is empty or begins with a directive that does not exist.
 */
export function migrationFiles(directory: string, root: string = process.cwd()): MigrationFile[] {
  const names = fileNames(directory, root);
  const errors = nameErrors(directory, names);
  const files: MigrationFile[] = [];
  for (const name of names) {
    const number = Number(FILE_NAME.exec(name)?.[1]);
    if (Number.isNaN(number)) continue;
    const path = `${directory}/${name}`;
    const bytes = readFileSync(resolve(root, path));
    const text = bytes.toString("utf8");
    const [firstLine = ""] = text.split(/\r?\n/, 1);
    const error = textError(text, bytes, firstLine);
    if (error !== undefined) errors.push(`${path}:1: ${error}`);
    files.push({
      number,
      name: name.replace(/\.sql$/, ""),
      path,
      text,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      transactional: firstLine.trimEnd() !== NO_TRANSACTION,
    });
  }
  if (errors.length > 0) throw new FileErrors(errors);
  return files;
}

/** Sorted by code unit; numbers have four digits each. */
function fileNames(directory: string, root: string): string[] {
  const folder = resolve(root, directory);
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith(".") && !/^README(\.\w+)?$/.test(entry.name))
      .map((entry) => (entry.isFile() ? entry.name : `${entry.name}/`))
      .sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") throw new FileErrors([`${directory}: cannot be read (${code})`]);
    if (folder === resolve(root, MIGRATIONS_FOLDER)) return [];
    throw new FileErrors([`${directory}: ${NO_SUCH_FOLDER}`]);
  }
}

function nameErrors(directory: string, names: readonly string[]): string[] {
  const errors: string[] = [];
  let last: { number: number; name: string } | undefined;
  for (const name of names) {
    const number = Number(FILE_NAME.exec(name)?.[1]);
    const place = `${directory}/${/^[\x20-\x7e]*$/.test(name) ? name : quotedText(name)}`;
    if (Number.isNaN(number) || name.length > MAX_NAME_LENGTH) {
      errors.push(
        `${place}: not the name of a migration; allowed: NNNN_what_it_does.sql with lower-case letters, digits and _, at most ${MAX_NAME_LENGTH} characters`,
      );
      continue;
    }
    const next = (last?.number ?? 0) + 1;
    if (number === last?.number) {
      errors.push(
        `${place}: number ${digits(number)} is ${last.name}'s; give the later of the two the next free number`,
      );
    } else if (number !== next) {
      errors.push(`${place}: number ${digits(next)} is missing; numbers begin with 0001 and have no gaps`);
    }
    last = { number, name };
  }
  return errors;
}

function textError(text: string, bytes: Uint8Array, firstLine: string): string | undefined {
  if (text.includes("\0") || !Buffer.from(text, "utf8").equals(bytes)) return "the file is not UTF-8 text";
  if (DIRECTIVE.test(firstLine) && firstLine.trimEnd() !== NO_TRANSACTION) {
    return `no such directive; allowed: ${NO_TRANSACTION}`;
  }
  return undefined;
}

/** A migration's number as its file has it: `0007`. */
export function digits(number: number): string {
  return String(number).padStart(4, "0");
}

/**
 * A hash over the numbers and contents of the first `count` migrations: two schemas with the same one have the same files behind
 * them, whatever else differs.
 */
export function chainHash(files: readonly Pick<MigrationFile, "name" | "sha256">[], count = files.length): string {
  const hash = createHash("sha256");
  for (const { name, sha256 } of files.slice(0, count)) hash.update(`${name} ${sha256}\n`);
  return hash.digest("hex");
}

/** Hash of each file by its name, for example `0007_add_tax`: what a deployment is planned with. */
export function migrationHashes(files: readonly MigrationFile[]): Record<string, string> {
  return Object.fromEntries(files.map(({ name, sha256 }) => [name, sha256]));
}

/** Where the files end. @param name Of the last one; undefined where there is none. */
export function lastOf(name: string | undefined): string {
  return name === undefined ? "there are no files of migrations here" : `the files end with ${name}`;
}
