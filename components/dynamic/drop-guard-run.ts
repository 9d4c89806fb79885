/**
 * What `DropGuard` does when a deployment runs. The provider code stored in every stack's state loads this file by its path, so
 * neither path nor the names and arguments of its exports may change.
 */
import type { CreateResult, DiffResult, UpdateResult } from "@pulumi/pulumi/dynamic";
import { withAdminConnection } from "../../database/connection";
import { words } from "../../database/error-message";
import { inTurn } from "../../database/limiter";
import { dropTables, tablesWithRows } from "../../database/offboarding/drop-tables";
import { droppableFor, endSessions, WITHOUT_BACKUP } from "../../database/offboarding/fence";
import type { ConnectionTarget } from "../../domain/connection-string";
import { plainly } from "./plain-error";

/** The tenant, and the admin's login. */
export interface DropGuardInputs extends ConnectionTarget {
  readonly tenant: string;
  readonly role: string;
  readonly schema: string;
}

export async function create(inputs: DropGuardInputs): Promise<CreateResult> {
  return { id: `${inputs.database}.${inputs.schema}`, outs: state(inputs) };
}

/** Replaced where the schema is to be replaced, whose name is unknown then. A deletion has the password that was last taken note of. */
export async function diff(_id: string, olds: DropGuardInputs, news: DropGuardInputs): Promise<DiffResult> {
  const [before, after] = [state(olds), state(news)];
  const changed = (Object.keys(after) as (keyof DropGuardInputs)[]).filter((key) => before[key] !== after[key]);
  return { changes: changed.length > 0, replaces: changed.filter((key) => key === "schema") };
}

/** Takes note of what a removal will need. */
export async function update(_id: string, _olds: DropGuardInputs, news: DropGuardInputs): Promise<UpdateResult> {
  return { outs: state(news) };
}

/** The last thing before the schema is dropped: its tables are, if they hold just what the proved backup holds. */
export function remove(_id: string, props: DropGuardInputs): Promise<void> {
  return plainly(() =>
    inTurn(() =>
      letGo(props).catch((error: unknown) => {
        throw new Error(`schema ${props.schema} was not dropped: ${words(error)}`);
      }),
    ),
  );
}

async function letGo(props: DropGuardInputs): Promise<void> {
  const { tenant, role, schema } = props;
  await withAdminConnection(props, async (admin) => {
    const proof = await droppableFor(admin, role);
    if (proof === WITHOUT_BACKUP) return;
    const tables = await tablesWithRows(admin, schema);
    if (tables.length === 0) return;
    if (proof === undefined) throw new Error(noGate(tenant, tables));
    await endSessions(admin, role);
    await dropTables(admin, schema, role, proof);
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

/** Named one by one: the SDK's own `__provider` comes along in the inputs, and must not be stored twice. */
function state(inputs: DropGuardInputs): DropGuardInputs {
  const { tenant, role, schema, host, port, database, sslmode, user, password } = inputs;
  return { tenant, role, schema, host, port, database, sslmode, user, password };
}
