import { escapeLiteral } from "pg";
import type { Leak } from "../leak";
import { quoted } from "../quoted";
import { type Scene, WHO } from "./scene";

/** What PostgreSQL's catalog calls them. Those of the first two an admin who makes roles and databases may take away. */
const ATTRIBUTES = {
  createdb: "rolcreatedb",
  createrole: "rolcreaterole",
  superuser: "rolsuper",
  replication: "rolreplication",
  bypassrls: "rolbypassrls",
} as const;

type Attribute = keyof typeof ATTRIBUTES;

const OF_ADMINS: readonly Attribute[] = ["createdb", "createrole"];

const WITH_ATTRIBUTES = `
  with ${WHO}
  select name, rolsuper as superuser, rolcreatedb as createdb, rolcreaterole as createrole, rolreplication as replication,
         rolbypassrls as bypassrls, pg_get_userbyid(10)::text as boss
    from tenant join pg_roles on oid = role
   where rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls
   order by name`;

/** Tenants that are more than a login. */
export async function roleAttributes(scene: Scene): Promise<Leak[]> {
  type Row = { name: string; boss: string } & Record<Attribute, boolean>;
  return (await scene.rows<Row>(WITH_ATTRIBUTES)).flatMap((row) =>
    (Object.keys(ATTRIBUTES) as Attribute[])
      .filter((attribute) => row[attribute])
      .map((attribute) => ({
        check: "role attribute" as const,
        role: row.name,
        victim: undefined,
        object: `attribute ${attribute.toUpperCase()} of role ${quoted(row.name)}`,
        statement: `select ${ATTRIBUTES[attribute]} from pg_roles where rolname = ${escapeLiteral(row.name)}`,
        closes: [
          {
            as: OF_ADMINS.includes(attribute) && !row.superuser ? scene.ground.adminUser : row.boss,
            statement: `alter role ${quoted(row.name)} no${attribute}`,
          },
        ],
      })),
  );
}
