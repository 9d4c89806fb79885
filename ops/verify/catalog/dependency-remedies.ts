import { alterKeyword, holdsNoRows, type Identified } from "../../../database/object-identity";
import { quoteIdentifier } from "../../../database/sql-text";
import type { Remedy } from "../leak";
import { type Catalogs, catalogQuery, type Enclosing, within } from "./catalogs";

/** An object that uses another's. */
export interface Use extends Enclosing, Identified {
  /** Tenant whose schema it is in; null for a schema that is no tenant's. */
  readonly slug: string | null;
  /** Tenant whose object is used; null for a third role's. */
  readonly of: string | null;
  readonly classid: string;
  readonly owner: string;
  readonly used: string;
  readonly usedOid: string;
  readonly usedOwner: string;
  /** The role whose object is used. */
  readonly usedWho: string;
  /** Table that it belongs to, or that it is; null where there is none. */
  readonly tableOid: string | null;
  /** Numbers of a table's columns that are of another's types. */
  readonly columns: readonly number[];
  /** Whether it is a partition of what it uses, or inherits from it. */
  readonly child: boolean;
  /** Owner of the parent's schema, where the parent's owner may not use it; null for no child, too. */
  readonly parentShutBy: string | null;
}

/** What it takes to end a use. */
interface Means {
  /** Name of the constraint, also of an index's, the column with a default or the publication; of a foreign data wrapper, its clause. */
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
  /** Schemas that its identity names besides its own, and that its owner may not use. */
  readonly named: readonly Enclosing[];
  readonly relkind: string | null;
  readonly partition: boolean | null;
}

const MEANS = catalogQuery<Means>("dependency-remedies.sql");

/** @returns For each use the statements that end it; none where it takes more than statements. */
export async function dependencyRemedies(rows: readonly Use[], catalogs: Catalogs): Promise<Remedy[][]> {
  if (rows.length === 0) return [];
  const uses = rows.map(({ classid, oid, usedOid, tableOid, columns }) => ({
    classid,
    oid,
    usedOid,
    tableOid,
    columns,
  }));
  const means = await catalogs.rows(MEANS, { uses: JSON.stringify(uses) });
  return rows.map((row, index) => {
    const own = means[index];
    return own === undefined ? [] : remedies({ ...row, ...own }, catalogs);
  });
}

/** No remedy drops what holds rows. */
function remedies(row: Use & Means, catalogs: Catalogs): Remedy[] {
  const { used, identity, table, relkind } = row;
  if (row.child) {
    const change = row.partition
      ? `alter table ${used} detach partition ${identity}`
      : `alter table ${identity} no inherit ${used}`;
    return catalogs.onBehalf(change, row.owner, row.usedOwner, row.shut ? row.schemaOwner : null, row.parentShutBy);
  }
  if (row.slug !== null && row.slug === row.of && table !== null && relkind !== null && relkind in RELATIONS) {
    const change = `alter ${RELATIONS[relkind]} ${table} owner to ${quoteIdentifier(row.usedWho)}`;
    return catalogs.onBehalf(change, row.owner, row.usedOwner);
  }
  // Only a superuser makes operator classes, and the owner of a class need not own its family.
  if (row.holder !== null) return [{ as: catalogs.superuser, statement: ofOperatorClass(row, row.holder) }];
  const statement = removal(row);
  return statement === undefined ? [] : within(row.owner, statement, row, ...row.named);
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
function ofOperatorClass({ holderType, identity }: Use & Means, holder: string): string {
  if (holderType === "operator class") return `drop operator class ${holder}`;
  return `alter operator family ${holder} drop ${identity.slice(0, -` of ${holder}`.length)}`;
}

function removal(row: Use & Means): string | undefined {
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
function withoutPart({ type, identity, table, used, generated }: Use & Means, part: string): string | undefined {
  const name = quoteIdentifier(part);
  // A column whose values are not stored holds none.
  const column = generated === "v" ? `drop column if exists ${name}` : undefined;
  const clause = generated === "s" ? "drop expression if exists" : "drop default";
  const changes: Readonly<Record<string, string>> = {
    "table constraint": `alter table ${table} drop constraint if exists ${name}`,
    index: `alter table ${table} drop constraint if exists ${name}`,
    "domain constraint": `alter domain ${table} drop constraint if exists ${name}`,
    "default value": `alter table ${table} ${column ?? `alter column ${name} ${clause}`}`,
    "publication relation": `alter publication ${name} drop table ${used}`,
    "foreign-data wrapper": `alter foreign data wrapper ${identity} no ${part}`,
  };
  return changes[type];
}
