import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Client } from "pg";
import { withConnection } from "../../database/connection";
import { againstSchema } from "../../ops/verify/attempts/against-tenant";
import { carryOut } from "../../ops/verify/attempts/carry-out";
import { readTargets } from "../../ops/verify/attempts/targets";
import { type Tried, tryTenant } from "../../ops/verify/attempts/try-tenant";
import type { Ground } from "../../ops/verify/leak";
import { EXTENSION, session } from "../conformance/postgres-server";
import { createTenant, describeOnEachMajor, type OnServer } from "../conformance/postgres-tenant";

const SLUGS = ["a", "b", "c"];
const GROUND: Ground = {
  database: "postgres",
  adminUser: "postgres",
  tenants: SLUGS.map((slug) => ({ slug, schema: `schema_${slug}`, role: `user_${slug}` })),
};

/** What everybody has of these is in the way of no proof. */
const HARMLESS = `
  create table schema_b.products (id serial primary key, name text);
  create function schema_b.total() returns int language sql as 'select 1';
  create view schema_b.recent as select * from schema_b.products;
  select lo_create(4711);`;

/** What is opened to tenant a, how it is closed again, and what a then has to find, as `check victim: object`. */
const SEEDS: readonly (readonly [what: string, open: string, close: string, ...found: RegExp[]])[] = [
  [
    "USAGE on a schema for everybody",
    "grant usage on schema schema_b to public",
    "revoke usage on schema schema_b from public",
    /^schema b: schema schema_b$/,
  ],
  [
    "CREATE on a schema",
    "grant create on schema schema_b to user_a",
    "revoke create on schema schema_b from user_a",
    /^schema b: schema schema_b$/,
  ],
  ["a membership", "grant user_b to user_a", "revoke user_b from user_a", /^membership b: role user_b$/, /^schema b/],
  [
    "a membership that is not inherited",
    "grant user_b to user_a with inherit false",
    "revoke user_b from user_a",
    /^membership b: role user_b$/,
  ],
  [
    "membership in a role that reads everything",
    "grant pg_read_all_data to user_a",
    "revoke pg_read_all_data from user_a",
    /^membership -: role pg_read_all_data$/,
    /^schema b: schema schema_b$/,
    /^schema c: schema schema_c$/,
    /^relation b: table schema_b.products and \d more$/,
  ],
  [
    "SUPERUSER",
    "alter role user_a superuser",
    "alter role user_a nosuperuser",
    /^role attribute -: attribute SUPERUSER of role user_a$/,
    /^schema b/,
  ],
  [
    "CREATEROLE",
    "alter role user_a createrole",
    "alter role user_a nocreaterole",
    /^role attribute -: attribute CREATEROLE of role user_a$/,
  ],
  [
    "BYPASSRLS",
    "alter role user_a bypassrls",
    "alter role user_a nobypassrls",
    /^role attribute -: attribute BYPASSRLS of role user_a$/,
  ],
  [
    "TEMPORARY for everybody",
    "grant temporary on database postgres to public",
    "revoke temporary on database postgres from public",
    /^database -: database postgres$/,
  ],
  [
    "CREATE on the database",
    "grant create on database postgres to user_a",
    "revoke create on database postgres from user_a",
    /^database -: database postgres$/,
  ],
  [
    "CREATE on public",
    "grant create on schema public to user_a",
    "revoke create on schema public from user_a",
    /^schema -: schema public$/,
  ],
  [
    "what the others are doing",
    "grant pg_read_all_stats to user_a",
    "revoke pg_read_all_stats from user_a",
    /^activity -: pg_stat_activity$/,
    /^membership -: role pg_read_all_stats$/,
  ],
  [
    "the passwords",
    "grant select on pg_authid to user_a",
    "revoke select on pg_authid from user_a",
    /^system object -: table pg_catalog.pg_authid$/,
  ],
  [
    "a language that writes the server's own code",
    "update pg_language set lanpltrusted = true where lanname = 'internal'",
    "update pg_language set lanpltrusted = false where lanname = 'internal'",
    /^system object -: language internal$/,
  ],
  [
    "a view in the server's own schema",
    "create view information_schema.insight as select 1 as one; grant select on information_schema.insight to public",
    "drop view information_schema.insight",
    /^system object -: view information_schema.insight$/,
  ],
  [
    "a function that reads files",
    "grant execute on function pg_read_file(text) to public",
    "revoke execute on function pg_read_file(text) from public",
    /^system object -: function pg_catalog.pg_read_file\(in text\)$/,
  ],
  [
    "the server's programs",
    "grant pg_execute_server_program to user_a",
    "revoke pg_execute_server_program from user_a",
    /^membership -: role pg_execute_server_program$/,
  ],
  [
    "a table behind a closed schema",
    "grant select on schema_b.products to user_a",
    "revoke select on schema_b.products from user_a",
    /^relation b: table schema_b.products$/,
    /^relation b: listing of schema_b in information_schema$/,
  ],
  [
    "a table of its own behind a closed schema, which has no access list",
    "create table schema_b.guest (); alter table schema_b.guest owner to user_a",
    "drop table schema_b.guest",
    /^relation b: table schema_b.guest$/,
    /^relation b: listing of schema_b in information_schema$/,
  ],
  [
    "a table for everybody behind a closed schema",
    "grant delete on schema_b.products to public",
    "revoke delete on schema_b.products from public",
    /^relation b: table schema_b.products$/,
    /^relation b: listing of schema_b in information_schema$/,
  ],
  [
    "a column for everybody",
    "grant references (name) on schema_b.products to public",
    "revoke references (name) on schema_b.products from public",
    /^column b: column schema_b.products.name$/,
    /^relation b: listing of schema_b in information_schema$/,
  ],
  [
    "a column",
    "grant update (name) on schema_b.products to user_a",
    "revoke update (name) on schema_b.products from user_a",
    /^column b: column schema_b.products.name$/,
  ],
  [
    "a sequence",
    "grant usage on sequence schema_b.products_id_seq to user_a",
    "revoke usage on sequence schema_b.products_id_seq from user_a",
    /^sequence b: sequence schema_b.products_id_seq$/,
  ],
  [
    "a large object",
    "grant select on large object 4711 to user_a",
    "revoke select on large object 4711 from user_a",
    /^large object b: large object 4711$/,
  ],
  [
    "every large object",
    "alter database postgres set lo_compat_privileges = on",
    "alter database postgres reset lo_compat_privileges",
    /^large object b: large object 4711$/,
  ],
  [
    "a setting that switches triggers off",
    "grant set on parameter session_replication_role to user_a",
    "revoke set on parameter session_replication_role from user_a",
    /^parameter -: parameter session_replication_role$/,
  ],
  [
    "a foreign server",
    "create foreign data wrapper w; create server elsewhere foreign data wrapper w; grant usage on foreign server elsewhere to user_a",
    "drop foreign data wrapper w cascade",
    /^foreign server -: server elsewhere$/,
  ],
];

