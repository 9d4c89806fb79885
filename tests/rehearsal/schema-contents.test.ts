import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { after, before, describe, it } from "node:test";
import { type Client, escapeIdentifier } from "pg";
import { dumpArguments } from "../../database/backup/archive";
import { differences, equalTables } from "../../database/backup/contents/differences";
import { ownersOf } from "../../database/backup/contents/object-owners";
import { readContents, type SchemaContents } from "../../database/backup/contents/schema-contents";
import { startProgram } from "../../database/backup/postgres-programs";
import { withScratchDatabase } from "../../database/backup/scratch/scratch-database";
import { withAdminConnection } from "../../database/connection";
import type { ConnectionTarget } from "../../domain/connection-string";
import { printable } from "../../domain/printable";
import { freshServer, session, type TestServer, triedMajors } from "../conformance/postgres-server";
import { untilWaiting } from "../conformance/waiting";
import { HOSTILE, RICH_SCHEMA } from "./rich-schema";

const hostile = escapeIdentifier(HOSTILE);

const [OLD, YOUNG] = [16, triedMajors([18])[0] ?? 18] as const;
const MAJORS = [OLD, YOUNG] as const;
const servers = new Map<number, TestServer>();
/** What the rich schema holds on each server. */
const rich = new Map<number, SchemaContents>();

before(async () => {
  for (const major of MAJORS) servers.set(major, await freshServer(major));
});
after(async () => {
  for (const on of servers.values()) await on.remove();
});

function serverOf(major: number): TestServer {
  return servers.get(major) ?? assert.fail(`no server ${major}`);
}

function adminOf({ server }: TestServer): ConnectionTarget {
  const { host, port, database, adminUser: user, adminPassword: password } = server;
  return { host, port, database, user, password, sslmode: "disable" };
}

/** Makes a tenant whose tables the admin may read, and runs SQL in a session of the tenant's own. */
async function makeTenant(on: TestServer, slug: string, sql: string): Promise<void> {
  await on.admin.query(`
    create role user_${slug} login password '${slug}';
    grant user_${slug} to postgres with inherit true, set true;
    create schema schema_${slug} authorization user_${slug};
    alter role user_${slug} set search_path to schema_${slug}`);
  await asTenant(on, slug, sql);
}

async function asTenant(on: TestServer, slug: string, sql: string): Promise<void> {
  await asLogin(on, { user: `user_${slug}`, password: slug }, sql);
}

async function asLogin({ server }: TestServer, login: { user: string; password: string }, sql: string): Promise<void> {
  const client = await session(server, login.user, login.password);
  await client.query(sql).finally(() => client.end());
}

/** Dumps a schema with the source's own programs, restores it into a scratch database elsewhere, and looks at that. */
async function copied<T>(
  from: TestServer,
  to: TestServer,
  slug: string,
  look: (copy: Client) => Promise<T>,
): Promise<T> {
  const on = ({ server }: TestServer) => ({ ...process.env, PATH: path.dirname(server.programs.pg_dump) });
  return withScratchDatabase(to.admin, adminOf(to), slug, async (owner) => {
    const args = dumpArguments(`schema_${slug}`);
    const dump = startProgram("pg_dump", args, adminOf(from), on(from));
    const more = ["--exit-on-error", "--no-owner", "--no-privileges", `--dbname=${owner.database}`];
    const restore = startProgram("pg_restore", more, owner, on(to));
    await Promise.all([dump.ended, restore.ended, pipeline(dump.child.stdout, restore.child.stdin)]);
    return withAdminConnection(owner, look);
  });
}

