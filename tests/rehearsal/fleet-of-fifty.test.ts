import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, it } from "node:test";
import { migratedTo } from "../../database/schema-marker";
import { tenantLogin } from "../../rehearsal/session/tenant-login";
import { leftovers } from "./leftovers";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

const SLUGS = Array.from({ length: 50 }, (_, i) => `tenant_${i + 1}`);
const LEAVING = "tenant_5";
const CANARY = "tenant_17";
const POISONED = "tenant_33";

/** Fifty proved backups would add nothing to a few but their time. */
const BACKED_UP = 3;
const files = SLUGS.map((slug, i) => [
  slug,
  `${frontend(slug)}canary: ${slug === CANARY}\noffboarding: { backup: ${i < BACKED_UP} }\n`,
]);

const migrations = mkdtempSync(path.join(tmpdir(), "migrations-"));
writeFileSync(path.join(migrations, "0001_tax.sql"), "create table tax (id integer primary key, code text);\n");
const rehearsal = new ScratchRehearsal(Object.fromEntries(files), ["--migrations", migrations]);
after(async () => {
  rmSync(migrations, { recursive: true });
  await rehearsal.remove();
});

/** As the tenant's backend would. */
const as = async (slug: string, sql: string) => rehearsal.sql(sql, [], await tenantLogin(rehearsal.session, slug));

/** Which tenants' schemas say that they have run so many migrations. */
async function standingAt(count: number): Promise<string[]> {
  const rows = await rehearsal.sql(
    "select nspname as schema, obj_description(oid, 'pg_namespace') as comment from pg_namespace where nspname like 'schema\\_%'",
  );
  return rows.filter(({ comment }) => migratedTo(comment)?.number === count).map(({ schema }) => schema.slice(7));
}

let everything: string[];

it("fifty tenants come to life in one up", async () => {
  const { ok, failures } = await rehearsal.up();
  assert.deepEqual([failures, ok], [[], true]);
  everything = await leftovers(rehearsal);
  for (const kind of ["role user_", "schema schema_", "instance of ", "IAM role ", "instance profile ", "alarm "]) {
    assert.equal(everything.filter((line) => line.startsWith(kind)).length, SLUGS.length, kind);
  }
  assert.equal(everything.filter((line) => line.startsWith("security group: ")).length, 1);
  assert.equal(everything.filter((line) => line.startsWith("parameter ")).length, SLUGS.length * 5);
});

it("a second up changes nothing, and does not write the state", async () => {
  const before = rehearsal.stateHash;
  const { ok, changes } = await rehearsal.up();
  assert.deepEqual([changes, ok], [[], true]);
  assert.equal(rehearsal.stateHash, before);
});

it("a migration that fails in the canary touches nobody else", async () => {
  writeFileSync(
    path.join(migrations, "0002_one_code.sql"),
    "\nalter table tax add constraint one_code unique (code);\n",
  );
  for (const slug of [CANARY, POISONED]) await as(slug, "insert into tax values (1, 'a'), (2, 'a')");
  const { ok, changes, failures } = await rehearsal.up();
  assert.deepEqual([ok, changes, failures.length], [false, [], 1]);
  assert.match(
    failures[0] ?? "",
    /^tenant_17-migrations: .*0002_one_code\.sql:2: could not create unique index "one_code".*tenant_17 stays at 0001_tax/,
  );
  assert.equal((await standingAt(1)).length, SLUGS.length);
});

it("one that fails in one other tenant is run for all the rest, and that tenant stays as it was", async () => {
  await as(CANARY, "delete from tax where id = 2");
  const { ok, changes, failures } = await rehearsal.up();
  const others = SLUGS.filter((slug) => slug !== POISONED);
  assert.deepEqual(changes, others.map((slug) => `update ${slug}-migrations`).sort());
  assert.deepEqual([ok, failures.length], [false, 1]);
  assert.match(
    failures[0] ?? "",
    /^tenant_33-migrations: .*0002_one_code\.sql:2: could not create unique index "one_code".*tenant_33 stays at 0001_tax/,
  );
  assert.deepEqual([await standingAt(1), (await standingAt(2)).sort()], [[POISONED], others.sort()]);
  assert.deepEqual(await as(POISONED, "select id, code from tax order by id"), [
    { id: 1, code: "a" },
    { id: 2, code: "a" },
  ]);
});

it("once its rows are mended that tenant alone is migrated; a file removed takes its tenant away, and no other whose slug it begins", async () => {
  await as(POISONED, "delete from tax where id = 2");
  rehearsal.withdraw(LEAVING);
  const { ok, changes, failures } = await rehearsal.up();
  assert.deepEqual([failures, ok], [[], true]);
  assert.ok(changes.length > 20);
  assert.deepEqual(
    changes.filter((change) => change !== `delete ${LEAVING}` && !change.startsWith(`delete ${LEAVING}-`)),
    [`update ${POISONED}-migrations`],
  );
  const theirs = new RegExp(`(?<![a-z])(\\w+_)?${LEAVING}\\b`);
  assert.deepEqual(
    await leftovers(rehearsal),
    everything.filter((line) => !theirs.test(line)),
  );
});

it("destroy leaves nothing behind", async () => {
  const { ok, state, failures } = await rehearsal.destroy();
  assert.deepEqual([failures, ok, state.resources], [[], true, []]);
  assert.deepEqual(await leftovers(rehearsal), []);
  assert.equal(readdirSync(rehearsal.home.backups).length, BACKED_UP * 2);
});
