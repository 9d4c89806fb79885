import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { escapeIdentifier } from "pg";
import { type BackupManifest, manifestFileName } from "../../database/backup/backup-manifest";
import { openDestination } from "../../database/backup/destination/open-destination";
import { backupTools, takeBackup } from "../../database/backup/take-backup";
import { withAdminConnection, withConnection } from "../../database/connection";
import { join } from "../../database/membership";
import { initialisedWith } from "../../database/schema-marker";
import type { ConnectionTarget } from "../../domain/connection-string";
import { clearSchema } from "../../ops/restore/clear-schema";
import { findTarget } from "../../ops/restore/find-target";
import { judge } from "../../ops/restore/neighbours";
import type { TenantContents } from "../../ops/restore/read-tenant";
import { type RestoreOptions, restore } from "../../ops/restore/restore";
import { adminTarget } from "../../ops/stack/admin-target";
import type { StackAccess } from "../../ops/stack/stack-access";
import { stackAccess } from "../../rehearsal/session/stack-access";
import { hostedCommand } from "./command-host";
import { assertInOrder, recordedTasks } from "./recorded-tasks";
import { HOSTILE, RICH_SCHEMA } from "./rich-schema";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";
import { silent } from "./silent-servers";

/** A call without a time-out would never end. */
const HANGS_MS = 30_000;

const SLUGS = ["acme", "beta", "gamma", "delta"] as const;
const hostile = escapeIdentifier(HOSTILE);

/** The shop's own tables with rows, and a few things that the tenant has made beside them. */
const ACME = `
  insert into categories (name) select 'category ' || n from generate_series(1, 50) n;
  insert into products (sku, name, price, category_id) select 'sku-' || id, 'añejo ' || id, id * 1.5, id from categories;
  insert into users (email, password_hash) values ('a@example.com', 'x');
  create table ${hostile} (${hostile} text default 'schema_acme');
  insert into ${hostile} values ('row');
  create function of_acme() returns bigint language sql as 'select count(*) from schema_acme.products';
  create view dear as select * from products where price > 10;
  do $$ begin execute format('comment on schema schema_acme is %L',
    'Our shop' || E'\\n' || obj_description('schema_acme'::regnamespace, 'pg_namespace')); end $$`;

/** Tries all it can whenever a row is checked, and tells the server's log what came of it. */
const TRAP = `
  create function attack(int) returns boolean language plpgsql set search_path = '' as $$
  declare attempt text;
  begin
    foreach attempt in array array['set role postgres', 'set session authorization postgres', 'create role pwned', 'create database pwned',
        'alter role user_delta createrole', 'grant user_gamma to user_delta', 'select * from schema_gamma.products',
        'copy (select 1) to program ''true''', 'create schema pwned'] loop
      begin
        execute attempt;
        raise warning 'attempt gained as %: %', session_user, attempt;
      exception when others then
        raise warning 'attempt refused as %: %', session_user, attempt;
      end;
    end loop;
    return true;
  end $$;
  create table trap (v int check (attack(v)));
  insert into trap values (1)`;

/** Routines that no list of their arguments' types tells apart. */
const OVERLOADED = `
  create procedure p(in int) language sql as '';
  create procedure p(out int) language sql as 'select 1';
  create function f(int) returns int language sql as 'select 1';
  create procedure f(out int) language sql as 'select 1'`;

const TENANT: TenantContents = {
  contents: {
    tables: [{ name: "users", rows: 1, checksum: "a" }],
    sequences: [{ name: "ids", lastValue: "1", isCalled: true }],
    structure: ["table users:"],
  },
  ownedByOthers: [],
};

describe("of a neighbour that has changed", () => {
  const { contents } = TENANT;
  const rows = { ...TENANT, contents: { ...contents, tables: [{ name: "users", rows: 2, checksum: "b" }] } };
  const table = { ...TENANT, contents: { ...contents, structure: ["table users:", "table new:"] } };
  const owner = { ...TENANT, ownedByOthers: ["table users of user_acme"] };
  for (const [what, after, withinReach, verdict, changes] of [
    ["nothing", TENANT, true, "unchanged", []],
    ["rows, out of reach", rows, false, "written", ["table users: 2 rows instead of 1"]],
    ["rows, within reach", rows, true, "changed", ["table users: 2 rows instead of 1"]],
    ["a definition", table, false, "changed", ["new: table new:"]],
    ["an owner", owner, false, "changed", ["other owner: table users of user_acme"]],
  ] as const) {
    it(what, () => assert.deepEqual(judge("b", TENANT, after, withinReach), { tenant: "b", verdict, changes }));
  }
});