/** Each is undone before the next; only one whole list of differences will do. */
const LOSSES: readonly (readonly [string, readonly string[]])[] = [
  ["delete from only parent where a = 1", ["table parent: 1 row instead of 2"]],
  ["insert into items select * from items", ["table items: 2 rows instead of 1"]],
  [String.raw`update customers set photo = '\x00ff5c0b' where id = 1`, ["table customers: other content (checksum)"]],
  ["update child set own = null", ["table child: other content (checksum)"]],
  [`update ${hostile} set m = 3 - m where m in (1, 2)`, ["table HOSTILE: other content (checksum)"]],
  [`truncate ${hostile}`, ["table HOSTILE: 0 rows instead of 4"]],
  ["drop table no_columns", ["missing: table no_columns with 1 row", "missing: table no_columns:"]],
  [
    "drop index by_tax",
    [
      "missing: index by_tax on customers: CREATE INDEX by_tax ON customers USING btree (tax_of(owed::numeric)) WHERE tax_of(1::numeric) > 0::numeric",
      "missing: index by_tax uses function tax_of(numeric,numeric)",
    ],
  ],
  ["alter table customers disable row level security", ["missing: table customers: row security"]],
  [
    "alter table customers alter name drop default",
    ["missing: column customers.name: character varying(40) not null default 'nobody'::character varying"],
  ],
  [
    "alter table items enable trigger silent",
    [
      "missing: trigger silent on items: CREATE TRIGGER silent AFTER INSERT ON items FOR EACH ROW EXECUTE FUNCTION touched() disabled",
    ],
  ],
  [
    "drop policy own_rows on customers",
    [
      "missing: policy own_rows on customers: restrictive for r to user_rich using name::text <> 'n3'::text AND tax_of(owed::numeric) >= 0::numeric",
      "missing: policy own_rows on table customers uses function tax_of(numeric,numeric)",
    ],
  ],
  [
    "alter sequence loose owned by items.line no cycle",
    ["missing: sequence loose: bigint start 100 increment 5 from 1 to 200 cache 1 cycle"],
  ],
  ["comment on column customers.photo is null", ["missing: comment on column photo of table customers: of the shop"]],
  [
    "drop rule ignored on happy",
    ["missing: rule ignored on happy: CREATE RULE ignored AS ON DELETE TO happy DO INSTEAD NOTHING;"],
  ],
  [
    "do $$ begin execute format('comment on view wide is %L', repeat('wide ', 9999)); end $$",
    [`missing: comment on view wide: sha256 ${createHash("sha256").update("wide ".repeat(10_000)).digest("hex")}`],
  ],
  ["drop collation plain", ["missing: collation plain"]],
  ["alter type mood rename value 'ok' to 'fine'", ["missing: type mood: enum 'sad', 'so so', 'ok', 'happy'"]],
];

const GONE =
  "cannot read the sequences of SCHEMA: one of them may be gone since the reading began, so try again (could not open relation with OID N)";

const HIDES = "hint: To disable the policy for the table's owner, use ALTER TABLE NO FORCE ROW LEVEL SECURITY";

/** What a tenant puts in the place of what is read, and what comes of the reading. PostgreSQL 19 copies partitioned tables, row by row. */
const SWAPS: readonly (readonly [what: string, swap: string, outcome: string, since19?: string])[] = [
  ["a view for a sequence", "drop sequence s; create view s as select run() as last_value, true as is_called", GONE],
  [
    "a table with an index for a sequence",
    "drop sequence s; create table s (last_value int, is_called bool); create index on s (last_value) where run() = 1",
    GONE,
  ],
  [
    "a view for a renamed sequence",
    "alter sequence s rename to t_s; create view s as select run() as last_value, true as is_called",
    "a_ran 1,s 1",
  ],
  [
    "a view for a table",
    "drop table t; create view t as select run() as n",
    'cannot read table t of SCHEMA: cannot copy from view "t"; hint: Try the COPY (SELECT ...) TO variant',
  ],
  [
    "a partitioned table for a table",
    "drop table t; create table t (n int) partition by list (n); create table p partition of t (check (run() = 1)) for values in (1)",
    'cannot read table t of SCHEMA: cannot copy from partitioned table "t"; hint: Try the COPY (SELECT ...) TO variant',
    "a_ran 1,s 1",
  ],
  [
    "a table that hides rows for a table",
    "drop table t; create table t (n int); alter table t enable row level security, force row level security; create policy p on t using (run() = 1)",
    `cannot read table t of SCHEMA: query would be affected by row-level security policy for table "t"; ${HIDES}`,
  ],
];

