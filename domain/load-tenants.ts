import { lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { budgetError, type ConnectionShare } from "./connection-budget";
import { FileErrors, quotedText } from "./file-errors";
import { MAX_FILE_BYTES } from "./source-text";
import { type ParsedTenant, parseTenantFile, type ReadingStack } from "./tenant-file";
import { fileNameProblem, isIgnored } from "./tenant-file-name";
import type { TenantSpec } from "./tenant-spec";

/**
 * Every tenant of a folder, of all stacks, in the order of their slugs; none if the folder holds no tenant file.
 *
 * @param directory Relative to the project folder, or absolute.
 * @param reading The stack whose settings fill what the files leave out.
 * @throws FileErrors with every error of every file; or, where each is right, with what all of them take too much of.
 */
export function loadTenants(directory: string, reading: ReadingStack): TenantSpec[] {
  const names = fileNames(directory);
  const tenants: TenantSpec[] = [];
  const shares: ConnectionShare[] = [];
  const errors: string[] = [];
  for (const name of names) {
    const path = join(directory, name);
    const place = label(path);
    const problem = fileNameProblem(name, names) ?? fileProblem(path);
    if (problem) {
      errors.push(`${place}: ${problem}`);
      continue;
    }
    const bytes = read(path);
    if (typeof bytes === "string") {
      errors.push(`${place}: ${bytes}`);
      continue;
    }
    const result = parseTenantFile(name.replace(/\.yaml$/, ""), place, bytes, reading);
    if ("errors" in result) {
      errors.push(...result.errors.map(({ line, column, message }) => `${place}:${line}:${column}: ${message}`));
      continue;
    }
    tenants.push(result.tenant);
    shares.push(shareOf(result));
  }
  if (errors.length > 0) throw new FileErrors(errors);
  // Of files that are right, since one that is not may say anything of its limit.
  const tooMany = budgetError(shares, reading.limits);
  if (tooMany) throw new FileErrors([`${label(directory)}: ${tooMany}`]);
  return tenants;
}

function shareOf({ tenant, connectionLimitAt: at }: Extract<ParsedTenant, { tenant: TenantSpec }>): ConnectionShare {
  return {
    place: at ? `${tenant.file}:${at.line}:${at.column}` : tenant.file,
    connectionLimit: tenant.database.connectionLimit,
    isDefault: at === undefined,
  };
}

/** Sorted by code unit, so that the order does not depend on anybody's locale. */
function fileNames(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => !isIgnored(name))
      .sort();
  } catch (error) {
    const allowed = "allowed: a folder that can be read (setting b2b-tenants:tenantsDir)";
    throw new FileErrors([`${label(directory)}: the tenants folder ${reason(error)}; ${allowed}`]);
  }
}

/** Asked before anything is opened: opening a pipe would wait for ever, and a link may lead out of the repository. */
function fileProblem(path: string): string | undefined {
  const file = lstatSync(path, { throwIfNoEntry: false });
  if (file?.isFile()) return undefined;
  const kind = file?.isSymbolicLink()
    ? "a symbolic link"
    : file?.isDirectory()
      ? "a folder"
      : "a pipe, socket or device";
  return `a tenant file must be a regular file, got ${kind}`;
}

function read(path: string): Uint8Array | string {
  try {
    // A larger file is refused for its size by its first bytes; the rest is never read.
    return statSync(path).size > MAX_FILE_BYTES ? new Uint8Array(MAX_FILE_BYTES + 1) : readFileSync(path);
  } catch (error) {
    return `the file ${reason(error)}; allowed: a file that can be read`;
  }
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
  const known: Record<string, string> = {
    ENOENT: "does not exist",
    ENOTDIR: "is not a folder",
    EACCES: "cannot be read: permission denied",
  };
  return known[code] ?? `cannot be read (${code})`;
}

/** How a path is named in errors: as `tenants/acme.yaml` inside the project folder, absolute outside. */
function label(path: string): string {
  const inside = relative(process.cwd(), resolve(path));
  const shortest = inside.startsWith("..") || isAbsolute(inside) ? resolve(path) : inside;
  const portable = shortest.split(sep).join("/");
  return /^[\x20-\x7e]*$/.test(portable) ? portable : quotedText(portable);
}
