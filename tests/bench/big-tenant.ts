import { readFileSync } from "node:fs";
import path from "node:path";
import type { Client } from "pg";
import { PROJECT_DIR } from "../../rehearsal/session/places";

const MEBIBYTE = 1024 * 1024;

export const BIG = { tenant: "bench", role: "user_bench", schema: "schema_bench", password: "bench" } as const;

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

/** A tenant with that much data. @returns What its schema takes up, in MiB. */
export async function makeBigTenant(client: Client, admin: string, mebibytes: number): Promise<number> {
  await client.query(`
    set role ${admin};
    create role ${BIG.role} login password '${BIG.password}';
    grant ${BIG.role} to ${admin} with set true;
    create schema ${BIG.schema} authorization ${BIG.role};
    set role ${BIG.role};
    set search_path to ${BIG.schema};
    ${readFileSync(path.join(PROJECT_DIR, "sql", "tenant_init.sql"), "utf8")}`);
  return fillBigTenant(client, mebibytes);
}

/** Gives a tenant of that name so much data. @returns What its schema takes up, in MiB. */
export async function fillBigTenant(client: Client, mebibytes: number): Promise<number> {
  await client.query(`
    set role ${BIG.role};
    set search_path to ${BIG.schema};
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
    [BIG.schema],
  );
  return Number(rows[0]?.bytes) / MEBIBYTE;
}