it("tell the names of not-null constraints, where the server keeps any", async () => {
  const on = serverOf(YOUNG);
  await makeTenant(
    on,
    "nonnull",
    `create table t (a int constraint given not null, b int not null, c int primary key, d serial);
     create table renamed (like t including all); alter table renamed rename to other;
     create table child (e int not null) inherits (t); create table parts (n int not null) partition by list (n);
     create table part partition of parts for values in (1)`,
  );
  const source = await readContents(on.admin, "schema_nonnull");
  await copied(on, on, "nonnull", async (copy) => {
    const found = async () => differences(source, await readContents(copy, "schema_nonnull"));
    assert.deepEqual(await found(), []);
    await copy.query("alter table schema_nonnull.t rename constraint given to other");
    assert.deepEqual(await found(), ["missing: constraint given on t: NOT NULL a"]);
  });
});

for (const major of MAJORS) {
  describe(`a schema's contents, PostgreSQL ${major}`, () => {
    it("are the same after a dump and restore, and in a schema of another name; each loss is found", async () => {
      const on = serverOf(major);
      await makeTenant(on, "rich", RICH_SCHEMA);
      const told: string[] = [];
      let counted = 0;
      const source = await readContents(on.admin, "schema_rich", {
        table: (table, i, total) => void told.push(`${i} ${total} ${table}`),
        rows: (done) => {
          counted = done;
        },
      });
      assert.deepEqual(
        [told, counted],
        [
          source.tables.map(({ name }, i) => `${i} ${source.tables.length} ${name}`),
          source.tables.reduce((sum, { rows }) => sum + rows, 0),
        ],
      );
      rich.set(major, source);
      await copied(on, on, "rich", async (copy) => {
        await copy.query("set search_path = schema_rich");
        const found = async (schema = "schema_rich") => differences(source, await readContents(copy, schema));
        assert.deepEqual(await found(), []);
        for (const [loss, expected] of LOSSES) {
          await copy.query(`begin; ${loss}`);
          const lines = expected.map((line) => line.replace("HOSTILE", () => printable(HOSTILE)));
          assert.deepEqual(await found(), lines, loss);
          await copy.query("rollback");
        }
        assert.deepEqual(await ownersOf(copy, "schema_rich", "scratch_rich"), []);
        await copy.query("create table more (n serial)");
        assert.deepEqual(await found(), []);
        await copy.query("begin; alter schema schema_rich rename to other");
        assert.deepEqual(await found("other"), []);
        await copy.query("rollback");
        // What sequences give out is never taken back.
        await copy.query("select nextval('loose'), setval('untouched', 1, true)");
        const moved = ["sequence loose: 110 instead of 105", "sequence untouched: 1 was given out"];
        assert.deepEqual(await found(), moved);
      });
    });

    it("are others where a dump cannot name an operator, and the copy has another in its place", async () => {
      const on = serverOf(major);
      await makeTenant(
        on,
        "named",
        `create type kind as enum ('a', 'A');
         create function same(kind, kind) returns boolean language sql immutable as 'select lower($1::text) = lower($2::text)';
         create operator = (function = same, leftarg = kind, rightarg = kind);
         create table accounts (id int, email kind, alt kind, check (email is distinct from alt),
           first kind default nullif('a'::kind, 'b'::text::kind), named boolean generated always as (email in ('a')) stored);
         create view pairs as select a.id from accounts a join (select id, alt as email from accounts) b using (email);
         create view fine as select id from accounts where email = alt;
         create function stamp() returns trigger language plpgsql as 'begin return new; end';
         create trigger t before update on accounts for each row when (old.email is distinct from new.email) execute function stamp();
         create policy p on accounts using (case email when 'a' then true end);
         create index i on accounts (id) where nullif(email, alt) = 'a';
         create function f(kind) returns boolean language sql begin atomic select $1 is distinct from 'A'; end`,
      );
      const source = await readContents(on.admin, "schema_named");
      await copied(on, on, "named", async (copy) => {
        const users = differences(source, await readContents(copy, "schema_named"))
          .map((line) => /^missing: (.*) uses operator =\(kind,kind\)$/.exec(line)?.[1])
          .filter((user) => user !== undefined);
        assert.deepEqual(users.sort(), [
          "constraint accounts_check on table accounts",
          "default value for column first of table accounts",
          "function f(kind)",
          "policy p on table accounts",
          "rule _RETURN on view pairs",
          "trigger t on table accounts",
        ]);
      });
      await on.admin.query("alter schema schema_named rename to schema_other");
      assert.deepEqual(differences(source, await readContents(on.admin, "schema_other")), []);
    });

    it("are the same whatever the order in which a view's options were given; a comment of the schema's own is one of them", async () => {
      const on = serverOf(major);
      await makeTenant(
        on,
        "options",
        `create table t (n int); comment on schema schema_options is E'Our shop\nb2b-tenants: initialised, sha256 ${"0".repeat(64)}';
         create view v with (check_option = local, security_barrier) as select n from t where n > 0`,
      );
      const source = await readContents(on.admin, "schema_options");
      await copied(on, on, "options", async (copy) => {
        assert.deepEqual(differences(source, await readContents(copy, "schema_options")), []);
        await copy.query("comment on schema schema_options is 'Their shop'");
        const found = await readContents(copy, "schema_options");
        assert.deepEqual(differences(source, found), ["missing: comment on its schema: Our shop"]);
      });
    });

    it("are the same where an enum's other oid moves rows to other partitions; a row that is lost is found", async () => {
      const on = serverOf(major);
      const parts = (of: string) =>
        [0, 1, 2, 3]
          .map((n) => `create table ${of}_${n} partition of ${of} for values with (modulus 4, remainder ${n})`)
          .join(";");
      await makeTenant(
        on,
        "hashed",
        `create type channel as enum ('web', 'shop', 'phone', 'mail');
         create table sales (id int, channel channel, many channel[]) partition by hash (channel); ${parts("sales")};
         create table years (y int, many channel[]) partition by list (y);
         create table year_26 partition of years for values in (26) partition by hash (many); ${parts("year_26")};
         insert into sales select i, (enum_range(null::channel))[1 + i % 4], enum_range(null::channel) from generate_series(1, 40) i;
         insert into years select 26, array[channel] from sales`,
      );
      const source = await readContents(on.admin, "schema_hashed");
      await copied(on, on, "hashed", async (copy) => {
        const found = await readContents(copy, "schema_hashed");
        assert.deepEqual(differences(source, found), []);
        assert.equal(equalTables(source, found).size, 8);
        // As manifests of earlier versions have it, with nothing where objects stood that they had no words for.
        const earlier = source.tables.map(({ name, rows, checksum }) => ({ name, rows, checksum }));
        const structure = ["", ...source.structure];
        assert.deepEqual(differences({ ...source, tables: earlier, structure }, found), []);
        await copy.query("update schema_hashed.sales set id = 0 where id = 7; delete from schema_hashed.years");
        const lost = await readContents(copy, "schema_hashed");
        assert.deepEqual(differences(source, lost), [
          "table sales (all its partitions together): other content (checksum)",
          "table year_26 (all its partitions together): 0 rows instead of 40",
        ]);
        assert.equal(equalTables(source, lost).size, 0);
      });
    });

    it("are read without running anything of the schema's, and leave the session as it was", async () => {
      const on = serverOf(major);
      await makeTenant(on, "evil", EVIL_SCHEMA);
      await asTenant(on, "evil", "alter sequence ran restart");
      const ran = async () => (await on.admin.query("select is_called from schema_evil.ran")).rows[0]?.is_called;
      // In a transaction that may write, and in one of its own.
      for (const begin of ["begin", ""]) {
        await withAdminConnection(adminOf(on), async (client) => {
          const notices: string[] = [];
          client.on("notice", ({ message }) => notices.push(message ?? ""));
          await client.query(begin);
          const status = client.getTransactionStatus();
          const contents = await readContents(client, "schema_evil");
          assert.deepEqual(
            contents.tables.map(({ name, rows }) => [name, rows]),
            [
              ["part", 1],
              ["t", 1],
            ],
          );
          assert.equal(client.getTransactionStatus(), status);
          const { rows } = await client.query(
            "select current_setting('search_path') as path, current_user::text as role",
          );
          assert.deepEqual(rows, [{ path: "pg_catalog", role: "postgres" }]);
          assert.deepEqual(notices, []);
        });
        assert.equal(await ran(), false);
      }
      // The same session does run it when it does no more than count the rows.
      await withAdminConnection(adminOf(on), (client) => client.query("select count(*) from schema_evil.t"));
      assert.equal(await ran(), true);
    });

    it("are in no message when a copy is refused, only what refused it", async () => {
      const on = serverOf(major);
      await makeTenant(
        on,
        "checked",
        `create table known (n text); insert into known values ('known');
         create function is_known(text) returns boolean language sql
           begin atomic select exists (select from schema_checked.known where n = $1); end;
         create table cards (number text constraint is_known check (is_known(number)));
         insert into cards values ('known');
         delete from known`,
      );
      await assert.rejects(
        copied(on, on, "checked", async () => {}),
        (error: Error) => {
          assert.match(error.message, /new row for relation "cards" violates check constraint "is_known"$/);
          return true;
        },
      );
    });

    it("belong to whom they belong", async () => {
      const on = serverOf(major);
      await makeTenant(
        on,
        "shared",
        "create table mine (n serial primary key, unique (n)); create view own as select 1",
      );
      await on.admin.query(
        "create table schema_shared.theirs (n serial); create type schema_shared.kind as enum ('a')",
      );
      const others = ["sequence schema_shared.theirs_n_seq", "table schema_shared.theirs", "type schema_shared.kind"];
      const expected = others.map((object) => `${object} of postgres`);
      assert.deepEqual(await ownersOf(on.admin, "schema_shared", "user_shared"), expected);
    });

    for (const [index, [what, swap, before19, since19]] of SWAPS.entries()) {
      const outcome = (major >= 19 ? since19 : undefined) ?? before19;
      it(`are not read by a name that has changed hands: ${what}`, async () => {
        const on = serverOf(major);
        const [slug, schema] = [`swap${index}`, `schema_swap${index}`];
        await makeTenant(
          on,
          slug,
          `create sequence a_ran; create sequence s; create table t (n int);
           create function run() returns bigint language plpgsql immutable set search_path = ${schema} as
             $$ begin if current_user = 'postgres' then perform nextval('a_ran'); end if; return 1; end $$`,
        );
        const tenant = await session(on.server, `user_${slug}`, slug);
        try {
          await tenant.query(`begin; ${swap}`);
          const reading = withAdminConnection(adminOf(on), (admin) => readContents(admin, schema)).then(
            ({ sequences }) => sequences.map(({ name, lastValue }) => `${name} ${lastValue}`).join(),
            (error: Error) => error.message.replace(/\d+/g, "N"),
          );
          await untilWaiting(on, "Lock", "%");
          await tenant.query("commit");
          assert.equal(await reading, outcome.replace("SCHEMA", schema.replace(/\d/, "N")));
          const { rows } = await tenant.query("select is_called from a_ran");
          assert.deepEqual(rows, [{ is_called: false }]);
        } finally {
          await tenant.end();
        }
      });
    }

    it("keep their sequences' names to the end of the caller's transaction", async () => {
      const on = serverOf(major);
      await makeTenant(on, "kept", "create sequence s");
      await withAdminConnection(adminOf(on), async (admin) => {
        await admin.query("begin");
        await readContents(admin, "schema_kept");
        const steal = "set lock_timeout = 1; alter sequence s rename to other";
        await assert.rejects(asTenant(on, "kept", steal), { message: "canceling statement due to lock timeout" });
      });
    });

    it("name what cannot be read", async () => {
      const on = serverOf(major);
      await makeTenant(
        on,
        "hidden",
        "create table t (n int); alter table t enable row level security, force row level security",
      );
      const message = `cannot read table t of schema_hidden: query would be affected by row-level security policy for table "t"; ${HIDES}`;
      await assert.rejects(readContents(on.admin, "schema_hidden"), { message });
      const name = escapeIdentifier("\x1b[2J");
      await makeTenant(on, "foreign", "");
      await asLogin(on, on.server.superuser, `create sequence schema_foreign.${name}`);
      await assert.rejects(readContents(on.admin, "schema_foreign"), {
        message: "cannot read the sequences of schema_foreign: permission denied for sequence \\u{1b}[2J",
      });
      await assert.rejects(readContents(on.admin, "schema_nobody"), { message: "there is no schema schema_nobody" });
      assert.equal(on.admin.getTransactionStatus(), "I");
    });
  });
}

