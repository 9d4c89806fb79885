import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Client } from "pg";
import type { PostgresServer } from "../../rehearsal/servers/postgres";
import { PROJECT_DIR } from "../../rehearsal/session/places";

/** The password in the guide's SQL. */
export const GUIDE_PASSWORD = "password_SEGURO_aqui";

/** Makes a tenant as the guide has people do it: section 2 as the admin, section 5 as the tenant. */
export async function makeByHand(server: PostgresServer, slug: string): Promise<void> {
  const guide = (name: string) =>
    readFileSync(path.join(PROJECT_DIR, "tests", name), "utf8").replaceAll("CLIENTE", slug);
  await query(server, admin(server), guide("rehearsal/fixtures/guide-section-2.sql"));
  await query(server, byHand(slug), guide("components/fixtures/guide-section-5.sql"));
  await query(
    server,
    byHand(slug),
    `insert into categories (name) select 'category ' || n from generate_series(1, 50) n;
     insert into products (sku, name, price, category_id) select 'sku-' || id, 'añejo ' || id, id * 1.5, id from categories;
     insert into users (email, password_hash) values ('a@example.com', 'x'), ('b@example.com', 'y')`,
  );
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** The login that the guide makes. */
export function byHand(slug: string): Login {
  return { user: `user_${slug}`, password: GUIDE_PASSWORD };
}

export function admin({ adminUser, adminPassword }: PostgresServer): Login {
  return { user: adminUser, password: adminPassword };
}

/** Runs SQL in a session of its own; gives the rows of a single statement. */
export async function query({ host, port, database }: PostgresServer, login: Login, sql: string) {
  const client = new Client({ host, port, database, ...login });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Pastes SQL into psql as the admin; fails at the first statement that fails. */
export async function paste(server: PostgresServer, sql: string): Promise<void> {
  const { host, port, database, adminUser } = server;
  const args = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", String(port), "-U", adminUser, database];
  const psql = spawn(server.programs.psql, args, { env: { ...process.env, PGPASSWORD: server.adminPassword } });
  const said: Buffer[] = [];
  for (const stream of [psql.stdout, psql.stderr]) stream.on("data", (chunk: Buffer) => said.push(chunk));
  psql.stdin.end(sql);
  const [status] = await once(psql, "close");
  if (status !== 0) throw new Error(Buffer.concat(said).toString());
}

/** Sums over every row of every table of a tenant. */
export async function contents(server: PostgresServer, slug: string): Promise<unknown[]> {
  const tables = ["categories", "products", "users", "orders"];
  const sums = tables.map(
    (table) =>
      `select '${table}' as table, count(*)::int as rows, md5(string_agg(t::text, ',' order by t::text)) as sum from schema_${slug}.${table} t`,
  );
  return query(server, server.superuser, sums.join(" union all "));
}

/**
 * All that the catalogs know of who a tenant is and who may do what in its schema, with its own name left out, so that two tenants
 * can be compared.
 */
export async function standing(server: PostgresServer, slug: string): Promise<string[]> {
  const acl = (column: string, kind: string, owner: string) =>
    `array(select a::text from unnest(coalesce(${column}, acldefault(${kind}, ${owner}))) a order by 1)`;
  const rows = await query(
    server,
    server.superuser,
    `select 'role: ' || (to_jsonb(r) - 'oid' - 'rolpassword' - 'rolconfig'
         || jsonb_build_object('rolvaliduntil', coalesce(rolvaliduntil, 'infinity')))::text as line from pg_roles r where rolname = 'user_${slug}'
     union all select format('setting: %s %s', setdatabase, setting) from pg_db_role_setting, unnest(setconfig) setting
       where setrole = 'user_${slug}'::regrole
     union all select format('member: %s of %s by %s, %s %s %s', member::regrole, roleid::regrole, grantor::regrole, admin_option,
         to_jsonb(m) -> 'inherit_option', to_jsonb(m) -> 'set_option') from pg_auth_members m where 'user_${slug}'::regrole in (roleid, member)
     union all select format('schema: %s %s', nspowner::regrole, ${acl("nspacl", "'n'", "nspowner")}) from pg_namespace
       where nspname = 'schema_${slug}'
     union all select format('%s %s: %s %s', relkind, relname, relowner::regrole,
         ${acl("relacl", `case relkind when 'S' then 's' else 'r' end::"char"`, "relowner")})
       from pg_class where relnamespace = 'schema_${slug}'::regnamespace and relkind not in ('i', 'c')
     union all select format('column %s of %s: %s', attname, relname, attacl) from pg_attribute
       join pg_class on pg_class.oid = attrelid where relnamespace = 'schema_${slug}'::regnamespace and attacl is not null
     union all select format('routine %s: %s %s', proname, proowner::regrole, ${acl("proacl", "'f'", "proowner")}) from pg_proc
       where pronamespace = 'schema_${slug}'::regnamespace
     union all select format('default: %s %s %s %s', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype,
         array(select a::text from unnest(defaclacl) a order by 1)) from pg_default_acl
       where defaclnamespace = 'schema_${slug}'::regnamespace or defaclrole = 'user_${slug}'::regrole
     union all select format('%s of %s: by user_${slug}', deptype, pg_describe_object(classid, objid, objsubid)) from pg_shdepend
       where refobjid = 'user_${slug}'::regrole
     order by 1`,
  );
  return rows.map(({ line }) => line.replaceAll(slug, "SLUG"));
}
