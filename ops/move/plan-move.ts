import { resolve } from "node:path";
import { quotedText } from "../../domain/file-errors";
import { UsageError } from "../../domain/usage-error";
import type { ChosenStacks } from "../fleet/chosen-stacks";
import type { StackFile } from "../fleet/stack-file";
import { PROJECT_DIR } from "../stack/pulumi-cli";
import { type StackAccess, type StackExport, StackLocked } from "../stack/stack-access";
import { isUncommitted } from "./is-uncommitted";
import type { MovableStacks } from "./movable-stacks";
import { refuseAdoption, refuseDifferences } from "./refusals";
import { holdTheSame } from "./tenant-state";

export interface MoveRequest {
  readonly slugs: readonly string[];
  /** Name of the stack that they move to. */
  readonly to: string;
  readonly fleet: Pick<ChosenStacks, "all" | "tenants">;
  readonly stacks: MovableStacks;
}

/** What is left to do of one tenant's move. */
export interface TenantMove {
  readonly slug: string;
  /** The other stack whose state holds it; undefined if none does any more. */
  readonly from: string | undefined;
  /** Whether both states hold it: an earlier run died between writing one and the other. */
  readonly inBoth: boolean;
  /** Path of its file, absolute. */
  readonly file: string;
  /** Whether its file names another stack. */
  readonly isDeclaredElsewhere: boolean;
}

/**
 * Looks where each tenant is, by its file and by the states, and what is left to do. Changes nothing.
 *
 * @throws UsageError @throws Error for what a move is refused for.
 */
export async function planMove(request: MoveRequest): Promise<TenantMove[]> {
  const { slugs, to, fleet, stacks } = request;
  const target = stackNamed(to, fleet.all);
  const declared = new Map(slugs.map((slug) => [slug, declaringStack(slug, fleet)]));
  const existing = await stacks.deployer.existing();
  if (!existing.has(to)) {
    throw new Error(
      `the stack ${to} has not been made: \`npx pulumi stack init ${to}\`, with the passphrase or key of the others`,
    );
  }
  const opened = await openedStacks(stacks, [to, ...[...declared.values()].map(({ stack }) => stack)]);
  const holders = await holdersOf(request, declared, existing);
  const moves: TenantMove[] = [];
  for (const slug of slugs) {
    const place = declared.get(slug)?.stack ?? to;
    const file = resolve(PROJECT_DIR, target.tenantsDir, `${slug}.yaml`);
    moves.push(await moveOf({ slug, to, file, declared: place, opened, stacks }, holders.get(slug) ?? []));
  }
  return moves;
}

interface Sought {
  readonly slug: string;
  readonly to: string;
  readonly file: string;
  readonly declared: string;
  readonly opened: Map<string, OpenedStack>;
  readonly stacks: MovableStacks;
}

async function moveOf({ slug, to, file, declared, opened, stacks }: Sought, holders: string[]): Promise<TenantMove> {
  const [from, ...more] = holders.filter((stack) => stack !== to);
  const isThere = holders.includes(to);
  if (more.length > 0) {
    throw new Error(`${slug} is in the states of ${holders.join(", ")}: run \`npx b2b-tenants fleet status\``);
  }
  if (from === undefined && !isThere) {
    throw new Error(
      `no stack has made ${slug} yet, so there is nothing to move: set \`stack: ${to}\` in ${file}, and run \`up\` of ${to}`,
    );
  }
  if (from !== undefined) {
    const [source, target] = [await openOnce(opened, stacks, from), await openOnce(opened, stacks, to)];
    refuseDifferences(source.access, target.access, slug);
    if (isThere && !holdTheSame(source.state, target.state, slug)) {
      throw new Error(
        `${slug} is in the states of ${from} and ${to}, and not with the same resources: a deployment of one of them ran in between. ` +
          `Compare them (\`npx pulumi stack --show-urns --stack ${from}\`), and delete from one what is not there any more (\`npx pulumi state delete\`)`,
      );
    }
  }
  const isDeclaredElsewhere = declared !== to;
  if (isDeclaredElsewhere && from !== undefined && !isThere)
    refuseAdoption((await openOnce(opened, stacks, from)).access, slug, file);
  // An earlier move may have written the stack, and be taken back before anybody commits that.
  if (isDeclaredElsewhere && from !== undefined && !isThere && isUncommitted(file, "stack")) {
    throw new Error(`${file} has changes that are not committed: commit or undo them first, then run this again`);
  }
  return { slug, from, inBoth: isThere && from !== undefined, file, isDeclaredElsewhere };
}

