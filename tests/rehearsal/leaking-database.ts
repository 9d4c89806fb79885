import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { type Client, escapeIdentifier } from "pg";
import { pasteableStatement } from "../../database/sql-text";
import type { SettingsSpec } from "../../domain/settings-spec";
import type { TenantSpec } from "../../domain/tenant-spec";
import { groundOf } from "../../ops/verify/ground";
import type { Leak } from "../../ops/verify/leak";
import { type Survey, survey } from "../../ops/verify/survey";
import type { PostgresMajor } from "../../rehearsal/servers/postgres-programs";
import { freshServer, session, type TestServer, triedMajors } from "../conformance/postgres-server";

/** Tenants that are made as the program makes them, with something of most kinds in their schemas. */
const SLUGS = ["a", "b"] as const;

/** A third role that is nothing to the tenants: a login for reports, say. */
const THIRD = "reporter";

const PATIENCE_MS = 30_000;

/** Statements for one role each, in this order. */
export type Seed = readonly (readonly [as: string, sql: string])[];

/** A hole to be made. What `told` says of it: check, role, victim (`-` for none) and object. */
export interface Hole {
  readonly title: string;
  readonly seed: Seed;
  readonly told: readonly string[];
  readonly from?: PostgresMajor;
  /** What a statement of the survey's does not clear away. */
  readonly clear?: Seed;
}

export class LeakingDatabase {
  private constructor(
    private readonly on: TestServer,
    private readonly root: Client,
  ) {}

  static async start(major: PostgresMajor): Promise<LeakingDatabase> {
    const on = await freshServer(major);
    await keepPlans(on.admin);
    const { user, password } = on.server.superuser;
    const made = new LeakingDatabase(on, await session(on.server, user, password));
    await made.run([
      ["postgres", `create role ${THIRD} login; revoke all on schema public from public`],
      ["postgres", "revoke all on database postgres from public; create role outsider"],
      ["rdsadmin", "grant outsider to rdsadmin"],
      ["postgres", "create schema shared"],
    ]);
    for (const slug of SLUGS) await made.run(tenant(slug));
    return made;
  }

  get admin(): Client {
    return this.on.admin;
  }

  get superuser(): Client {
    return this.root;
  }

  async remove(): Promise<void> {
    await this.root.end();
    await this.on.remove();
  }

  /** As if each role had logged in. */
  async run(seed: Seed): Promise<void> {
    for (const [role, sql] of seed) {
      try {
        await this.root.query(`set session authorization ${escapeIdentifier(role)}`);
        await this.root.query(sql);
      } catch (error) {
        throw new Error(`as ${role}: ${sql}: ${(error as Error).message}`);
      } finally {
        await this.root.query("rollback; reset role; reset session authorization");
      }
    }
  }

  /** As a role, in another database. */
  async runIn(database: string, role: string, sql: string): Promise<void> {
    const { user, password } = this.on.server.superuser;
    const client = await session({ ...this.on.server, database }, user, password);
    await client.query(`set session authorization ${escapeIdentifier(role)}; ${sql}`).finally(() => client.end());
  }

  /** Waits until the server has told the admin's session of a change of its configuration. */
  async takenUp(setting: string, value: string): Promise<void> {
    for (const deadline = Date.now() + PATIENCE_MS; ; ) {
      assert.ok(Date.now() < deadline, "the server does not take up the setting");
      await this.root.query("select pg_reload_conf()");
      const { rows } = await this.admin.query("select current_setting($1) as value", [setting]);
      if (rows[0]?.value === value) return;
    }
  }

  async look(declared: readonly TenantSpec[] = []): Promise<Survey> {
    const settings = { database: { name: "postgres", adminUser: "postgres" } } as SettingsSpec;
    return survey(this.admin, await groundOf(this.admin, settings, declared), declared);
  }

  async leaks(declared: readonly TenantSpec[] = []): Promise<readonly Leak[]> {
    return (await this.look(declared)).leaks;
  }

  /** What every leak says to do, in order, as people are shown it. */
  async close(leaks: readonly Leak[]): Promise<void> {
    await this.run(
      leaks.flatMap(({ closes }) => closes.map(({ as, statement }) => [as, pasteableStatement(statement)] as const)),
    );
  }
}

