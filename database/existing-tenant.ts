/** Checks whether a new tenant's role or schema exists already, and refuses what is not the tenant's own. */
import type { Client } from "pg";
import { printable } from "../domain/printable";
import { foreignObjects, schemaComment } from "./foreign-objects";
import { loginsOf } from "./rotation/tenant-logins";
import { initialisedWith } from "./schema-marker";

/** What is there has to be put right by a person; nothing of it was changed. */
export class Refusal extends Error {}

/** Names of what belongs to a tenant in the database. */
export interface TenantNames {
  /** The slug, for messages. */
  readonly tenant: string;
  readonly role: string;
  readonly schema: string;
}

/** What there is of a tenant: undefined for what there is not. */
export interface ExistingTenant {
  readonly roleOid: string | undefined;
  readonly schemaOid: string | undefined;
  readonly schemaOwner: string | undefined;
}

export async function existingTenant(admin: Client, { role, schema }: TenantNames): Promise<ExistingTenant> {
  const { rows } = await admin.query<Record<"role" | "schema" | "owner", string | null>>(
    `select r.oid::text as role, n.oid::text as schema, pg_get_userbyid(n.nspowner)::text as owner
       from (select) as one left join pg_roles r on rolname = $1 left join pg_namespace n on nspname = $2`,
    [role, schema],
  );
  const [found] = rows;
  return {
    roleOid: found?.role ?? undefined,
    schemaOid: found?.schema ?? undefined,
    schemaOwner: found?.owner ?? undefined,
  };
}

/**
 * Refuses a role or schema that is there before the tenant is. The provider would take over the schema without a word, and a
 * removal of the tenant would drop it with all that is in it.
 *
 * @param known the tenant is one of this stack: its role, and a schema of that role which is empty or bears the program's marker,
 * are its own.
 * @throws Refusal that names what is there and what to do.
 */
export async function refuseExisting(admin: Client, names: TenantNames, known: boolean): Promise<void> {
  const { tenant, role, schema } = names;
  const { schemaOid, schemaOwner } = await existingTenant(admin, names);
  const there: string[] = [];
  if (!known) there.push(...(await loginsOf(admin, role)).map((login) => `role ${login} already exists`));
  if (schemaOid !== undefined) {
    const objects = await foreignObjects(admin, schema);
    if (objects !== undefined)
      there.push(`schema ${schema} already holds ${objects}, which this program did not create`);
    else if (schemaOwner !== role)
      there.push(`schema ${schema} already exists and belongs to ${printable(schemaOwner ?? "")}`);
    else if (!known) there.push(await describeOwn(admin, schema));
  }
  if (there.length === 0) return;
  throw new Refusal(
    `${there.join("; ")}. Nothing of that was touched. If it is tenant ${tenant}'s own and was made by hand, set 'adopt: true' in ` +
      "its file; if it is somebody else's, give the tenant another slug or move it out of the way. If the tenant still lives in " +
      "another stack, run that one's `up` first. If a run died that was making this tenant, run `npx b2b-tenants recover --stack STACK`",
  );
}

async function describeOwn(admin: Client, schema: string): Promise<string> {
  const made = initialisedWith((await schemaComment(admin, schema)) ?? null) !== undefined;
  return `schema ${schema} already exists${made ? " with the tables that this program made" : ", empty"}`;
}
