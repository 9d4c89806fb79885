import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, it } from "node:test";
import { migratedTo } from "../../database/schema-marker";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

const TENANTS = ["calm", "canary", "sour"];
const ONE = "create table tax (id integer primary key, code text);\n";
const TWO = "alter table tax add constraint one_code unique (code);\n";
const THREE = "alter table tax alter column code set not null;\n";

let rehearsal: ScratchRehearsal;
let folder: string;

before(async () => {
  const files = TENANTS.map((slug) => [slug, `${frontend(slug)}${slug === "canary" ? "canary: true\n" : ""}`]);
  folder = mkdtempSync(path.join(tmpdir(), "migrations-"));
  write("0001_tax", ONE);
  rehearsal = new ScratchRehearsal(Object.fromEntries(files), ["--migrations", folder]);
});
after(async () => {
  await rehearsal.remove();
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, sql: string) {
  writeFileSync(path.join(folder, `${name}.sql`), sql);
}

/** How many migrations each tenant's schema says it has run. */
async function numbers(): Promise<Record<string, number | undefined>> {
  const rows = await rehearsal.sql(
    "select nspname as schema, obj_description(oid, 'pg_namespace') as comment from pg_namespace where nspname like 'schema\\_%' order by 1",
  );
  return Object.fromEntries(rows.map(({ schema, comment }) => [schema.slice(7), migratedTo(comment)?.number]));
}

/** Runs SQL with the tenant's rights. */
async function as(slug: string, sql: string) {
  await rehearsal.sql(
    `grant user_${slug} to postgres with inherit true, set true; set role user_${slug}; set search_path to schema_${slug}; ${sql}; reset role`,
  );
}

const migrations = (changes: readonly string[]) => changes.filter((change) => change.endsWith("-migrations"));

it("a new fleet runs all of them", async () => {
  const { ok, failures } = await rehearsal.up();
  assert.deepEqual([ok, failures], [true, []]);
  assert.deepEqual(await numbers(), { calm: 1, canary: 1, sour: 1 });
  const { changes } = await rehearsal.up();
  assert.deepEqual(changes, []);
});

it("a tenant whose data do not fit stays as it was, and all others are migrated in the same run", async () => {
  await as("sour", "insert into tax values (1, 'a'), (2, 'a')");
  write("0002_one_code", TWO);
  const { ok, failures, changes } = await rehearsal.up();
  assert.equal(ok, false);
  assert.deepEqual(migrations(changes), ["update calm-migrations", "update canary-migrations"]);
  assert.equal(failures.length, 1);
  assert.match(
    failures[0] ?? "",
    /^sour-migrations: .*0002_one_code\.sql:1: could not create unique index "one_code".*sour stays at 0001_tax/,
  );
  assert.deepEqual(await numbers(), { calm: 2, canary: 2, sour: 1 });
  await as("sour", "delete from tax where id = 2");
  const mended = await rehearsal.up();
  assert.deepEqual([mended.ok, mended.changes], [true, ["update sour-migrations"]]);
  assert.deepEqual(await numbers(), { calm: 2, canary: 2, sour: 2 });
});

it("nobody else is touched when a canary fails", async () => {
  await as("canary", "insert into tax values (3, null)");
  write("0003_has_code", THREE);
  const { ok, failures, changes } = await rehearsal.up();
  assert.equal(ok, false);
  assert.deepEqual(migrations(changes), []);
  assert.match(
    failures.join("\n"),
    /canary-migrations: .*0003_has_code\.sql:1: column "code" of relation "tax" contains null values/,
  );
  assert.deepEqual(await numbers(), { calm: 2, canary: 2, sour: 2 });
  await as("canary", "delete from tax where id = 3");
  assert.equal((await rehearsal.up()).ok, true);
  assert.deepEqual(await numbers(), { calm: 3, canary: 3, sour: 3 });
});

it("a file that was changed after a tenant had run it, or taken away, is refused before anything is done", async () => {
  write("0001_tax", `${ONE} `);
  const changed = await rehearsal.preview();
  assert.equal(changed.ok, false);
  assert.match(
    changed.failures.join("\n"),
    /0001_tax\.sql: was changed after tenant \w+ had run it\. Put it back as it was/,
  );
  write("0001_tax", ONE);
  rmSync(path.join(folder, "0003_has_code.sql"));
  const ahead = await rehearsal.preview();
  assert.match(
    ahead.failures.join("\n"),
    /tenant \w+ is ahead: it has run 0003_has_code, and the files end with 0002_one_code/,
  );
  write("0003_has_code", THREE);
});

it("a new tenant runs all of them, and a removed one takes its ledger along", async () => {
  rehearsal.declare("fresh");
  rehearsal.withdraw("calm");
  const { ok, failures } = await rehearsal.up();
  assert.deepEqual([ok, failures], [true, []]);
  assert.deepEqual(await numbers(), { canary: 3, fresh: 3, sour: 3 });
});