/** A tenant may say all this of its own role. */
const HOSTILE = [
  "exit_on_error = on",
  "role = user_b",
  "search_path = schema_a",
  "statement_timeout = 1",
  "idle_session_timeout = 1",
  "idle_in_transaction_session_timeout = 1",
  "lock_timeout = 1",
  "transform_null_equals = on",
  "default_transaction_read_only = on",
  "default_transaction_isolation = 'serializable'",
  "array_nulls = off",
  "quote_all_identifiers = on",
  "row_security = off",
  "client_min_messages = error",
  "default_table_access_method = nonsense",
  "bytea_output = escape",
  "plpgsql.extra_errors = 'all'",
  "b2b_tenants.attempts = '[]'",
  `b2b_tenants.outcomes = '{"attempts": 0, "unrefused": []}'`,
];

describeOnEachMajor("a tenant's own session", (on) => {
  // Inside, so that its own sessions end before the server does.
  describe("finds open", () => {
    let root: Client;

    before(async () => {
      root = await session(on.server, on.server.superuser.user, on.server.superuser.password);
      await on.admin.query("revoke all on schema public from public; revoke all on database postgres from public");
      for (const slug of SLUGS) await createTenant(on, slug);
      await as("user_b", HARMLESS);
    });
    after(() => root?.end());

    async function as(role: string, sql: string): Promise<void> {
      await root.query(`set session authorization ${role}`);
      await root.query(sql).finally(() => root.query("reset session authorization"));
    }

    const tries = async (slug: string) => tried(on, slug);

    it("nothing, when all is as the program makes it", async () => {
      for (const slug of SLUGS) {
        const { leaks, notes, complete, attempts, refused } = await tries(slug);
        assert.deepEqual(leaks, []);
        assert.deepEqual(notes, []);
        assert.equal(complete, true);
        assert.equal(refused, attempts);
        assert.ok(attempts > 100, `${attempts} attempts`);
      }
    });

    it("nothing, on a server that has taken functions and views of its own from everybody, and with an extension that tenants may use", async () => {
      const hardened = (change: string, whom: string) => `
        ${change} execute on function pg_catalog.pg_sleep(double precision), lo_create(oid), lo_creat(int), set_config(text, text, boolean),
          pg_stat_get_activity(int) ${whom} public;
        ${change} select on pg_stat_activity, pg_stat_database, information_schema.tables ${whom} public`;
      await root.query(`${hardened("revoke", "from")}; alter role user_a set bytea_output to escape;
        create schema ours; create extension ${EXTENSION} schema ours; grant usage on schema ours to user_a, public`);
      const { leaks, notes, complete } = await tries("a");
      await root.query(`${hardened("grant", "to")}; alter role user_a reset bytea_output; drop schema ours cascade`);
      assert.deepEqual(leaks, []);
      assert.deepEqual(notes, []);
      assert.equal(complete, true);
    });

    for (const [what, open, close, ...found] of SEEDS) {
      it(what, async () => {
        await root.query(open);
        const told = toldBy(await tries("a"));
        await root.query(close);
        for (const one of found) {
          const there = told.some((line) => one.test(line));
          assert.ok(there, `${one} is not among:\n${told.join("\n")}`);
        }
      });
    }

    describe("whatever the tenant has set for its own role", () => {
      before(async () => {
        await root.query("grant user_b to user_a");
        const { major } = on.server;
        const settings = [
          ...HOSTILE,
          ...(major >= 18 ? ["transaction_timeout = 1"] : []),
          ...(major < 19 ? ["standard_conforming_strings = off"] : []),
        ];
        for (const setting of settings) await root.query(`alter role user_a set ${setting}`);
        await root.query("revoke user_b from user_a");
      });
      after(() => root.query("alter role user_a reset all"));

      it("all is tried", async () => {
        const { leaks, complete, attempts, refused } = await tries("a");
        assert.deepEqual(leaks, []);
        assert.equal(complete, true);
        assert.equal(refused, attempts);
        assert.ok(attempts > 100);
      });

      it("what is open is found", async () => {
        await root.query("grant usage on schema schema_b to public");
        const told = toldBy(await tries("a"));
        await root.query("revoke usage on schema schema_b from public");
        assert.deepEqual(told, ["schema b: schema schema_b"]);
      });
    });

    it("what is open, though its own schema has functions and operators of the system's names", async () => {
      await as(
        "user_a",
        `create function schema_a.has_schema_privilege(oid, text) returns boolean language sql as 'select false';
       create function schema_a.never(name, name) returns boolean language sql as 'select false';
       create operator schema_a.= (leftarg = name, rightarg = name, function = schema_a.never);
       create operator schema_a.<> (leftarg = name, rightarg = name, function = schema_a.never);
       create view schema_a.pg_namespace as select * from pg_catalog.pg_namespace where false;
       alter role user_a set search_path = schema_a, pg_catalog`,
      );
      await root.query("grant usage on schema schema_b to public");
      const told = toldBy(await tries("a"));
      await root.query("revoke usage on schema schema_b from public; alter role user_a set search_path = schema_a");
      assert.deepEqual(told, ["schema b: schema schema_b"]);
    });

    it("nothing, and is not held up, while a system view is locked", async () => {
      const holder = await session(on.server, on.server.superuser.user, on.server.superuser.password);
      try {
        await holder.query("begin; lock table pg_catalog.pg_settings");
        const { complete, leaks } = await tries("a");
        assert.deepEqual(leaks, []);
        assert.equal(complete, true);
      } finally {
        await holder.end();
      }
    });

    it("that nothing is proved, when it may not use plpgsql", async () => {
      await root.query("revoke usage on language plpgsql from public");
      const { complete, leaks } = await tries("a");
      await root.query("grant usage on language plpgsql to public");
      assert.equal(complete, false);
      assert.deepEqual(
        leaks.map(({ check }) => check),
        ["statement"],
      );
      assert.match(
        String(leaks[0]?.hint),
        /nothing is proved of it: permission denied for language plpgsql; .* taken it away$/,
      );
      assert.deepEqual(leaks[0]?.closes, [{ as: "rdsadmin", statement: "grant usage on language plpgsql to user_a" }]);
    });

    it("that nothing is proved, and how to give back what it was refused, however much a hardened server has taken", async () => {
      const relations = "select on pg_class, pg_proc, pg_depend";
      const routines =
        "execute on function has_table_privilege(text, text), has_table_privilege(oid, text), row_number";
      const given: string[] = [];
      for (const right of [relations, routines]) {
        await root.query(`revoke ${right} from public; grant ${right} to postgres`);
      }
      try {
        for (let done = false; !done; ) {
          const { complete, leaks } = await tries("a");
          done = complete;
          const closes = leaks.flatMap((leak) => leak.closes);
          assert.equal(closes.length === 0, complete, String(leaks[0]?.hint));
          for (const { statement } of closes) await root.query(statement);
          given.push(...closes.map(({ as, statement }) => `${as}: ${statement}`));
        }
      } finally {
        for (const right of [relations, routines]) {
          await root.query(`grant ${right} to public; revoke ${right} from user_a, postgres`);
        }
      }
      assert.deepEqual(given.sort(), [
        "rdsadmin: grant execute on routine pg_catalog.has_table_privilege(oid,text) to user_a",
        "rdsadmin: grant execute on routine pg_catalog.has_table_privilege(text,text) to user_a",
        "rdsadmin: grant execute on routine pg_catalog.row_number() to user_a",
        "rdsadmin: grant select on table pg_catalog.pg_class to user_a",
        "rdsadmin: grant select on table pg_catalog.pg_depend to user_a",
        "rdsadmin: grant select on table pg_catalog.pg_proc to user_a",
      ]);
    });

    it("that nothing is proved, when its session ends", async () => {
      const { complete, leaks } = await tried(on, "a", { first: (client) => client.end() });
      assert.equal(complete, false);
      assert.deepEqual(
        leaks.map(({ check }) => check),
        ["statement"],
      );
    });

    it("that nothing is proved, when the session is another's", async () => {
      const { complete, leaks } = await tried(on, "a", { login: "b" });
      assert.equal(complete, false);
      assert.match(String(leaks[0]?.hint), /the session is user_b's/);
    });

    it("no trap that another tenant has set: none of its code runs with the rights of the one who tries", async () => {
      await as(
        "user_b",
        `create table schema_b.caught (who text);
       create sequence schema_b.sprung;
       create function schema_b.spring() returns int language plpgsql immutable as $$ begin
         perform nextval('schema_b.sprung');
         return 1; end $$;
       create function schema_b.on_row() returns trigger language plpgsql as $$ begin
         perform schema_b.spring(); return new; end $$;
       create table schema_b.bait (id int default schema_b.spring(), name text check (schema_b.spring() = 1));
       create index on schema_b.bait (id) where schema_b.spring() = 1;
       create trigger on_row before insert or update or delete on schema_b.bait for each row execute function schema_b.on_row();
       create trigger on_truncate before truncate on schema_b.bait execute function schema_b.on_row();
       create view schema_b.glimpse as select schema_b.spring() as id;
       create function schema_b.anything() returns int language sql as 'select schema_b.spring()';
       alter table schema_b.bait enable row level security;
       create policy p on schema_b.bait using (schema_b.spring() = 1);
       select setval('schema_b.sprung', 1, false);
       grant all on schema schema_b to public;
       grant all on all tables in schema schema_b to public;
       grant all on all sequences in schema schema_b to public`,
      );
      const told = toldBy(await tries("a"));
      const afterQuestions = await fallenMeanwhile(on, "bait");
      const { rows } = await root.query("select is_called from schema_b.sprung");
      await as(
        "user_b",
        `revoke all on schema schema_b from public;
       revoke all on all tables in schema schema_b from public;
       revoke all on all sequences in schema schema_b from public`,
      );
      assert.ok(told.includes("schema b: schema schema_b"));
      assert.ok(afterQuestions.includes("prepare attempt as select * from schema_b.bait"), "the walls stood");
      assert.deepEqual(rows, [{ is_called: false }], "the trap has sprung");
    });

    it("that a tenant was gone which is being removed meanwhile", async () => {
      await createTenant(on, "d");
      const ground = { ...GROUND, tenants: [...GROUND.tenants, { slug: "d", schema: "schema_d", role: "user_d" }] };
      const { leaks, notes, complete } = await tried(on, "a", {
        ground,
        first: () => root.query("drop schema schema_d; drop owned by user_d; drop role user_d"),
      });
      assert.deepEqual(leaks, []);
      assert.equal(complete, true);
      assert.deepEqual(notes.map(({ sentence }) => `${sentence}`).sort(), [
        "role user_d was gone when it was tried",
        "schema schema_d was gone when it was tried",
      ]);
    });

    it("nothing to wait for, and nobody who waits for it, while another works in its schema", async () => {
      await root.query("begin; lock table schema_b.products in access exclusive mode; create table schema_b.fresh ()");
      const { leaks, notes, attempts, refused } = await tries("a");
      await root.query("rollback");
      assert.deepEqual(leaks, []);
      assert.deepEqual(notes, []);
      assert.equal(refused, attempts);
    });

    it("leaves nothing: no object, no role, no setting, no privilege", async () => {
      const everything = async () => {
        const { rows } = await root.query(`
        select (select json_agg(x order by x.oid) from pg_class x where relnamespace::regnamespace::text !~ '^pg_(toast|temp)')::text
            || (select json_agg(x order by x.oid) from pg_namespace x)::text || (select json_agg(x order by x.oid) from pg_proc x)::text
            || (select json_agg(x order by x.oid) from pg_authid x)::text || (select json_agg(x order by x.oid) from pg_auth_members x)::text
            || (select json_agg(x order by x.oid) from pg_default_acl x)::text || (select json_agg(x) from pg_db_role_setting x)::text
            || (select json_agg(x order by x.oid) from pg_extension x)::text || (select json_agg(x order by x.oid) from pg_database x)::text
            || (select count(*) from pg_type) || (select count(*) from pg_description) || (select count(*) from pg_shdescription) as all`);
        return rows[0]?.all as string;
      };
      const before = await everything();
      await tries("a");
      assert.equal(await everything(), before);
    });
  });
});

/** As `check victim: object`, each once. */
function toldBy({ leaks }: Tried): string[] {
  return [...new Set(leaks.map(({ check, victim = "-", object }) => `${check} ${victim}: ${object}`))];
}

interface Circumstances {
  readonly ground?: Ground;
  /** What happens between the reading of the catalogs and the attempts. */
  readonly first?: (client: Client) => Promise<unknown>;
  /** Whose login the session has. */
  readonly login?: string;
}

async function tried(
  { server, admin }: OnServer,
  slug: string,
  { ground = GROUND, first = async () => {}, login = slug }: Circumstances = {},
): Promise<Tried> {
  const targets = await readTargets(admin, ground);
  const { host, port, database } = server;
  return withConnection(
    { host, port, database, user: `user_${login}`, password: `${login}-secret`, sslmode: "disable" },
    async (client) => {
      await first(client);
      return tryTenant(
        client,
        { slug, schema: `schema_${slug}`, role: `user_${slug}` },
        { ground, targets, told: () => {} },
      );
    },
  );
}

/**
 * Carries out what is for a closed schema, as tenant a, on a schema of b's that is open: as if b had opened it right after a had
 * asked. Gives the statements that were not refused.
 */
function fallenMeanwhile({ server }: OnServer, table: string): Promise<string[]> {
  const { host, port, database } = server;
  const attempts = againstSchema(
    { slug: "b", schema: "schema_b", role: "user_b" },
    { table, sequence: "sprung", routine: "anything" },
  );
  return withConnection(
    { host, port, database, user: "user_a", password: "a-secret", sslmode: "disable" },
    async (client) => (await carryOut(client, attempts)).map(({ attempt }) => attempt.statement),
  );
}
