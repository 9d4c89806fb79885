/** What `DropGuard` does when a deployment runs. See README.md in this folder: path, names and arguments of the exports are frozen. */
import type { CreateResult, DiffResult, UpdateResult } from "@pulumi/pulumi/dynamic";
import { whatOthersWouldLose } from "../../database/backup/beyond-schema";
import { ConnectionRefused, withAdminConnection } from "../../database/connection";
import { errorMessage } from "../../database/error-message";
import { dropRest } from "../../database/offboarding/drop-rest";
import { dropTables, tablesWithStoredData } from "../../database/offboarding/drop-tables";
import { droppableFor, endSessions, WITHOUT_BACKUP } from "../../database/offboarding/fence";
import { removals } from "../../database/offboarding/offboarding-lock";
import { endRightsElsewhere, whatKeepsRole } from "../../database/offboarding/rights-elsewhere";
import { STORED_LOGIN } from "../../database/offboarding/stored-login";
import type { ConnectionTarget } from "../../domain/connection-string";
import { withPlainErrors } from "./plain-errors";
import { changedKeys, LOGIN_KEYS, type StoredKeys, storedInputs } from "./stored-inputs";

/** The tenant, and the admin's login. */
export interface DropGuardInputs extends ConnectionTarget {
  readonly tenant: string;
  readonly role: string;
  readonly schema: string;
}

const KEYS: StoredKeys<DropGuardInputs> = { tenant: true, role: true, schema: true, ...LOGIN_KEYS };

export const create = withPlainErrors(
  async (inputs: DropGuardInputs): Promise<CreateResult> => ({
    id: `${inputs.database}.${inputs.schema}`,
    outs: storedInputs(KEYS, inputs),
  }),
);

/**
 * Replaced where the schema is to be replaced, whose name is unknown then. A deletion logs in with the password of the last
 * update.
 */
export const diff = withPlainErrors(
  async (_id: string, olds: DropGuardInputs, news: DropGuardInputs): Promise<DiffResult> => {
    const changed = changedKeys(KEYS, olds, news);
    return { changes: changed.length > 0, replaces: changed.filter((key) => key === "schema") };
  },
);

/** Stores what a removal will need. */
export const update = withPlainErrors(
  async (_id: string, _olds: DropGuardInputs, news: DropGuardInputs): Promise<UpdateResult> => ({
    outs: storedInputs(KEYS, news),
  }),
);

/** The last step before the schema is dropped: drops its tables, if they hold exactly what the proved backup holds. */
export const remove = withPlainErrors((_id: string, props: DropGuardInputs) =>
  removals(() =>
    dropProvedTables(props).catch((error: unknown) => {
      const advice = error instanceof ConnectionRefused ? `. ${STORED_LOGIN}` : "";
      throw new Error(`schema ${props.schema} was not dropped: ${errorMessage(error)}${advice}`);
    }),
  ),
);

async function dropProvedTables(props: DropGuardInputs): Promise<void> {
  const { tenant, role, schema } = props;
  await withAdminConnection(props, async (admin) => {
    const proof = await droppableFor(admin, role);
    const tables = proof === WITHOUT_BACKUP ? [] : await tablesWithStoredData(admin, schema);
    if (tables.length > 0 && proof === undefined) throw new Error(noGate(tenant, tables));
    const kept = [...(await whatOthersWouldLose(admin, schema, role)), ...(await whatKeepsRole(admin, schema, role))];
    if (kept.length > 0) throw new Error(kept.join("; "));
    if (tables.length > 0 && proof !== undefined) {
      await endSessions(admin, role);
      await dropTables(admin, schema, role, proof);
    }
    // From here on there is no way back, and what the tenant may do elsewhere is of no use any more.
    await endRightsElsewhere(admin, schema, role);
    if (proof !== undefined) await dropRest(admin, schema, role);
  });
}

const NAMED = 5;

function noGate(tenant: string, tables: readonly string[]): string {
  const more = tables.length > NAMED ? ` and ${tables.length - NAMED} more` : "";
  return (
    `it holds rows (${tables.slice(0, NAMED).join(", ")}${more}), and tenant ${tenant} has not passed its gate, so no backup of ` +
    "them was proved. Put the tenant's file back and run `up`, which completes the tenant and its gate; then remove it. To leave " +
    "it to somebody's hand instead, take it out of the state: pulumi state delete, with the URNs of its database"
  );
}

/** As the SDK calls it. */
export { remove as delete };
