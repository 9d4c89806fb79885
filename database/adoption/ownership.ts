/** Differences of a tenant made by hand: who owns its schema and what is in it, and what its role owns elsewhere. */
import { type Client, escapeIdentifier } from "pg";
import { type Dependent, dependentsOutside } from "../backup/beyond-schema";
import { alterKeyword, holdsNoRows, type Identified, withRoutineArguments } from "../object-identity";
import { type Difference, differencesIn, type HandMade } from "./difference";

/** The schema belongs to another role. */
export async function schemaOfAnother(admin: Client, { role, schema, schemaOid }: HandMade): Promise<Difference[]> {
  const { rows } = await admin.query<{ owner: string }>(
    "select pg_get_userbyid(nspowner)::text as owner from pg_namespace where oid = $1",
    [schemaOid],
  );
  return rows
    .filter(({ owner }) => owner !== role)
    .map(({ owner }) => ({
      what: `schema ${schema} belongs to ${owner}`,
      statement: `alter schema ${escapeIdentifier(schema)} owner to ${escapeIdentifier(role)}`,
      as: [owner, role],
    }));
}

interface OwnedByAnother extends Identified {
  readonly owner: string;
}

/** Something in the schema belongs to another role. */
export const ownedByOthers = differencesIn<OwnedByAnother>(
  "owned-by-others.sql",
  ({ type, identity, owner }, { role }) => ({
    what: `${type} ${identity} belongs to ${owner}`,
    // The owner of an extension cannot be changed.
    statement:
      type === "extension"
        ? `drop extension ${identity}`
        : `alter ${alterKeyword(type)} ${identity} owner to ${escapeIdentifier(role)}`,
    as: [owner, role],
  }),
);

interface OwnedElsewhere extends Identified {
  readonly inSchema: boolean;
}

/**
 * The role owns something outside its schema. What lives in another schema moves into the tenant's, and brings its privileges along: they
 * are compared as those inside are. It is not given to the admin: a view or a `security definer` function that the tenant wrote would
 * have the admin's rights from then on.
 */
export const ownedElsewhere = differencesIn<OwnedElsewhere>(
  "owned-elsewhere.sql",
  ({ type, identity, inSchema }, { role, schema }, admin) => ({
    what: `${type} ${identity} belongs to ${role}, and is not in its schema`,
    statement: inSchema
      ? `alter ${alterKeyword(type)} ${identity} set schema ${escapeIdentifier(schema)}`
      : `alter ${alterKeyword(type)} ${identity} owner to ${escapeIdentifier(admin.user ?? "")}`,
    as: [role],
  }),
);

/** Something of the role's is in another database; only a session there can tell what it is. */
export async function inOtherDatabases(admin: Client, { role, roleOid }: HandMade): Promise<Difference[]> {
  const { rows } = await admin.query<{ name: string; number: number }>(
    `select datname as name, count(*)::integer as number from pg_shdepend join pg_database on pg_database.oid = dbid
      where refclassid = 'pg_authid'::regclass and refobjid = $1 and datname <> current_database() group by 1 order by 1`,
    [roleOid],
  );
  return rows.map(({ name, number }) => ({
    what: `${role} owns objects or has privileges in database ${name}: ${number}. Connect to it, look with this, and take them away`,
    statement: `select pg_describe_object(classid, objid, objsubid), deptype from pg_shdepend where dbid = (select oid from pg_database where datname = current_database()) and refobjid = ${roleOid}`,
    as: [],
  }));
}

/**
 * Something outside uses what is in the schema: another tenant's table may run the tenant's code, and would lose it with the tenant.
 * Left out is what belongs to the role, which moves into the schema, and what belongs to an extension, which stays with that.
 */
export async function usedOutside(admin: Client, { role, schema }: HandMade): Promise<Difference[]> {
  const dependents = await withRoutineArguments(admin, await dependentsOutside(admin, schema));
  return dependents
    .filter(({ owner, ofExtension }) => owner !== role && !ofExtension)
    .map((dependent) => {
      const what = `${dependent.description.replace(/^rule _RETURN on /, "")} is outside ${schema}, and uses what is in it`;
      const statement = removal(dependent);
      return statement === undefined
        ? { what: `${what}: look at it, and drop it or remove its dependency`, statement, as: [] }
        : { what, statement, as: dependent.owner === null ? [] : [dependent.owner] };
    });
}

const QUERY_OF = '"_RETURN" on ';

/** `if exists`: it may be part of something that was dropped before it. */
function removal({ description, type, identity }: Dependent): string | undefined {
  if (!holdsNoRows(type)) return undefined;
  if (type !== "rule" || !identity.startsWith(QUERY_OF)) return `drop ${alterKeyword(type)} if exists ${identity}`;
  // A materialized view holds rows.
  return description.startsWith("rule _RETURN on view ")
    ? `drop view if exists ${identity.slice(QUERY_OF.length)}`
    : undefined;
}
