import { resolve } from "node:path";
import { withAdminConnection } from "../../../database/connection";
import { movedTo } from "../../../database/offboarding/fence";
import { roleName } from "../../../domain/names";
import { UsageError } from "../../../domain/usage-error";
import type { StackFile } from "../../fleet/stack-file";
import { adminTarget } from "../../stack/admin-target";
import { PROJECT_DIR } from "../../stack/pulumi-cli";
import type { StackAccess } from "../../stack/stack-access";
import type { MoveRequest } from "../plan-move";

/** One of the two stacks of a move, and the tenant's file in its folder. */
export interface Side {
  readonly stack: string;
  /** Whether it declares the tenants of its folder that name no stack. */
  readonly fleet: boolean;
  /** Path of the tenant's file, absolute, whether it is there or not. */
  readonly file: string;
  readonly access: StackAccess;
}

/**
 * A tenant's move to a stack that has another database, and how far it came. `copy`: the tenant works in `source`. `switch`: its data are
 * proved in `target`, and it is shut out of `source` for good. `take back`: it works in `source`, and what `target` has of it goes.
 */
export interface DatabaseMove {
  readonly slug: string;
  readonly source: Side;
  readonly target: Side;
  readonly step: "begin" | "copy" | "switch" | "take back";
}

/** The move that a request asks for; undefined where the tenants are in the folder of the target, which has one database. */
export async function findDatabaseMove(request: MoveRequest): Promise<DatabaseMove | undefined> {
  const { slugs, to, fleet } = request;
  const target = fleet.all.find(({ stack }) => stack === to);
  if (target === undefined) return undefined;
  const elsewhere = (slug: string) => inOtherFolders(request, slug, target);
  const [slug = ""] = slugs;
  if (slugs.every((one) => elsewhere(one).length === 0)) return undefined;
  if (slugs.length > 1) {
    throw new UsageError(
      `${slugs.join(", ")}: to another database tenants move one by one, since each is down meanwhile`,
    );
  }
  const [other, ...more] = elsewhere(slug);
  if (other === undefined || more.length > 0) {
    throw new Error(`${slug} has files in the folders of ${[other, ...more].map((one) => one?.stack).join(", ")}`);
  }
  refuseThird(request, slug, target);
  const [here, there] = await Promise.all([sideOf(request, slug, other), sideOf(request, slug, target)]);
  return { slug, ...(await stepOf(slug, here, there)) };
}

/**
 * The stacks of other folders that declare a tenant of that slug. Where the target's folder has one, those of other environments do not
 * count: there the same slug is another tenant.
 */
function inOtherFolders({ fleet }: MoveRequest, slug: string, target: StackFile): StackFile[] {
  const declaring = fleet.all.filter(({ stack }) => fleet.tenants.get(stack)?.includes(slug));
  const isHere = declaring.some(({ tenantsDir }) => tenantsDir === target.tenantsDir);
  return declaring.filter(
    ({ tenantsDir, environment }) =>
      tenantsDir !== target.tenantsDir && !(isHere && isOther(environment, target.environment)),
  );
}

function isOther(one: string | undefined, another: string | undefined): boolean {
  return one !== undefined && another !== undefined && one !== another;
}

/** In the target's folder the tenant may be none but the target's. */
function refuseThird({ fleet }: MoveRequest, slug: string, target: StackFile): void {
  const third = fleet.all.find(
    ({ stack, tenantsDir }) =>
      stack !== target.stack && tenantsDir === target.tenantsDir && fleet.tenants.get(stack)?.includes(slug),
  );
  if (third === undefined) return;
  throw new Error(`${slug} is on its way to ${third.stack}: give that stack, or take it back first`);
}

async function sideOf({ stacks }: MoveRequest, slug: string, { stack, fleet, tenantsDir }: StackFile): Promise<Side> {
  const file = resolve(PROJECT_DIR, tenantsDir, `${slug}.yaml`);
  return { stack, fleet, file, access: await stacks.open(stack) };
}

async function stepOf(slug: string, other: Side, to: Side): Promise<Omit<DatabaseMove, "slug">> {
  const there = to.access.everyStack.find((spec) => spec.slug === slug);
  const forward = { source: other, target: to };
  if (there === undefined) return { ...forward, step: "begin" };
  const hasMoved = async ({ access }: Side) =>
    (await withAdminConnection(adminTarget(access), (admin) => movedTo(admin, roleName(slug)))) !== undefined;
  if (await hasMoved(other)) return { ...forward, step: "switch" };
  if (await hasMoved(to)) {
    throw new Error(
      `${slug} has moved to ${other.stack}, and what ${to.stack} has of it is old: end that move first ` +
        `(\`npx b2b-tenants move ${slug} --to-stack ${other.stack} --finish\`), then move it back`,
    );
  }
  if (there.databaseOnly) return { ...forward, step: "copy" };
  if (other.access.everyStack.some((spec) => spec.slug === slug && spec.databaseOnly)) {
    return { source: to, target: other, step: "take back" };
  }
  throw new Error(
    `${other.file} and ${to.file} declare a tenant ${slug} each, and neither says \`databaseOnly\`: these are two tenants, and none of them ` +
      "is on its way to the other stack. Nothing was changed; a tenant moves to a stack that has none of its slug",
  );
}