describe("a backup is restored", () => {
  const migrations = mkdtempSync(path.join(tmpdir(), "migrations-"));
  const files = Object.fromEntries(SLUGS.map((slug) => [slug, frontend(slug)]));
  const on = new ScratchRehearsal(files, ["--migrations", migrations]);
  let access: StackAccess;
  let admin: ConnectionTarget;
  /** What the last restore told on its way: in lines that stay, and in the tenant's live line. */
  let told: string[] = [];
  let shown: string[] = [];

  before(async () => {
    assert.deepEqual((await on.up()).failures, []);
    access = stackAccess(on.session);
    admin = adminTarget(access);
    await asTenant("acme", ACME);
    await asTenant("gamma", "insert into categories (name) values ('of gamma')");
  });
  after(async () => {
    rmSync(migrations, { recursive: true });
    await on.remove();
  });

  const loginOf = (slug: string) =>
    withAdminConnection(admin, async (session) => (await findTarget(access, session, slug)).login);

  /** As the tenant's backend would. */
  async function asTenant(slug: string, sql: string) {
    return on.sql(sql, [], await loginOf(slug));
  }

  async function clear(slug: string): Promise<void> {
    await withConnection(await loginOf(slug), (client) => clearSchema(client, `schema_${slug}`));
  }

  /** Gives what was printed, as JSON. */
  async function restored(
    options: Partial<RestoreOptions> & Pick<RestoreOptions, "tenant" | "from">,
    env = access.env,
  ) {
    told = [];
    const { tasks, lines } = recordedTasks();
    shown = lines;
    const printed: string[] = [];
    const output = { print: (text: string) => printed.push(text), report: (line: string) => told.push(line), tasks };
    const all = { into: options.tenant, neighbours: true, json: true, ...options };
    const status = await restore({ ...access, env }, { ...output }, all);
    return { status, ...JSON.parse(printed.join("")) };
  }

  /** As the gate takes one, of a tenant that stays. */
  async function backUp(slug: string): Promise<string> {
    const [schema, role] = [`schema_${slug}`, `user_${slug}`];
    const { destination } = access.settings.backups;
    const job = { tenant: slug, schema, role, admin, env: access.env, done: () => {} };
    const manifest = await withAdminConnection(admin, async (session) => {
      await join(session, role);
      try {
        return await takeBackup(
          session,
          { ...job, destination: openDestination(destination, { aws: access.aws }) },
          await backupTools(session, access.env),
          new Date(),
        );
      } finally {
        await session.query(`revoke ${role} from current_user`);
      }
    });
    return manifest.archive.file;
  }

  const backups = () => readdirSync(access.settings.backups.destination);
  const archiveOf = (slug: string) =>
    backups().find((file) => file.startsWith(`backup_${slug}_`) && file.endsWith(".dump")) ??
    assert.fail(`no backup of ${slug}`);
  const manifestOf = (slug: string): BackupManifest =>
    JSON.parse(readFileSync(path.join(access.settings.backups.destination, manifestFileName(archiveOf(slug))), "utf8"));

  /** All that the catalogs and the tables hold of a schema, as the superuser sees it, with the identity of each object. */
  async function stateOf(slug: string): Promise<unknown> {
    const { superuser } = on.session.postgres;
    const [objects, comment] = await Promise.all([
      on.sql(
        `select c.oid, relname, relfilenode, relowner::regrole, relacl from pg_class c where relnamespace = $1::regnamespace
         union all select oid, proname, 0, proowner::regrole, proacl from pg_proc where pronamespace = $1::regnamespace order by 1`,
        [`schema_${slug}`],
        superuser,
      ),
      commentOf(slug),
    ]);
    return { objects, comment };
  }

  async function commentOf(slug: string): Promise<string | null> {
    const rows = await on.sql("select obj_description($1::regnamespace, 'pg_namespace') as comment", [
      `schema_${slug}`,
    ]);
    return rows[0].comment;
  }

  it("into a tenant of the same slug, after it was removed and made again; migrations that have come since are run", async () => {
    on.withdraw("acme");
    assert.deepEqual((await on.up()).failures, []);
    on.declare("acme");
    writeFileSync(path.join(migrations, "0001_rate.sql"), "alter table products add column rate numeric;");
    assert.deepEqual((await on.up()).failures, []);

    const outcome = await restored({ tenant: "acme", from: archiveOf("acme") });
    assert.deepEqual([outcome.status, outcome.equal, outcome.differences, outcome.warnings], [0, true, [], []]);
    assert.deepEqual(
      outcome.tables
        .filter(({ rows }: { rows: number }) => rows > 0)
        .map(({ name, rows }: { name: string; rows: number }) => [name, rows]),
      [
        ["b2b_tenants_migrations", 1],
        ["categories", 50],
        ["products", 50],
        ["users", 1],
        [HOSTILE, 1],
      ],
    );
    assert.deepEqual(
      outcome.neighbours,
      ["beta", "delta", "gamma"].map((tenant) => ({ tenant, verdict: "unchanged", changes: [] })),
    );
    assertInOrder(shown, [
      /^acme begun$/,
      /^acme: reading \S+\.dump: \d.* of \d.*, 1\.00$/,
      /^acme: trying out the backup: (\d+ kB) of \1, 1\.00$/,
      /^acme: trying out products \(\d+ of 16\)/,
      /^acme: comparing the copy of .* \(16 of 16\): 103 of 103 rows, 1\.00$/,
      /^acme: reading neighbour gamma \(3 of 3\), 0\.67$/,
      /^acme: restoring the backup: (\d+ kB) of \1, 1\.00$/,
      /^acme: restoring products \(\d+ of 16\)/,
      /^acme: comparing .* \(16 of 16\): 103 of 103 rows, 1\.00$/,
      /^acme: comparing neighbour beta \(1 of 3\), 0\.00$/,
      /^acme ended$/,
    ]);
    assert.doesNotMatch(told.join("\n"), /restoring|comparing/);

    const ledger = await asTenant("acme", "select name from b2b_tenants_migrations order by number");
    assert.deepEqual(ledger, [{ name: "tenant_init" }, { name: "0001_rate" }]);
    assert.deepEqual(await asTenant("acme", "select distinct rate from products"), [{ rate: null }]);

    // Sequences, indexes, foreign keys, views and functions work; the tenant's own login owns all of it.
    const [{ id }] = await asTenant("acme", "insert into products (sku, name) values ('new', 'new') returning id");
    assert.equal(id, 51);
    await assert.rejects(
      asTenant("acme", "insert into products (sku, name) values ('sku-1', 'x')"),
      /products_sku_key/,
    );
    await assert.rejects(asTenant("acme", "update products set category_id = 999"), /products_category_id_fkey/);
    assert.deepEqual(await asTenant("acme", "select of_acme()::int as n, (select count(*)::int from dear) as dear"), [
      { n: 51, dear: 44 },
    ]);
    assert.deepEqual(
      await on.sql(
        "select relname from pg_class where relnamespace = 'schema_acme'::regnamespace and relowner <> 'user_acme'::regrole",
      ),
      [],
    );
    assert.ok(initialisedWith(await commentOf("acme")));
    assert.match((await commentOf("acme")) ?? "", /^Our shop$/m);
    assert.deepEqual((await on.up()).changes, []);
  });

  it("into another tenant, by the command, while a third is proved unchanged", async () => {
    const before = await stateOf("gamma");
    const outcome = await command("acme", "--from", archiveOf("acme"), "--as", "beta");
    assert.equal(outcome.status, 0, outcome.stderr);
    assert.match(outcome.stderr, /^trying out products \(\d+ of 16\)$(?:.|\n)*^restoring products \(\d+ of 16\)$/m);
    assert.match(outcome.stdout, /│ products +│ +50 │ equal /);
    assert.match(outcome.stdout, /schema_beta is restored, as user_beta, from \S+backup_acme_\d{8}T\d{6}Z\.dump/);
    assert.match(
      outcome.stdout,
      /✓ Equal to the manifest: every row, 13 sequences, \d+ definitions; all of it belongs to user_beta/,
    );
    assert.match(outcome.stdout, /✓ Proved unchanged, every row: acme, delta, gamma\./);
    assert.match(outcome.stdout, /! still names acme, change it by hand: body of function schema_beta\.of_acme\(\)/);
    assert.match(outcome.stdout, /! still names acme, .*: column .* default 'schema_acme'/);
    assert.deepEqual(await stateOf("gamma"), before);
    const [{ id }] = await asTenant("beta", "insert into products (sku, name) values ('new', 'new') returning id");
    assert.equal(id, 51);
  });

  describe("or refused before anything is written", () => {
    let delta: unknown;
    const copies = () => path.join(on.folder, "copies");
    /** A backup of acme, changed, in a folder of its own. */
    function changed(name: string, change: (archive: Buffer, manifest: BackupManifest) => [Buffer, unknown]): string {
      const folder = path.join(copies(), name);
      mkdirSync(folder, { recursive: true });
      const archive = readFileSync(path.join(access.settings.backups.destination, archiveOf("acme")));
      const [bytes, manifest] = change(archive, manifestOf("acme"));
      writeFileSync(path.join(folder, archiveOf("acme")), bytes);
      writeFileSync(path.join(folder, manifestFileName(archiveOf("acme"))), JSON.stringify(manifest));
      return path.join(folder, archiveOf("acme"));
    }
    const intoDelta = (from: string, more: Partial<RestoreOptions> = {}) =>
      restored({ tenant: "acme", from, into: "delta", neighbours: false, ...more });

    before(async () => {
      delta = await stateOf("delta");
    });
    after(async () => {
      assert.deepEqual(await stateOf("delta"), delta);
      const left = await on.sql("select rolname from pg_roles where rolname like 'scratch%'");
      assert.deepEqual(left, []);
    });

    it("when the tenant is not empty", async () => {
      const before = await stateOf("gamma");
      await assert.rejects(restored({ tenant: "acme", from: archiveOf("acme"), into: "gamma" }), {
        message:
          "schema_gamma is not empty: there are rows in categories. A backup can only be restored into an empty tenant: " +
          "empty the tables, or restore into another tenant with --as OTHER_SLUG. Nothing was written to tenant gamma.",
      });
      assert.deepEqual(await stateOf("gamma"), before);
    });

    const DAMAGED: readonly (readonly [string, (a: Buffer, m: BackupManifest) => [Buffer, unknown], RegExp])[] = [
      [
        "the archive is cut short",
        (a, m) => [a.subarray(0, -100), m],
        /the archive is damaged.* has \d+ bytes where \d+ were written/,
      ],
      [
        "one byte of the archive is another",
        (a, m) => [Buffer.concat([a.subarray(0, -200), Buffer.from([(a.at(-200) ?? 0) ^ 1]), a.subarray(-199)]), m],
        /the archive is damaged.* is not what was written: its SHA-256 is/,
      ],
      [
        "the manifest has another count of rows",
        (a, m) => [a, { ...m, tables: m.tables.map((t) => (t.name === "users" ? { ...t, rows: 2 } : t)) }],
        /does not match its manifest: table users: 1 row instead of 2\. Nothing was written to tenant delta\.$/,
      ],
      [
        "the manifest lacks a table",
        (a, m) => [a, { ...m, tables: m.tables.filter(({ name }) => name !== "users") }],
        /does not match its manifest: users is not in the manifest/,
      ],
      [
        "the manifest is of another backup",
        (a, m) => [a, { ...m, archive: { ...m.archive, file: "backup_acme_20200101T000000Z.dump" } }],
        /is the manifest of another backup: it names backup_acme_20200101T000000Z\.dump/,
      ],
      ["the manifest is none", (a) => [a, { format: 1 }], /is no manifest of a backup: /],
    ];
    for (const [what, change, message] of DAMAGED) {
      it(`when ${what}`, async () => {
        await assert.rejects(intoDelta(changed(what, change)), message);
      });
    }

    it("when the archive is no archive, though the manifest agrees", async () => {
      const bytes = Buffer.from("no archive");
      const digest = { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
      const from = changed("none", (_, m) => [bytes, { ...m, archive: { ...m.archive, ...digest } }]);
      await assert.rejects(intoDelta(from), /cannot be restored: pg_restore failed .*error: .*archive/);
    });

    it("when it is of another tenant", async () => {
      await assert.rejects(
        restored({ tenant: "delta", from: archiveOf("acme") }),
        /belongs to tenant acme \(schema_acme\), not to delta; .* --as/,
      );
    });

    it("when the file is not there, or has no manifest", async () => {
      await assert.rejects(
        intoDelta("backup_acme_20200101T000000Z.manifest.json"),
        /there is no such file; check the name/,
      );
      const folder = path.join(copies(), "alone");
      mkdirSync(folder, { recursive: true });
      copyFileSync(
        path.join(access.settings.backups.destination, archiveOf("acme")),
        path.join(folder, archiveOf("acme")),
      );
      await assert.rejects(intoDelta(path.join(folder, archiveOf("acme"))), /an archive without one is not restored/);
    });

    it("when the target does not exist", async () => {
      await assert.rejects(
        restored({ tenant: "acme", from: archiveOf("acme"), into: "nobody" }),
        /there is no tenant nobody in stack prod \(SSM has no \/b2b-tenants\/prod\/nobody\/env\/DATABASE_URL\)\. .* add tenants\/nobody\.yaml/,
      );
    });

    it("when SSM takes the connection and says nothing", { timeout: HANGS_MS }, async (t) => {
      const ssm = await silent();
      t.after(() => ssm.close());
      const aws = { ...access.aws, endpoint: `http://127.0.0.1:${ssm.port}`, requestTimeout: 500 };
      await assert.rejects(
        withAdminConnection(admin, (session) => findTarget({ ...access, aws }, session, "delta")),
        /the parameters of the tenants cannot be read from SSM in \S+: it does not answer; check the network path/,
      );
    });

    it("when pg_restore is missing", async () => {
      const nowhere = { ...access.env, PATH: copies() };
      await assert.rejects(
        restored({ tenant: "acme", from: archiveOf("acme"), into: "delta" }, nowhere),
        /pg_restore is not in any folder of PATH; install postgresql-client-\d+/,
      );
    });

    it("when a row has come since it was found empty", async () => {
      const before = await stateOf("gamma");
      await assert.rejects(clear("gamma"), {
        message: "schema_gamma is no longer empty: rows have arrived meanwhile in categories",
      });
      assert.deepEqual(await stateOf("gamma"), before);
    });

    it("when something outside would be dropped along", async () => {
      await asTenant(
        "delta",
        "grant usage on schema schema_delta to user_gamma; grant select on categories to user_gamma",
      );
      await asTenant("gamma", "create view theirs as select * from schema_delta.categories");
      await assert.rejects(
        intoDelta(archiveOf("acme")),
        /view schema_gamma\.theirs outside schema_delta would be dropped along/,
      );
      await asTenant("gamma", "drop view theirs");
      await asTenant(
        "delta",
        "revoke usage on schema schema_delta from user_gamma; revoke select on categories from user_gamma",
      );
      delta = await stateOf("delta");
    });

    it("when a table is in use", async () => {
      // Its own backend's transaction, which has only read so far.
      await withConnection(await loginOf("delta"), async (backend) => {
        await backend.query("begin; select from schema_delta.users");
        await assert.rejects(
          intoDelta(archiveOf("acme")),
          /table users: .*lock timeout; it is held by session \d+ of user_delta b2b-tenants: let it finish, or end it/,
        );
      });
    });

    it("when the command line is not right", async () => {
      for (const [argv, message] of [
        [[], /restore takes one tenant/],
        [["acme"], /restore needs --from BACKUP/],
        [["Acme", "--from", "x.dump"], /"Acme" is not a tenant's slug/],
        [["acme", "--from", "x.tar"], /--from takes a backup's archive/],
      ] as const) {
        const outcome = await command(...argv);
        assert.equal(outcome.status, 2, outcome.stderr);
        assert.match(outcome.stderr, message);
        assert.doesNotMatch(outcome.stderr, /\n\s+at /);
      }
    });
  });

  it("by its manifest's name, while a neighbour writes, which is told from a change that the restore made", async () => {
    const insert = await statement("gamma", "insert into categories (name) values (now()::text)");
    const from = manifestFileName(archiveOf("acme"));
    const outcome = await restored({ tenant: "acme", from, into: "delta" }, programs(`${insert};`));
    assert.deepEqual([outcome.status, outcome.equal], [0, true]);
    const gamma = outcome.neighbours.find(({ tenant }: { tenant: string }) => tenant === "gamma");
    assert.equal(gamma.verdict, "written");
    assert.deepEqual(gamma.changes, [
      "table categories: 2 rows instead of 1",
      "sequence categories_id_seq: 2 instead of 1",
    ]);
    await clearRows("delta");
  });

  it("and what is lost or added right afterwards is told as a difference", async () => {
    const { pg_restore } = on.session.postgres.programs;
    const lose = await statement(
      "delta",
      "delete from users; create table extra (); alter sequence users_id_seq restart",
    );
    const env = programs(`${pg_restore} "$@" && ${lose}; exit $?`);
    const outcome = await restored({ tenant: "acme", from: archiveOf("acme"), into: "delta", neighbours: false }, env);
    assert.deepEqual([outcome.status, outcome.equal, outcome.neighbours], [1, false, null]);
    assert.deepEqual(outcome.differences, [
      "table users: 0 rows instead of 1",
      "sequence users_id_seq: 1 is still to be given out",
    ]);
    assert.ok(initialisedWith(await commentOf("delta")));
    await clearRows("delta");
  });

  it("and a scratch database that cannot be dropped afterwards is told, and the restore stands", async () => {
    const { superuser } = on.session.postgres;
    const keep = sqlCommand(superuser, "create table public.kept (); alter table public.kept owner to scratch_delta");
    const outcome = await restored({ tenant: "acme", from: archiveOf("acme"), into: "delta" }, programs(`${keep};`));
    assert.deepEqual([outcome.status, outcome.equal], [0, true]);
    const left = told.at(-1) ?? "";
    assert.match(
      left,
      /^! the scratch database scratch_delta is still there \(.*depend on it\); the next run drops it$/,
    );
    await on.sql("drop table public.kept", [], superuser);
    await clearRows("delta");
  });

  it("and when that fails, the tenant has its empty tables again", async () => {
    await assert.rejects(
      restored({ tenant: "acme", from: archiveOf("acme"), into: "delta" }, programs("cat >/dev/null; exit 1")),
      {
        message:
          "the backup could not be restored into schema_delta: pg_restore failed with exit status 1. " +
          "Nothing of it was kept, and the tenant has its empty tables again: fix the cause and run the same command again",
      },
    );
    assert.deepEqual(await asTenant("delta", "select count(*)::int as n from products"), [{ n: 0 }]);
    assert.ok(initialisedWith(await commentOf("delta")));
  });

  it("by running it again, after a run that died between clearing the schema and restoring", async () => {
    await asTenant("delta", OVERLOADED);
    await clear("delta");
    assert.equal(initialisedWith(await commentOf("delta")), undefined);
    assert.deepEqual(
      await asTenant("delta", "select from pg_proc where pronamespace = 'schema_delta'::regnamespace"),
      [],
    );
    const outcome = await restored({ tenant: "acme", from: await inBucket(archiveOf("acme")), into: "delta" });
    assert.match(outcome.backup.place, /^s3:\/\/copies\/of\/acme\/backup_acme_/);
    assert.deepEqual([outcome.status, outcome.equal, outcome.completed], [0, true, false]);
    assert.ok(initialisedWith(await commentOf("delta")));
  });

  it("by running it again, after a run that died between restoring and its last step", async () => {
    await asTenant("delta", "comment on schema schema_delta is null; drop table if exists cartcache");
    const from = archiveOf("acme");
    await assert.rejects(restored({ tenant: "acme", from, into: "delta" }), /schema_delta is not empty/);
    await clearRows("delta");
    await clear("delta");
    await restored({ tenant: "acme", from, into: "delta" });
    await asTenant("delta", "alter table products drop rate; delete from b2b_tenants_migrations where number = 1");
    await assert.rejects(
      restored({ tenant: "acme", from, into: "delta" }),
      /schema_delta is not empty: .*: 0001_rate has not been run yet, which `pulumi up --refresh` does/,
    );
    await asTenant("delta", "comment on schema schema_delta is 'Our shop'");
    const outcome = await restored({ tenant: "acme", from, into: "delta" });
    assert.deepEqual([outcome.status, outcome.equal, outcome.completed], [0, true, true]);
    assert.ok(initialisedWith(await commentOf("delta")));
  });

  it("with everything that a schema can hold, and its code gains nothing", async () => {
    await clearRows("beta");
    await clear("beta");
    // The shop's tables, which the init script makes sure of, stay what they are.
    await asTenant("beta", RICH_SCHEMA.replace(/\b(orders|customers)\b/g, "rich_$1"));
    await asTenant("beta", TRAP);
    const from = await backUp("beta");
    await clearRows("delta");
    const { logFile, superuser } = on.session.postgres;
    const logged = readFileSync(logFile, "utf8").length;
    const roles = () => on.sql("select * from pg_roles where rolname !~ '^scratch_' order by 1", [], superuser);
    const before = await roles();

    const outcome = await restored({ tenant: "beta", from, into: "delta" });
    assert.deepEqual([outcome.status, outcome.differences], [0, []]);
    const log = readFileSync(logFile, "utf8").slice(logged);
    const attempts = [...new Set(log.match(/attempt \w+ as .*/g) ?? [])];
    const gained = attempts.filter((attempt) => attempt.startsWith("attempt gained"));
    // The scratch database is its role's own, and gone by now.
    assert.deepEqual(gained, ["attempt gained as scratch_delta: create schema pwned"]);
    assert.equal(attempts.length - gained.length, 17, attempts.join("\n"));
    assert.deepEqual(await roles(), before);
    assert.deepEqual(await on.sql("select from pg_database where datname = 'pwned'"), []);
  });

  /** Empties a tenant by hand, as a person does before a restore. */
  async function clearRows(slug: string): Promise<void> {
    const tables: { name: string }[] = await on.sql(
      "select format('%I.%I', $1::text, relname) as name from pg_class where relnamespace = $1::regnamespace and relkind in ('r', 'p')",
      [`schema_${slug}`],
    );
    await asTenant(slug, `truncate ${tables.map(({ name }) => name).join(", ")} cascade`);
  }

  /** Copies a backup to S3; gives the archive's URL. */
  async function inBucket(archive: string): Promise<string> {
    const location = "s3://copies/of/acme";
    await new S3Client({ ...access.aws, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: "copies" }));
    const folder = openDestination(access.settings.backups.destination, { aws: access.aws });
    const bucket = openDestination(location, { aws: access.aws });
    for (const file of [archive, manifestFileName(archive)]) await bucket.write(file, await folder.read(file));
    return `${location}/${archive}`;
  }

  /** A PATH whose pg_restore does something first when it is called for the target. */
  function programs(first: string): NodeJS.ProcessEnv {
    const bin = path.join(on.folder, "bin");
    mkdirSync(bin, { recursive: true });
    const { pg_dump, pg_restore } = on.session.postgres.programs;
    const targeted = `case "$*" in *--schema=*) ${first} ;; esac`;
    writeFileSync(path.join(bin, "pg_restore"), `#!/bin/sh\n${targeted}\nexec ${pg_restore} "$@"\n`, { mode: 0o755 });
    writeFileSync(path.join(bin, "pg_dump"), `#!/bin/sh\nexec ${pg_dump} "$@"\n`, { mode: 0o755 });
    return { ...access.env, PATH: `${bin}:${process.env.PATH}` };
  }

  /** A tenant's SQL as a command of the shell. */
  async function statement(slug: string, sql: string): Promise<string> {
    return sqlCommand(await loginOf(slug), sql);
  }

  function sqlCommand({ user, password }: { user: string; password: string }, sql: string): string {
    const { programs, host, port, database } = on.session.postgres;
    const { psql } = programs;
    return `PGOPTIONS= PGPASSWORD='${password}' ${psql} -qX -h ${host} -p ${port} -U ${user} -d ${database} -c "${sql}" </dev/null`;
  }

  function command(...argv: string[]) {
    return hostedCommand("restore", ...argv, "--home", on.home.path, "--tenants", on.tenants);
  }
});