it(`are the same on PostgreSQL ${OLD} and ${YOUNG}, and after a dump and restore from one to the other`, async () => {
  const [old, young] = MAJORS.map((major) => rich.get(major) ?? assert.fail(`nothing read on ${major}`));
  assert.ok(old && young);
  assert.deepEqual(old.tables, young.tables);
  assert.deepEqual(old.sequences, young.sequences);
  assert.deepEqual(differences(old, young), []);
  // Only 18 and newer keep NOT NULLs as constraints with names; its archives cannot be restored on 16.
  const more = differences(young, old).filter((line) => !/^missing: constraint \S.*: NOT NULL \w+$/.test(line));
  assert.deepEqual(more, []);
  await copied(serverOf(OLD), serverOf(YOUNG), "rich", async (copy) => {
    assert.deepEqual(differences(old, await readContents(copy, "schema_rich")), []);
  });
});

it("cannot take more memory than a reader has", async () => {
  const on = serverOf(OLD);
  await makeTenant(
    on,
    "huge",
    `create table t (); comment on table t is 'small';
     do $$ begin for n in 1..5 loop
       execute (select format('create table t%s (%s)', n, string_agg(format('c%s int', c), ', ')) from generate_series(1, 1010) c);
       for c in 1..1010 loop execute format('comment on column t%s.c%s is %L', n, c, repeat('x', 20000)); end loop;
     end loop; end $$`,
  );
  await assert.rejects(readContents(on.admin, "schema_huge"), {
    message: "cannot read the definitions of schema_huge: they are longer than 100000000 characters altogether",
  });
});

