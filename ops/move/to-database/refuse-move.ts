import { backupTools } from "../../../database/backup/take-backup";
import { withAdminConnection } from "../../../database/connection";
import { existingTenant } from "../../../database/existing-tenant";
import { handoverOf } from "../../../database/rotation/handover";
import { roleName, schemaName } from "../../../domain/names";
import { adminTarget } from "../../stack/admin-target";
import { isUncommitted } from "../is-uncommitted";
import type { MovableStacks } from "../movable-stacks";
import { openedStacks } from "../plan-move";
import { refuseAdoption } from "../refusals";
import { haveOneDatabase, stackDifferences } from "../stack-differences";
import { resourcesOf } from "../tenant-state";
import type { DatabaseMove } from "./find-move";

/** What two databases may have of their own, what the target makes anew, and what it says once it declares the tenant. */
const OF_THE_DATABASE =
  /^(database|backups|migrations|limits|server)\.|^network\.databaseSecurityGroupId |^alarms\.databaseInstance /;

/** @throws Error for what a move that has not begun is refused for; nothing was changed. */
export async function refuseMove(move: DatabaseMove, stacks: MovableStacks): Promise<void> {
  const { slug, source, target } = move;
  if (!(await stacks.deployer.existing()).has(target.stack)) {
    throw new Error(
      `the stack ${target.stack} has not been made: \`npx pulumi stack init ${target.stack}\`, with the passphrase or key of the others`,
    );
  }
  if (haveOneDatabase(source.access.settings, target.access.settings)) {
    throw new Error(
      `${source.stack} and ${target.stack} have their tenants in folders of their own, and one database: give them one folder (docs/fleet.md)`,
    );
  }
  const differences = stackDifferences(source.access, target.access, slug).filter((one) => !OF_THE_DATABASE.test(one));
  if (differences.length > 0) {
    throw new Error(
      `${source.stack} and ${target.stack} differ in what the server of ${slug} is made of: ${differences.join("; ")}. Make their settings ` +
        "alike, or write it into the tenant's file, and run `up` before the move",
    );
  }
  const opened = await openedStacks(stacks, [source.stack, target.stack]);
  const holds = ({ stack }: { readonly stack: string }) =>
    resourcesOf(opened.get(stack)?.state ?? { version: 3, deployment: {} }, slug).length > 0;
  if (!holds(source)) throw new Error(`${source.stack} has not made ${slug} yet, so there is nothing to move`);
  if (move.step !== "begin") return;
  if (holds(target))
    throw new Error(`${target.stack} has a tenant ${slug} in its state that no file declares: run its \`up\` first`);
  refuseAdoption(source.access, slug, source.file);
  if (isUncommitted(source.file)) {
    throw new Error(
      `${source.file} has changes that are not committed: commit or undo them first, then run this again`,
    );
  }
  await refuseDatabases(move);
}

async function refuseDatabases({ slug, source, target }: DatabaseMove): Promise<void> {
  const names = { tenant: slug, role: roleName(slug), schema: schemaName(slug) };
  await withAdminConnection(adminTarget(target.access), async (admin) => {
    await backupTools(admin, target.access.env);
    const { roleOid, schemaOid } = await existingTenant(admin, names);
    const there = [...(roleOid ? [`a role ${names.role}`] : []), ...(schemaOid ? [`a schema ${names.schema}`] : [])];
    if (there.length > 0) {
      throw new Error(
        `the database of ${target.stack} has ${there.join(" and ")} already: drop it there, or give the tenant another slug`,
      );
    }
  });
  await withAdminConnection(adminTarget(source.access), async (admin) => {
    await backupTools(admin, target.access.env);
    if ((await handoverOf(admin, names.role)) === undefined) return;
    throw new Error(
      `the last rotation of the password of ${slug} has not ended: see that its server runs and reads its parameters, and run \`up\` of ${source.stack}`,
    );
  });
}
