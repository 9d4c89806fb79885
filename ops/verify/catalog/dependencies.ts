import { alterKeyword, holdsNoRows, type Identified } from "../../../database/object-identity";
import { quoteIdentifier } from "../../../database/sql-text";
import type { Leak, Remedy } from "../leak";
import { type Catalogs, catalogQuery, type Enclosing, type Numbered, within, withTheRest } from "./catalogs";

interface UseRow extends Enclosing, Identified, Numbered {
  /** Tenant whose schema the user is in; null for a schema that is no tenant's. */
  readonly slug: string | null;
  /** Tenant whose object is used; null for a third role's. */
  readonly of: string | null;
  /** Whether it is code that is used. */
  readonly code: boolean;
  readonly usedType: string;
  readonly used: string;
  readonly classid: string;
  readonly usedClass: string;
  readonly usedOid: string;
  readonly owner: string;
  readonly usedOwner: string;
  /** The tenant's role; null for a schema that is no tenant's. */
  readonly who: string | null;
  /** The role whose object is used. */
  readonly usedWho: string;
  /** Name of the constraint, the column with a default or the publication; for a foreign data wrapper, the clause with the function. */
  readonly part: string | null;
  /** Of a generated column: `s` when its values are stored, `v` when it has none. */
  readonly generated: string | null;
  /** How columns of another's types become columns of the server's; null when they cannot. */
  readonly retyped: string | null;
  /** What else would be dropped with it: nothing, views that nothing else uses, or more. */
  readonly dependents: "none" | "views" | "others";
  /** Table, or domain, that it is a part of. */
  readonly table: string | null;
  /** Operator class, or else family, that it is a part of. */
  readonly holderType: string | null;
  readonly holder: string | null;
  readonly relkind: string | null;
  readonly partition: boolean | null;
  /** Whether it is a partition of what it uses, or inherits from it. */
  readonly child: boolean;
}

const DEPENDENCIES = catalogQuery<UseRow>("dependencies.sql");

/** Code runs with the rights of the role that uses it; through anything else its user reaches the role that owns it. */
export async function dependencies(catalogs: Catalogs): Promise<Leak[]> {
  const rows = await catalogs.objects(DEPENDENCIES);
  const used = await catalogs.identified(
    rows.map(({ usedType: type, used: identity, usedOid: oid }) => ({ type, identity, oid })),
  );
  return rows.map((found, index) => {
    const row = { ...found, used: used[index]?.identity ?? found.used };
    const closes = remedies(row, catalogs);
    const uses = `it uses ${row.usedType} ${row.used}`;
    const leak: Leak = {
      check: "dependency",
      role: row.code ? row.usedWho : (row.who ?? row.owner),
      // An object of the admin's in a tenant's schema runs that tenant's code with the admin's rights; no other tenant is reached.
      victim: (row.slug === row.of ? undefined : row.code ? row.slug : row.of) ?? undefined,
      schema: row.schema ?? undefined,
      object: `${row.type} ${row.identity}`,
      statement: `select pg_describe_object(${row.classid}, ${row.oid}, 0), pg_describe_object(${row.usedClass}, ${row.usedOid}, 0)`,
      closes,
      hint: closes.length > 0 ? uses : `${uses}: change it so that it does not, or drop it`,
    };
    return withTheRest(leak, row, catalogs.most);
  });
}

/** No remedy drops what holds rows. */
function remedies(row: UseRow, catalogs: Catalogs): Remedy[] {
  const { used, identity, table, relkind } = row;
  if (row.child) {
    const change = row.partition
      ? `alter table ${used} detach partition ${identity}`
      : `alter table ${identity} no inherit ${used}`;
    return catalogs.onBehalf(change, row.owner, row.usedOwner, row.shut ? row.schemaOwner : null);
  }
  if (row.slug !== null && row.slug === row.of && table !== null && relkind !== null && relkind in RELATIONS) {
    const change = `alter ${RELATIONS[relkind]} ${table} owner to ${quoteIdentifier(row.usedWho)}`;
    return catalogs.onBehalf(change, row.owner, row.usedOwner);
  }
  // Only a superuser makes operator classes, and the owner of a class need not own its family.
  if (row.holder !== null) return [{ as: catalogs.superuser, statement: ofOperatorClass(row, row.holder) }];
  const statement = removal(row);
  return statement === undefined ? [] : within(row.owner, statement, row);
}

/** Kinds that can be given to the tenant as a whole, by `relkind`. */
const RELATIONS: Readonly<Record<string, string>> = {
  r: "table",
  p: "table",
  f: "foreign table",
  v: "view",
  m: "materialized view",
};

/** What a class was made with can only be dropped with the class; what was added to a family can be taken out. */
function ofOperatorClass({ holderType, identity }: UseRow, holder: string): string {
  if (holderType === "operator class") return `drop operator class ${holder}`;
  return `alter operator family ${holder} drop ${identity.slice(0, -` of ${holder}`.length)}`;
}

function removal(row: UseRow): string | undefined {
  const { type, identity, part, table, relkind, retyped, dependents } = row;
  const cascade = dependents === "views" ? " cascade" : "";
  if (dependents === "others") return undefined;
  if (type === "rule" && identity.startsWith('"_RETURN" on ')) {
    return relkind === "v" ? `drop view if exists ${table}${cascade}` : undefined;
  }
  if (part !== null) return withoutPart(row, part);
  if (retyped !== null && type === "table") return `alter table ${table} ${retyped}`;
  return type === "event trigger" || holdsNoRows(type)
    ? `drop ${alterKeyword(type)} if exists ${identity}${cascade}`
    : undefined;
}

/** The same part may use what is of several tenants, and is told of for each. */
function withoutPart({ type, identity, table, used, generated }: UseRow, part: string): string | undefined {
  const name = quoteIdentifier(part);
  // A column whose values are not stored holds none.
  const column = generated === "v" ? `drop column if exists ${name}` : undefined;
  const clause = generated === "s" ? "drop expression if exists" : "drop default";
  const changes: Readonly<Record<string, string>> = {
    "table constraint": `alter table ${table} drop constraint if exists ${name}`,
    "domain constraint": `alter domain ${table} drop constraint if exists ${name}`,
    "default value": `alter table ${table} ${column ?? `alter column ${name} ${clause}`}`,
    "publication relation": `alter publication ${name} drop table ${used}`,
    "foreign-data wrapper": `alter foreign data wrapper ${identity} no ${part}`,
  };
  return changes[type];
}
