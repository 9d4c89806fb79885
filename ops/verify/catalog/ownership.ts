import { escapeLiteral } from "pg";
import { alterKeyword, type Identified } from "../../../database/object-identity";
import { referencesHere } from "../../../database/offboarding/rights-elsewhere";
import { quoteIdentifier } from "../../../database/sql-text";
import { roleName, schemaName } from "../../../domain/names";
import { message } from "../../message";
import type { Leak, Remedy } from "../leak";
import { type Catalogs, catalogQuery, type Numbered, showOwner, withTheRest } from "./catalogs";

interface OwnedByAnother extends Identified, Numbered {
  readonly slug: string;
  /** Name of the tenant's role; null where there is none. */
  readonly tenant: string | null;
  readonly classid: string;
  readonly owner: string;
}

const OWNED_BY_OTHERS = catalogQuery<OwnedByAnother>("owned-by-others.sql");

/** A tenant's schema, or something in it, belongs to another tenant or to a third role. */
export async function ownedByOthers(catalogs: Catalogs): Promise<Leak[]> {
  return (await catalogs.objects(OWNED_BY_OTHERS)).map((row) => {
    const leak: Leak = {
      check: "ownership",
      role: row.owner,
      victim: row.slug,
      schema: schemaName(row.slug),
      object: `${row.type} ${row.identity}`,
      statement: showOwner(row.classid, row.oid),
      closes: row.tenant === null ? [] : catalogs.onBehalf(giveTo(row.tenant, row), row.owner, row.tenant),
      ...(row.tenant === null ? { hint: message("noRole", { role: roleName(row.slug) }) } : {}),
    };
    return withTheRest(leak, row, catalogs.most);
  });
}

/** The owner of an extension cannot be changed. */
function giveTo(tenant: string, { type, identity }: Identified): string {
  return type === "extension"
    ? `drop extension ${identity}`
    : `alter ${alterKeyword(type)} ${identity} owner to ${quoteIdentifier(tenant)}`;
}

interface OwnedOutside extends Identified, Numbered {
  readonly tenant: string;
  /** Name of the tenant's schema. */
  readonly place: string;
  readonly hasSchema: boolean;
  /** Of the schema that it is in; null where it is in none. */
  readonly schema: string | null;
  readonly schemaOwner: string | null;
  /** Quoted name of the extension that brought it along; null where none did. */
  readonly extension: string | null;
  /** Whether the server lets the admin own such an object. */
  readonly forAdmin: boolean;
  readonly classid: string;
}

interface OwnedInAnotherDatabase {
  readonly tenant: string;
  /** Quoted. */
  readonly database: string;
  readonly number: number;
}

const OWNED_OUTSIDE = catalogQuery<OwnedOutside>("owned-outside.sql");
const OWNED_IN_OTHER_DATABASES = catalogQuery<OwnedInAnotherDatabase>("owned-in-other-databases.sql");

/** A tenant owns something outside its schema. */
export async function ownedOutside(catalogs: Catalogs): Promise<Leak[]> {
  const here = (await catalogs.objects(OWNED_OUTSIDE)).map((row) => {
    const leak: Leak = {
      check: "ownership",
      role: row.tenant,
      victim: undefined,
      schema: row.schema ?? undefined,
      object: `${row.type} ${row.identity}`,
      statement: showOwner(row.classid, row.oid),
      closes: movedInside(row, catalogs),
      ...hintOutside(row),
    };
    return withTheRest(leak, row, catalogs.most);
  });
  const elsewhere = (await catalogs.rows(OWNED_IN_OTHER_DATABASES)).map(({ tenant, database, number }): Leak => {
    const role = quoteIdentifier(tenant);
    return {
      check: "ownership",
      role: tenant,
      victim: undefined,
      object: `${number === 1 ? "an object" : `${number} objects`} in database ${database}`,
      statement: referencesHere(tenant),
      closes: [],
      hint: message("inDatabase", { database, role }),
    };
  });
  return [...here, ...elsewhere];
}

function hintOutside({ hasSchema, schema, place, extension }: OwnedOutside): Pick<Leak, "hint"> {
  if (schema === null) return {};
  if (!hasSchema) return { hint: message("noSchema", { schema: place }) };
  return extension === null ? {} : { hint: message("ofExtension", { extension }) };
}

/**
 * What lives in another schema moves into the tenant's. It is not given to the admin: a view or a `security definer` function that
 * the tenant wrote would have the admin's rights from then on.
 */
function movedInside(row: OwnedOutside, catalogs: Catalogs): Remedy[] {
  if (row.schema !== null && !row.hasSchema) return [];
  const change = `alter ${alterKeyword(row.type)} ${row.identity}`;
  const acting = [row.tenant, row.schemaOwner] as const;
  if (row.schema !== null) return catalogs.onBehalf(`${change} set schema ${quoteIdentifier(row.place)}`, ...acting);
  if (row.forAdmin)
    return catalogs.onBehalf(`${change} owner to ${quoteIdentifier(catalogs.ground.adminUser)}`, ...acting);
  return [{ as: catalogs.superuser, statement: `${change} owner to ${quoteIdentifier(catalogs.superuser)}` }];
}

interface OwnedLargeObjects {
  readonly tenant: string;
  readonly first: string;
  readonly number: number;
}

const OWNED_LARGE_OBJECTS = catalogQuery<OwnedLargeObjects>("owned-large-objects.sql");

/** A tenant owns large objects. */
export async function ownedLargeObjects(catalogs: Catalogs): Promise<Leak[]> {
  return (await catalogs.rows(OWNED_LARGE_OBJECTS)).map(({ tenant, first, number }) => {
    const ofTenant = `from pg_largeobject_metadata where lomowner = ${escapeLiteral(quoteIdentifier(tenant))}::regrole`;
    return {
      check: "ownership",
      role: tenant,
      victim: undefined,
      object: number === 1 ? `large object ${first}` : `large object ${first} and ${number - 1} more`,
      statement: `select oid ${ofTenant}`,
      closes: catalogs.onBehalf(handOver(ofTenant, catalogs.ground.adminUser), tenant),
      hint: message("keepLargeObjects"),
    };
  });
}

/** All of them, in the one form that takes an oid from a query. */
function handOver(ofTenant: string, admin: string): string {
  const each = `select format('alter large object %s owner to %I', oid, ${escapeLiteral(admin)}) ${ofTenant}`;
  return `do ${escapeLiteral(`declare change text; begin for change in ${each} loop execute change; end loop; end`)}`;
}