it("a dump ends that waits too long for somebody's lock, with the session that has it", async () => {
  const on = serverOf(YOUNG);
  await makeTenant(on, "locked", "create table t (n int)");
  const holder = await session(on.server, "user_locked", "locked");
  try {
    await holder.query("begin; lock table schema_locked.t");
    const { rows } = await holder.query("select pg_backend_pid() as pid");
    const env = { ...process.env, PATH: path.dirname(on.server.programs.pg_dump) };
    const patience = { lookEvery: 20, longest: 60 };
    const { child, ended } = startProgram(
      "pg_dump",
      dumpArguments("schema_locked"),
      adminOf(on),
      env,
      () => {},
      patience,
    );
    child.stdout.resume();
    await assert.rejects(ended, {
      message: `pg_dump was ended: it waits for a lock of session ${rows[0].pid} of user_locked: let it finish, or end it`,
    });
  } finally {
    await holder.end();
  }
});

/** Every place where a tenant can leave code that another session may run, each running `caught`. */
const EVIL_SCHEMA = `
  create sequence ran;
  create function caught(int) returns boolean language plpgsql immutable as $$ begin
    raise notice 'ran as % of %', current_user, session_user; perform nextval('schema_evil.ran'); return true; end $$;
  create type pair as (a int, b text);
  create function as_text(pair) returns text language sql immutable as 'select schema_evil.caught(1)::text';
  create cast (pair as text) with function as_text(pair) as implicit;
  create function is_equal(name, text) returns boolean language sql immutable as 'select schema_evil.caught(1)';
  create operator = (function = is_equal, leftarg = name, rightarg = text);
  create function joined(text, name) returns text language sql immutable as 'select schema_evil.caught(1)::text';
  create operator || (function = joined, leftarg = text, rightarg = name);
  create function quote_ident(name) returns text language sql immutable as 'select schema_evil.caught(1)::text';
  create function pg_get_expr(pg_node_tree, int) returns text language sql immutable as 'select schema_evil.caught(1)::text';
  create function concat_ws(text, text, name) returns text language sql immutable as 'select schema_evil.caught(1)::text';
  create domain fine as int check (caught(value));
  create table t (p pair, ps pair[], n fine default caught(1)::int, made boolean generated always as (caught(n)) stored,
    check (caught(1)), check (caught(n)));
  insert into t values (row(1, 'a'), array[row(1, 'b')::pair], 3);
  create index on t (n) where caught(1);
  create index on t ((caught(n)), caught(1));
  create statistics known on (caught(1)), n from t;
  create table parts (n int) partition by list (caught(n));
  create table part partition of parts for values in (true);
  insert into parts values (1);
  create view looking as select caught(1), t.* from t where caught(2);
  create materialized view looked as select caught(1) from t;
  create function run() returns trigger language plpgsql as $$ begin perform schema_evil.caught(1); return new; end $$;
  create trigger on_write before insert or update or delete on t for each row execute function run();
  create rule also as on insert to t do also select caught(1);
  alter table t enable row level security;
  create policy for_all on t using (caught(1));
`;
