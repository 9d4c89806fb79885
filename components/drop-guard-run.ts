/**
 * What `DropGuard` does when a deployment runs. The provider code stored in every stack's state loads this file by its path, so
 * neither path nor the names and arguments of its exports may change.
 */
import type { CreateResult, DiffResult, UpdateResult } from "@pulumi/pulumi/dynamic";
import type { Client } from "pg";
import type { ConnectionTarget } from "../domain/connection-string";
import { printable } from "../domain/printable";
import { withAdminConnection } from "./database-connection";
import { isDroppable } from "./fence";
import { plainly } from "./plain-error";

/** The tenant, and the admin's login. */
export interface DropGuardInputs extends ConnectionTarget {
  readonly tenant: string;
  readonly role: string;
  readonly schema: string;
}

const NAMED = 5;

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

/** The last thing before the schema is dropped. */
export function remove(_id: string, props: DropGuardInputs): Promise<void> {
  const { tenant, role, schema } = props;
  return plainly(() =>
    withAdminConnection(props, async (admin) => {
      if (await isDroppable(admin, role)) return;
      const tables = await tablesWithRows(admin, schema);
      if (tables.length === 0) return;
      const more = tables.length > NAMED ? ` and ${tables.length - NAMED} more` : "";
      throw new Error(
        `schema ${schema} holds rows (${tables.slice(0, NAMED).map(printable).join(", ")}${more}), and tenant ${tenant} has ` +
          "not passed its gate, so no backup of them was proved. Nothing of it was dropped. Put the tenant's file back and run " +
          "`up`, which completes the tenant and its gate; then remove it. To leave it to somebody's hand instead, take it out of " +
          "the state: pulumi state delete, with the URNs of its database",
      );
    }),
  );
}

/** Tables whose file is not empty. No row is looked at here: a query could run the tenant's code, with the admin's rights. */
async function tablesWithRows(admin: Client, schema: string): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = (select oid from pg_namespace where nspname = $1)
        and relkind in ('r', 'm') and pg_relation_size(oid) > 0 order by relname`,
    [schema],
  );
  return rows.map(({ name }) => name);
}

/** Named one by one: the SDK's own `__provider` comes along in the inputs, and must not be stored twice. */
function state(inputs: DropGuardInputs): DropGuardInputs {
  const { tenant, role, schema, host, port, database, sslmode, user, password } = inputs;
  return { tenant, role, schema, host, port, database, sslmode, user, password };
}
