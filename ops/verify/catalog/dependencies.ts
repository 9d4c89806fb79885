import type { Leak, Remedy } from "../leak";
import { quoted } from "../quoted";
import { withTheRest } from "./most";
import { onBehalf, within } from "./remedies";
import type { Scene } from "./scene";
import { USES, type UseRow } from "./uses";

/** Code runs with the rights of whoever uses it; anything else lets its user reach whose it is. */
export async function dependencies(scene: Scene): Promise<Leak[]> {
  return (await scene.rows<UseRow>(USES)).map((row) => {
    const closes = remedies(row, scene.ground.adminUser);
    const uses = `it uses ${row.usedType} ${row.used}`;
    const leak: Leak = {
      check: "dependency",
      role: row.code ? row.usedWho : (row.who ?? row.owner),
      // What the admin has in a tenant's schema runs its code with the admin's rights, and not with another tenant's.
      victim: (row.slug === row.of ? undefined : row.code ? row.slug : row.of) ?? undefined,
      schema: row.schema ?? undefined,
      object: `${row.type} ${row.identity}`,
      statement: `select pg_describe_object(${row.classid}, ${row.oid}, 0), pg_describe_object(${row.usedClass}, ${row.usedOid}, 0)`,
      closes,
      hint: closes.length > 0 ? uses : `${uses}: change it so that it does not, or drop it`,
    };
    return withTheRest(leak, row);
  });
}

/** Nothing that holds rows is dropped. */
function remedies(row: UseRow, adminUser: string): Remedy[] {
  const { used, identity, table, relkind } = row;
  if (row.child) {
    const change = row.partition
      ? `alter table ${used} detach partition ${identity}`
      : `alter table ${identity} no inherit ${used}`;
    return onBehalf(change, { ...row, adminUser });
  }
  if (row.slug !== null && row.slug === row.of && table !== null && relkind !== null && relkind in RELATIONS) {
    return onBehalf(`alter ${RELATIONS[relkind]} ${table} owner to ${quoted(row.usedWho)}`, { ...row, adminUser });
  }
  // Only superusers make operator classes, and whoever one is given to need not have its family.
  if (row.holder !== null) return [{ as: row.superuser, statement: ofOperatorClass(row, row.holder) }];
  const statement = removal(row);
  return statement === undefined ? [] : within(row.owner, statement, row);
}

/** What can be the tenant's own as a whole, by the letter that PostgreSQL has for the kind. */
const RELATIONS: Readonly<Record<string, string>> = {
  ...{ r: "table", p: "table", f: "foreign table", v: "view", m: "materialized view" },
};

/** What a class was made with stays as long as the class; what was added to a family can be taken out. */
function ofOperatorClass({ holderType, identity }: UseRow, holder: string): string {
  if (holderType === "operator class") return `drop operator class ${holder}`;
  return `alter operator family ${holder} drop ${identity.slice(0, -` of ${holder}`.length)}`;
}

/** Kinds that hold no rows, by the word that `drop` takes for them. */
const REMOVABLE: Readonly<Record<string, string>> = {
  ...{ trigger: "trigger", rule: "rule", policy: "policy", index: "index", operator: "operator", cast: "cast" },
  ...{ function: "routine", procedure: "routine", aggregate: "routine", "statistics object": "statistics" },
  ...{ "event trigger": "event trigger" },
};

function removal({ type, identity, part, table, relkind, used }: UseRow): string | undefined {
  if (type === "rule" && identity.startsWith('"_RETURN" on ')) {
    return relkind === "v" ? `drop view ${table}` : undefined;
  }
  if (part !== null) return withoutPart(type, identity, part, table, used);
  const keyword = REMOVABLE[type];
  return keyword && `drop ${keyword} ${identity}`;
}

function withoutPart(type: string, identity: string, part: string, table: string | null, used: string) {
  const changes: Readonly<Record<string, string>> = {
    "table constraint": `alter table ${table} drop constraint ${quoted(part)}`,
    "domain constraint": `alter domain ${table} drop constraint ${quoted(part)}`,
    "default value": `alter table ${table} alter column ${quoted(part)} drop default`,
    "publication relation": `alter publication ${quoted(part)} drop table ${used}`,
    "foreign-data wrapper": `alter foreign data wrapper ${identity} no ${part}`,
  };
  return changes[type];
}
