import { message } from "../../message";
import type { Leak } from "../leak";
import { type Catalogs, catalogQuery, type Numbered, withTheRest } from "./catalogs";
import { dependencyRemedies, type Use } from "./dependency-remedies";

interface UseRow extends Use, Numbered {
  /** Whether it is code that is used. */
  readonly code: boolean;
  readonly usedType: string;
  readonly usedClass: string;
  /** Quoted names of a table's columns that stay bound to what generated them; null where there are none. */
  readonly bound: string | null;
  /** The tenant's role; null for a schema that is no tenant's. */
  readonly who: string | null;
}

const DEPENDENCIES = catalogQuery<UseRow>("dependencies.sql");

/** Code runs with the rights of the role that uses it; through anything else its user reaches the role that owns it. */
export async function dependencies(catalogs: Catalogs): Promise<Leak[]> {
  const found = await catalogs.objects(DEPENDENCIES);
  const used = await catalogs.identified(
    found.map(({ usedType: type, used: identity, usedOid: oid }) => ({ type, identity, oid })),
  );
  const rows = found.map((row, index) => ({ ...row, used: used[index]?.identity ?? row.used }));
  const remedies = await dependencyRemedies(rows, catalogs);
  return rows.map((row, index) => {
    const closes = remedies[index] ?? [];
    const leak: Leak = {
      check: "dependency",
      role: row.code ? row.usedWho : (row.who ?? row.owner),
      // An object of the admin's in a tenant's schema runs that tenant's code with the admin's rights; no other tenant is reached.
      victim: (row.slug === row.of ? undefined : row.code ? row.slug : row.of) ?? undefined,
      schema: row.schema ?? undefined,
      object: `${row.type} ${row.identity}`,
      statement: `select pg_describe_object(${row.classid}, ${row.oid}, 0), pg_describe_object(${row.usedClass}, ${row.usedOid}, 0)`,
      closes,
      hint: hintOf(row, closes.length > 0),
    };
    return withTheRest(leak, row, catalogs.most);
  });
}

function hintOf({ usedType, used, bound }: UseRow, closed: boolean): Leak["hint"] {
  const what = `${usedType} ${used}`;
  if (!closed && bound !== null) return message("boundColumn", { what, columns: bound });
  return message(closed ? "uses" : "usesUnclosed", { what });
}
