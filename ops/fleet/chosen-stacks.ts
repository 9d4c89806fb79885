import { relative } from "node:path";
import { FileErrors, quotedText } from "../../domain/file-errors";
import { UsageError } from "../../domain/usage-error";
import { PROJECT_DIR } from "../stack/pulumi-cli";
import { type Declared, declarationErrors, declaredIn, stacksOf } from "./declared";
import { inOrder, type Move, movesBetween, waitsFor } from "./deployment-order";
import { changedSince, commitOf, treeOf } from "./revision";
import type { StackFile } from "./stack-file";
import { stacksTouched } from "./stacks-touched";
import { workingTree } from "./working-tree";

/** Which stacks a command of the fleet works on. */
export interface StackChoice {
  /** Names, separated by commas; undefined: all. */
  readonly stack?: string | undefined;
  readonly touchedSince?: string | undefined;
}

/** The stacks to work on, and what surrounds them. */
export interface ChosenStacks {
  /** In the order to deploy them in. */
  readonly chosen: readonly StackFile[];
  /** By name, what each of them has to wait for. */
  readonly waits: ReadonlyMap<string, readonly string[]>;
  /** Every stack that has settings here. */
  readonly all: readonly StackFile[];
  /** By name, the slugs that the files declare for each stack. */
  readonly tenants: ReadonlyMap<string, readonly string[]>;
}

/**
 * The stacks that the files in the project's folder declare, as far as they are chosen.
 *
 * @param rehearsal Its stacks need no settings of their own; `tenants` is the folder of tenant files, if it was named, `stack` one
 *   that no file has to name, and `ownDatabases` are those that have a database of their own, and so a folder beside the others'.
 * @throws UsageError @throws FileErrors for a tenant that no stack declares.
 */
export function chooseStacks(
  choice: StackChoice,
  rehearsal?: {
    readonly tenants: string | undefined;
    readonly stack?: string;
    readonly ownDatabases?: readonly string[];
  },
): ChosenStacks {
  const folder = rehearsal?.tenants === undefined ? undefined : relative(PROJECT_DIR, rehearsal.tenants);
  const read = declaredIn(workingTree(folder), folder);
  const declared =
    rehearsal === undefined
      ? read
      : withOwnDatabases(withNamedStacks(read, rehearsal.stack), rehearsal.ownDatabases ?? []);
  const errors = declarationErrors(declared);
  if (errors.length > 0) throw new FileErrors(errors);
  const { names, moves } = touched(choice.touchedSince, declared);
  const wanted = choice.stack === undefined ? names : among(namesIn(choice.stack, declared), names);
  const ordered = inOrder(declared.stacks, moves).flatMap(
    (name) => declared.stacks.find(({ stack }) => stack === name && wanted.includes(name)) ?? [],
  );
  return {
    chosen: ordered,
    waits: waitsFor(ordered, moves),
    all: declared.stacks,
    tenants: tenantsByStack(declared),
  };
}

/** A rehearsal lends the settings of another stack to one that has none. */
function withNamedStacks(declared: Declared, another: string | undefined): Declared {
  const { stacks, tenants } = declared;
  const [tenantsDir = ""] = stacks.map((stack) => stack.tenantsDir);
  const named = new Set(
    [...tenants.values()].flatMap(({ names }) => (names === "unreadable" ? [] : (names.stack ?? []))),
  );
  if (another !== undefined) named.add(another);
  const missing = [...named].filter((name) => !stacks.some(({ stack }) => stack === name));
  const lent = missing.map((stack) => ({ stack, file: `Pulumi.${stack}.yaml`, fleet: false, tenantsDir }));
  return { ...declared, stacks: [...stacks, ...lent] };
}

function withOwnDatabases({ stacks, tenants, ...declared }: Declared, names: readonly string[]): Declared {
  const [base = ""] = stacks.map(({ tenantsDir }) => tenantsDir);
  const own = names.map((stack) => ({
    stack,
    file: `Pulumi.${stack}.yaml`,
    fleet: true,
    tenantsDir: `${base}-${stack}`,
  }));
  return {
    ...declared,
    stacks: [...stacks.filter(({ stack }) => !names.includes(stack)), ...own],
    tenants: new Map([
      ...tenants,
      ...own.flatMap(({ tenantsDir }) => [...declaredIn(workingTree(tenantsDir), tenantsDir).tenants]),
    ]),
  };
}

function touched(revision: string | undefined, declared: Declared): { names: string[]; moves: Move[] } {
  if (revision === undefined) return { names: declared.stacks.map(({ stack }) => stack), moves: [] };
  const commit = commitOf(revision);
  if (commit === undefined) {
    throw new UsageError(`--touched-since ${quotedText(revision)}: there is no such commit in this clone`);
  }
  const before = declaredIn(treeOf(commit));
  return { names: stacksTouched(changedSince(commit), before, declared), moves: movesBetween(before, declared) };
}

function namesIn(list: string, { stacks }: Declared): string[] {
  const names = list.split(",").map((name) => name.trim());
  for (const name of names) {
    if (stacks.some(({ stack }) => stack === name)) continue;
    const known = stacks.map(({ stack }) => stack).join(", ") || "none";
    throw new UsageError(
      `--stack ${quotedText(name)}: there is no Pulumi.STACK.yaml of that name; there are: ${known}`,
    );
  }
  return names;
}

function among(names: readonly string[], allowed: readonly string[]): string[] {
  return names.filter((name) => allowed.includes(name));
}

function tenantsByStack({ stacks, tenants }: Declared): Map<string, readonly string[]> {
  const declaring = [...tenants.values()].map((tenant) => ({ slug: tenant.slug, stacks: stacksOf(tenant, stacks) }));
  return new Map(
    stacks.map(({ stack }) => [
      stack,
      declaring.filter((tenant) => tenant.stacks.includes(stack)).map(({ slug }) => slug),
    ]),
  );
}