export interface OpenedStack {
  readonly access: StackAccess;
  readonly state: StackExport;
}

export async function openedStacks(stacks: MovableStacks, names: readonly string[]): Promise<Map<string, OpenedStack>> {
  const opened = new Map<string, OpenedStack>();
  await Promise.all([...new Set(names)].map((name) => openOnce(opened, stacks, name)));
  return opened;
}

/** A stack that is not being deployed, and in which no run has died. */
async function openOnce(opened: Map<string, OpenedStack>, stacks: MovableStacks, name: string): Promise<OpenedStack> {
  const known = opened.get(name);
  if (known !== undefined) return known;
  const access = await stacks.open(name);
  await access.assertUnlocked().catch((error: unknown) => {
    if (!(error instanceof StackLocked)) throw error;
    throw new StackLocked(
      `${error.message}\nNothing was moved. Once no deployment of ${name} is running, run this again; if one died, first ` +
        `\`npx pulumi cancel --stack ${name}\` and \`npx b2b-tenants recover --stack ${name}\`.`,
    );
  });
  const state = await access.exportState();
  const pending = state.deployment.pending_operations?.length ?? 0;
  if (pending > 0) {
    throw new Error(
      `a run of ${name} died in the middle of ${pending} operations: run \`npx b2b-tenants recover --stack ${name}\` and \`up\` first`,
    );
  }
  const stack = { access, state };
  opened.set(name, stack);
  return stack;
}

/** The stacks whose states hold each tenant. Where a file names the target already, the tenant may still be in any other. */
async function holdersOf(
  { slugs, to, fleet, stacks }: MoveRequest,
  declared: ReadonlyMap<string, StackFile>,
  existing: ReadonlySet<string>,
): Promise<Map<string, string[]>> {
  const anywhere = slugs.some((slug) => declared.get(slug)?.stack === to);
  const near = new Set([to, ...[...declared.values()].map(({ stack }) => stack)]);
  const names = [...(anywhere ? new Set(fleet.all.map(({ stack }) => stack)) : near)].filter((name) =>
    existing.has(name),
  );
  const held = await Promise.all(
    names.map(async (name) => [name, (await stacks.deployer.holdings(name)).tenants] as const),
  );
  return new Map(slugs.map((slug) => [slug, held.flatMap(([name, has]) => (has.includes(slug) ? [name] : []))]));
}

function declaringStack(slug: string, { all, tenants }: MoveRequest["fleet"]): StackFile {
  const name = [...tenants].find(([, slugs]) => slugs.includes(slug))?.[0];
  if (name === undefined) {
    const known = [...tenants.values()].flat().sort().join(", ") || "none";
    throw new UsageError(`no file declares a tenant ${quotedText(slug)}; there are: ${known}`);
  }
  return stackNamed(name, all);
}

/** @throws UsageError for one that has no settings here. */
export function stackNamed(name: string, all: readonly StackFile[]): StackFile {
  const found = all.find(({ stack }) => stack === name);
  if (found !== undefined) return found;
  const known = all.map(({ stack }) => stack).join(", ");
  throw new UsageError(
    `--to-stack ${quotedText(name)}: there is no Pulumi.STACK.yaml of that name; there are: ${known}`,
  );
}
