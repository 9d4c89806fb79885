import { posix } from "node:path";
import { quotedText } from "../../domain/file-errors";
import { isSlug, STACK_PATTERN } from "../../domain/names";
import { decodeSource } from "../../domain/source-text";
import { isIgnored } from "../../domain/tenant-file-name";
import { belongsTo } from "../../domain/tenants-of";
import { readYaml } from "../../domain/yaml-value";
import { readStackFile, type StackFile, stackOfFile } from "./stack-file";

/** What one commit declares: its stacks, and its tenant files with the stack that each names. */
export interface Declared {
  readonly stacks: readonly StackFile[];
  readonly tenants: ReadonlyMap<string, TenantEntry>;
  /** Paths of settings files that cannot be read as such. */
  readonly unreadable: readonly string[];
}

/** An entry of a tenants folder. */
export interface TenantEntry {
  readonly file: string;
  readonly slug: string;
  /** The stack that the file names, undefined where it names none; "unreadable" for an entry that is no valid tenant file. */
  readonly names: { readonly stack: string | undefined; readonly databaseOnly?: boolean } | "unreadable";
}

/** The files of a commit, by path; undefined for what is there and is no regular file. */
export interface Tree {
  readonly paths: readonly string[];
  read(path: string): Uint8Array | undefined;
}

/** @param tenantsDir Takes the place of what the stacks' settings say, for a rehearsal. */
export function declaredIn(tree: Tree, tenantsDir?: string): Declared {
  const stacks: StackFile[] = [];
  const unreadable: string[] = [];
  for (const path of tree.paths) {
    const stack = stackOfFile(path);
    if (stack === undefined) continue;
    const read = readStackFile(stack, path, new TextDecoder().decode(tree.read(path)));
    if (read) stacks.push(tenantsDir === undefined ? read : { ...read, tenantsDir });
    else unreadable.push(path);
  }
  const entries = tree.paths
    .filter((path) => isTenantEntry(path, stacks))
    .map((path): [string, TenantEntry] => [path, entryOf(path, tree, stacks)]);
  return { stacks, unreadable, tenants: new Map(entries) };
}

/** Whether a path is something that a stack's program looks at as a tenant file, right or wrong. */
function isTenantEntry(path: string, stacks: readonly StackFile[]): boolean {
  return stacks.some(({ tenantsDir }) => {
    if (!path.startsWith(`${tenantsDir}/`)) return false;
    const [entry = ""] = path.slice(tenantsDir.length + 1).split("/");
    return !isIgnored(entry);
  });
}

/** The stacks that declare a tenant: one, if its file is valid. If that file is unreadable, every stack that reads its folder. */
export function stacksOf({ file, names }: TenantEntry, stacks: readonly StackFile[]): string[] {
  const looking = stacks.filter(({ tenantsDir }) => file.startsWith(`${tenantsDir}/`));
  const declaring = names === "unreadable" ? looking : looking.filter((stack) => belongsTo(names.stack, stack));
  return declaring.map(({ stack }) => stack);
}

function entryOf(file: string, tree: Tree, stacks: readonly StackFile[]): TenantEntry {
  const slug = posix.basename(file, ".yaml");
  const isPlain = stacks.some(({ tenantsDir }) => posix.join(tenantsDir, `${slug}.yaml`) === file) && isSlug(slug);
  const bytes = isPlain ? tree.read(file) : undefined;
  return { file, slug, names: bytes === undefined ? "unreadable" : stackNamedBy(bytes) };
}

function stackNamedBy(bytes: Uint8Array): TenantEntry["names"] {
  const source = decodeSource(bytes);
  if ("problem" in source) return "unreadable";
  const { value, errors } = readYaml(source.text);
  if (errors.length > 0 || typeof value !== "object" || value === null || Array.isArray(value)) return "unreadable";
  const { stack, databaseOnly } = value as { stack?: unknown; databaseOnly?: unknown };
  const more = databaseOnly === true ? { databaseOnly } : {};
  if (stack === undefined) return { stack, ...more };
  return typeof stack === "string" && STACK_PATTERN.test(stack) ? { stack, ...more } : "unreadable";
}

/**
 * Errors that no single stack's program can see: a tenant that no stack declares would never be created, or offboarded where it
 * was; two stacks may not each take the tenants that name none; and names in AWS are the environment's. One text each.
 */
export function declarationErrors({ stacks, tenants, unreadable }: Declared): string[] {
  if (unreadable.length > 0)
    return unreadable.map((file) => `${file}: this is not the settings of a stack: write YAML with 'config'`);
  const known = stacks.map(({ stack }) => stack).join(", ") || "none";
  const orphans = [...tenants.values()].flatMap((tenant) => {
    if (tenant.names === "unreadable" || stacksOf(tenant, stacks).length > 0) return [];
    const { stack } = tenant.names;
    return stack === undefined
      ? [`${tenant.file}: it names no stack, and no stack's settings set b2b-tenants:fleet to true`]
      : [`${tenant.file}: no stack declares it: 'stack' is ${quotedText(stack)}; there are settings of: ${known}`];
  });
  const folders = new Set(stacks.map(({ tenantsDir }) => tenantsDir));
  const rivals = [...folders].flatMap((folder) => {
    const fleets = stacks.filter(({ tenantsDir, fleet }) => fleet && tenantsDir === folder).map(({ file }) => file);
    return fleets.length > 1
      ? [`${fleets.join(", ")}: each sets b2b-tenants:fleet to true; only one of a folder of tenant files may`]
      : [];
  });
  return [...rivals, ...environmentErrors(stacks), ...namesakes(stacks, tenants), ...orphans];
}

/** The stacks of one folder have one database, and tenants that move between them: their names in AWS may not differ. */
function environmentErrors(stacks: readonly StackFile[]): string[] {
  return stacks.flatMap(({ file, tenantsDir, environment }) => {
    const first = stacks.find((stack) => stack.tenantsDir === tenantsDir && stack.environment !== undefined);
    if (environment === undefined || first === undefined || first.environment === environment) return [];
    return [
      `${file}: 'b2b-tenants:environment' must be that of ${first.file}, whose tenants are in the same folder: ` +
        `${first.environment}, got ${quotedText(environment)}`,
    ];
  });
}

/** Parameters, IAM roles and alarms are named after environment and slug: a second tenant of that slug would meet the first one's. */
function namesakes(stacks: Declared["stacks"], tenants: Declared["tenants"]): string[] {
  const taken = new Map<string, string>();
  return [...tenants.values()].flatMap(({ file, slug, names }) => {
    // Of one that moves to another database server there is a second file, which makes nothing that has such a name.
    if (names !== "unreadable" && names.databaseOnly) return [];
    const environment = stacks.find((stack) => file.startsWith(`${stack.tenantsDir}/`))?.environment;
    if (environment === undefined) return [];
    const name = `${environment} ${slug}`;
    const other = taken.get(name);
    taken.set(name, other ?? file);
    if (other === undefined) return [];
    return [`${file}: the environment ${environment} has a tenant ${slug} already, ${other}; allowed: another slug`];
  });
}
