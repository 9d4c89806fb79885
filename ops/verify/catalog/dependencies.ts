import type { Leak, Remedy } from "../leak";
import { quoted } from "../quoted";
import { onBehalf, within } from "./remedies";
import type { Scene } from "./scene";
import { USES, type UseRow } from "./uses";

/** Code runs with the rights of whoever uses it; anything else lets its user reach whose it is. */
export async function dependencies(scene: Scene): Promise<Leak[]> {
  return (await scene.rows<UseRow>(USES)).map((row) => {
    const closes = remedies(row, scene.ground.adminUser);
    const uses = `it uses ${row.usedType} ${row.used}`;
    return {
      check: "dependency" as const,
      role: row.code ? row.usedWho : (row.who ?? row.owner),
      victim: (row.code ? row.slug : row.of) ?? undefined,
      schema: row.schema ?? undefined,
      object: `${row.type} ${row.identity}`,
      statement: `select pg_describe_object(${row.classid}, ${row.oid}, 0), pg_describe_object(${row.usedClass}, ${row.usedOid}, 0)`,
      closes,
      hint: closes.length > 0 ? uses : `${uses}: change it so that it does not, or drop it`,
    };
  });
}

/** Nothing that holds rows is dropped. */
function remedies(row: UseRow, adminUser: string): Remedy[] {
  if (row.child) {
    const change = row.partition
      ? `alter table ${row.used} detach partition ${row.identity}`
      : `alter table ${row.identity} no inherit ${row.used}`;
    return onBehalf(change, { ...row, adminUser });
  }
  const statement = removal(row);
  return statement === undefined ? [] : within(row.owner, statement, row);
}

/** Kinds that hold no rows, by the word that `drop` takes for them. */
const REMOVABLE: Readonly<Record<string, string>> = {
  ...{ trigger: "trigger", rule: "rule", policy: "policy", index: "index", operator: "operator" },
  ...{ function: "routine", procedure: "routine", aggregate: "routine", "statistics object": "statistics" },
  ...{ "event trigger": "event trigger" },
};

function removal({ type, identity, part, table, relkind, used }: UseRow): string | undefined {
  if (type === "rule" && identity.startsWith('"_RETURN" on ')) {
    return relkind === "v" ? `drop view ${table}` : undefined;
  }
  if (type === "table constraint" && part !== null) {
    return `alter table ${table} drop constraint ${quoted(part)}`;
  }
  if (type === "default value" && part !== null) {
    return `alter table ${table} alter column ${quoted(part)} drop default`;
  }
  if (type === "publication relation" && part !== null) {
    return `alter publication ${quoted(part)} drop table ${used}`;
  }
  const keyword = REMOVABLE[type];
  return keyword && `drop ${keyword} ${identity}`;
}
