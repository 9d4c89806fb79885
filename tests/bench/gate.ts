import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "pg";
import { remove } from "../../components/dynamic/drop-guard-run";
import type { GateInputs } from "../../database/offboarding/offboard";
import { offboard } from "../../database/offboarding/offboard";
import { type PostgresServer, startPostgres } from "../../rehearsal/servers/postgres";
import { PROJECT_DIR } from "../../rehearsal/session/places";

const MEBIBYTE = 1024 * 1024;
const [TENANT, ROLE, SCHEMA] = ["bench", "user_bench", "schema_bench"];
const COPY = "bench_copy";

/** What it cost to take a backup of one tenant and to prove it. Seconds. */
export interface MeasuredGate {
  /** What the schema takes up on the server's disk, indexes included, and its archive, in MiB. */
  readonly schema: number;
  readonly archive: number;
  readonly gate: number;
  /** Each step of the gate by its name, with the seconds it took. */
  readonly steps: readonly (readonly [step: string, seconds: number])[];
  /** `pg_dump --format=custom` to a file, and `pg_restore` of it into a new database. */
  readonly dump: number;
  readonly restore: number;
}

/** The gate of a tenant with that many MiB of data, and the two programs alone on the same schema. */
export async function measureGate(mebibytes: number): Promise<MeasuredGate> {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-gate-"));
  // PostgreSQL, which root starts as another user, has to pass through.
  chmodSync(folder, 0o711);
  const postgres = await startPostgres({ home: folder, major: 16 });
  try {
    const schema = await asSuperuser(postgres, (client) => makeTenant(client, postgres.adminUser, mebibytes));
    const bare = await timeBare(postgres, path.join(folder, "bare.dump"));
    return { schema, ...bare, ...(await timeGate(postgres, path.join(folder, "backups"))) };
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One round of a shop's life: what it sells, to whom, what they order, and what its server notes down. */
const ROUND = `
  insert into products (sku, name, description, price, stock)
    select format('SKU-%s-%s', $1::int, i), 'Product ' || md5(i::text), 'A description of some length, with ' || md5(random()::text) ||
           ' and other words that repeat, as descriptions do.', (random() * 900)::numeric(10, 2), (random() * 1000)::int
      from generate_series(1, 2000) i;
  insert into customers (code, name) select format('C-%s-%s', $1::int, i), 'Customer ' || md5(random()::text) from generate_series(1, 1000) i;
  insert into customerinfo (customer_id, email, phone, address)
    select id, format('%s@example.com', code), '+52 55 ' || (10000000 + random() * 89999999)::int, 'Avenida ' || md5(random()::text) || ' No. ' || id
      from customers order by id desc limit 1000;
  insert into orders (customer_id, status, total, notes)
    select 1 + (random() * (select count(*) - 1 from customers))::int, (array['pending', 'confirmed', 'shipped'])[1 + (random() * 2)::int],
           (random() * 9000)::numeric(12, 2), case when i % 3 = 0 then 'Deliver to the back door before noon; ' || md5(random()::text) end
      from generate_series(1, 20000) i;
  insert into orderitems (order_id, product_id, quantity, unit_price)
    select o.id, 1 + (random() * (select count(*) - 1 from products))::int, 1 + (random() * 20)::int, (random() * 900)::numeric(10, 2)
      from (select id from orders order by id desc limit 20000) o, generate_series(1, 4) item;
  insert into events (happened, kind, details)
    select now() - random() * interval '90 days', (array['login', 'search', 'cart', 'checkout'])[1 + (random() * 3)::int],
           jsonb_build_object('session', md5(random()::text), 'ms', (random() * 2000)::int, 'path', '/products/' || i, 'agent', 'Mozilla/5.0 (X11; Linux x86_64)')
      from generate_series(1, 20000) i`;

/** @returns What its schema takes up, in MiB. */
async function makeTenant(client: Client, admin: string, mebibytes: number): Promise<number> {
  await client.query(`
    set role ${admin};
    create role ${ROLE} login;
    grant ${ROLE} to ${admin} with set true;
    create schema ${SCHEMA} authorization ${ROLE};
    set role ${ROLE};
    set search_path to ${SCHEMA};
    ${readFileSync(path.join(PROJECT_DIR, "sql", "tenant_init.sql"), "utf8")};
    create table events (id bigserial primary key, happened timestamptz not null, kind text not null, details jsonb not null);
    create index events_happened on events (happened)`);
  for (let round = 0; (await schemaSize(client)) < mebibytes; round += 1) {
    await client.query(ROUND.replaceAll("$1", String(round)));
  }
  await client.query("reset role");
  // Whoever reads rows first would otherwise write to them too.
  await client.query("vacuum analyze");
  return schemaSize(client);
}

async function schemaSize(client: Client): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    "select coalesce(sum(pg_total_relation_size(oid)), 0) as bytes from pg_class where relnamespace = $1::regnamespace and relkind = 'r'",
    [SCHEMA],
  );
  return Number(rows[0]?.bytes) / MEBIBYTE;
}

async function timeBare(postgres: PostgresServer, archive: string): Promise<{ dump: number; restore: number }> {
  await asSuperuser(postgres, (client) => client.query(`create database ${COPY}`));
  const { pg_dump, pg_restore } = postgres.programs;
  const dump = await timed(() =>
    run(postgres, pg_dump, ["--format=custom", `--schema=${SCHEMA}`, `--file=${archive}`, postgres.database]),
  );
  const restore = await timed(() => run(postgres, pg_restore, ["--exit-on-error", `--dbname=${COPY}`, archive]));
  await asSuperuser(postgres, (client) => client.query(`drop database ${COPY}`));
  return { dump, restore };
}

async function timeGate(postgres: PostgresServer, destination: string) {
  const { host, port, database, adminUser: user, adminPassword: password } = postgres;
  const gate: GateInputs = {
    tenant: TENANT,
    schema: SCHEMA,
    role: ROLE,
    host,
    port,
    database,
    sslmode: "disable",
    user,
    password,
    destination,
    region: "us-east-1",
    backup: true,
  };
  const env = {
    ...process.env,
    PATH: `${path.dirname(postgres.programs.pg_dump)}${path.delimiter}${process.env.PATH}`,
  };
  const steps: [string, number][] = [];
  let archive = 0;
  let last = performance.now();
  const done = (step: string) => {
    const now = performance.now();
    steps.push([step.replace(/: .*/s, ""), (now - last) / 1000]);
    last = now;
    archive ||= Number(/(\d+) bytes\)$/.exec(step)?.[1] ?? 0) / MEBIBYTE;
  };
  const seconds = await timed(async () => {
    await offboard(gate, { env, done });
    // What comes directly before the schema is dropped looks at every row once more.
    await remove("", gate);
    done("tables dropped");
  });
  return { gate: seconds, steps, archive };
}

async function run({ host, port, superuser }: PostgresServer, program: string, args: string[]): Promise<void> {
  const env = { PGHOST: host, PGPORT: String(port), PGUSER: superuser.user, PGPASSWORD: superuser.password };
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: "inherit" });
  const [status] = await once(child, "exit");
  if (status !== 0) throw new Error(`${program} ended with status ${status}`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function asSuperuser<T>(postgres: PostgresServer, work: (client: Client) => Promise<T>): Promise<T> {
  const { host, port, database, superuser } = postgres;
  const client = new Client({ host, port, database, ...superuser, ssl: false });
  await client.connect();
  return work(client).finally(() => client.end());
}