/** Each survey of some hundred asks the same: the server parses and plans each query once. */
async function keepPlans(client: Client): Promise<void> {
  await client.query("set plan_cache_mode to force_generic_plan");
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const keptPlans = (text: unknown, values?: unknown, ...more: unknown[]) =>
    typeof text === "string" && Array.isArray(values)
      ? query({ name: createHash("sha256").update(text).digest("base64"), text, values }, ...more)
      : query(text, values, ...more);
  client.query = keptPlans as typeof client.query;
}

export function told({ check, role, victim, object }: Leak): string {
  return `${check}: ${role} -> ${victim ?? "-"}: ${object}`;
}

/**
 * Makes each hole, has it told, closes it as told, and looks again: on each major, all on one server.
 *
 * @param more Further tests there.
 */
export function describeHoles(
  name: string,
  holes: readonly Hole[],
  more: (database: () => LeakingDatabase) => void = () => {},
  majors: readonly PostgresMajor[] = [16, 18],
): void {
  for (const major of triedMajors(majors)) {
    describe(`${name}, PostgreSQL ${major}`, () => {
      let database: LeakingDatabase;
      before(async () => {
        database = await LeakingDatabase.start(major);
      });
      after(() => database.remove());

      for (const hole of holes) {
        if ((hole.from ?? 0) > major) continue;
        it(hole.title, async () => {
          await database.run(hole.seed);
          const leaks = await database.leaks();
          const said = leaks.map(told).sort();
          // Shown as written, whatever the names.
          await database.run(leaks.map(({ statement }) => ["rdsadmin", pasteableStatement(statement)]));
          const closing = leaks.filter(({ closes }) => closes.length > 0).map(told);
          // Closed in any case: the next hole is told alone.
          const after = await database
            .close(leaks)
            .then(() => database.leaks())
            .finally(() => hole.clear && database.run(hole.clear));
          assert.deepEqual(said, [...hole.told].sort());
          // Whatever `clear` takes away besides.
          assert.deepEqual(
            after.map(told).filter((one) => closing.includes(one)),
            [],
          );
          const left = hole.clear === undefined ? after : await database.leaks();
          assert.deepEqual(left.map(told), []);
        });
      }
      more(() => database);
    });
  }
}

/** The statements of the provider and of the tables' script. */
function tenant(slug: string): Seed {
  const [role, schema] = [`user_${slug}`, `schema_${slug}`];
  const defaults = `alter default privileges for role postgres in schema ${schema}`;
  return [
    [
      "postgres",
      `create role ${role} login connection limit 10; alter role ${role} set search_path to "${schema}";
       alter role ${role} set statement_timeout to 30000;
       grant connect on database postgres to ${role};
       grant ${role} to postgres; create schema ${schema} authorization ${role};
       grant create, usage on schema ${schema} to ${role};
       revoke ${role} from postgres;
       ${defaults} grant select, insert, update, delete, truncate on tables to ${role};
       ${defaults} grant select, update, usage on sequences to ${role}`,
    ],
    [
      role,
      `set search_path to ${schema};
       create table products (id serial primary key, name text, price numeric);
       create table orders (id bigint generated always as identity primary key, product int references products on delete cascade);
       create table days (day date not null) partition by range (day);
       create table days_1 partition of days for values from ('2026-01-01') to ('2027-01-01');
       create view names as select name from products;
       create materialized view sums as select count(*) as number from products;
       create sequence loose;
       create type mood as enum ('sad', 'happy'); create domain price as numeric check (value >= 0);
       create function hello(in who text, out greeting text) language sql as $$ select 'hello ' || who $$;
       create function mine() returns text language sql security definer as 'select current_user::text';
       create function touched() returns trigger language plpgsql as 'begin return new; end';
       create trigger touched before insert on products for each row execute function touched();
       create aggregate total(numeric) (sfunc = numeric_add, stype = numeric, initcond = 0);
       create rule nothing as on delete to names do instead nothing;
       alter default privileges grant select on tables to ${role};
       reset search_path`,
    ],
  ];
}
