import assert from "node:assert/strict";
import { it } from "node:test";
import { DatabaseError } from "pg";
import { withoutValues } from "../../database/script-failure";
import { UsageError } from "../../domain/usage-error";
import { sampleOf } from "../../ops/migrate/choose-tenants";
import { migrateWanted } from "../../ops/migrate/options";
import { trialsMarkdown, trialsText } from "../../ops/migrate/show-trials";
import type { TouchedTable, Trial, TriedFile } from "../../ops/migrate/trial";
import type { TenantVersion } from "../../ops/migrate/versions";

it("takes --status, or --try with tenants or a sample", () => {
  assert.equal(migrateWanted({ status: true }), undefined);
  const all = { slugs: [], sample: undefined, form: "text" };
  assert.deepEqual(migrateWanted({ try: true }), all);
  assert.deepEqual(migrateWanted({ try: ["acme", "bolt"] }), { ...all, slugs: ["acme", "bolt"] });
  assert.deepEqual(migrateWanted({ try: true, sample: "3" }), { ...all, sample: 3 });
  assert.deepEqual(migrateWanted({ try: true, markdown: true }), { ...all, form: "markdown" });
  assert.deepEqual(migrateWanted({ try: true, json: true }), { ...all, form: "json" });
});

for (const [values, words] of [
  [{}, /one of --status and --try; it is `npx pulumi up` that runs migrations/],
  [{ status: true, try: true }, /one of --status and --try/],
  [{ status: true, sample: "3" }, /--sample is for --try/],
  [{ status: true, markdown: true }, /--markdown is for --try/],
  [{ try: true, markdown: true, json: true }, /--json and --markdown are two forms/],
  [{ try: ["acme"], sample: "3" }, /one of the two/],
  [{ try: true, sample: "0" }, /at least 1, got "0"/],
  [{ try: ["Acme"] }, /"Acme" is not a tenant's slug/],
] as const) {
  it(`refuses ${JSON.stringify(values)}`, () =>
    assert.throws(
      () => migrateWanted(values),
      (error) => error instanceof UsageError && words.test(error.message),
    ));
}

it("draws the biggest and others, in the order of their names", () => {
  const tenants = ["a", "b", "c", "d"].map((tenant) => ({ tenant, schema: `schema_${tenant}` })) as TenantVersion[];
  const sizes = new Map([
    ["schema_a", 1],
    ["schema_c", 9],
  ]);
  const drawn = Array.from({ length: 50 }, () =>
    sampleOf(tenants, 2, sizes)
      .map(({ tenant }) => tenant)
      .join(""),
  );
  assert.deepEqual([...new Set(drawn)].sort(), ["ac", "bc", "cd"]);
  assert.equal(sampleOf(tenants, 9, sizes).length, 4);
  assert.deepEqual(sampleOf([], 1, sizes), []);
});

const table = (changes: Partial<TouchedTable>): TouchedTable => ({
  table: "orders",
  lock: "ACCESS EXCLUSIVE",
  blocks: "reads and writes",
  line: 2,
  milliseconds: 1500,
  rewritten: false,
  dropped: false,
  ...changes,
});
const file = (name: string, tables: TouchedTable[], unseen: number[] = []): TriedFile => ({
  name,
  milliseconds: 2000,
  rows: 1,
  tables,
  unseen,
});
const trial = (changes: Partial<Trial>): Trial => ({
  tenant: "acme",
  outcome: "passed",
  at: "0001_one",
  copyMilliseconds: 3000,
  files: [],
  error: null,
  ...changes,
});

it("tells people of each file whom it blocks, what it rewrites, and what it fails with", () => {
  const files = [
    file("0002_two", [table({ rewritten: true }), table({ table: "x\u001b[2J", lock: "SHARE", blocks: "writes" })]),
    file("0003_three", [table({ lock: "ROW EXCLUSIVE", blocks: null })], [4]),
    file("0004_four", [table({ dropped: true })]),
  ];
  const idle = trial({ tenant: "bolt", outcome: "nothing to run", at: null, copyMilliseconds: null });
  const failed = trial({ tenant: "cafe", outcome: "failed", error: "sql/migrations/0002_two.sql:1: no" });
  assert.equal(
    trialsText([trial({ files }), idle, failed]),
    `\
acme: passed, at 0001_one, copied in 3.0 s
  0002_two: 2.0 s, 1 row
  ! orders: ACCESS EXCLUSIVE from line 2 on, blocks reads and writes for 1.5 s, rewritten
    x\\u{1b}[2J: SHARE from line 2 on, blocks writes for 1.5 s
  0003_three: 2.0 s, 1 row, blocks nobody
    the locks of line 4 cannot be seen
  0004_four: 2.0 s, 1 row
  ! orders: ACCESS EXCLUSIVE from line 2 on, blocks reads and writes for 1.5 s, dropped

bolt: nothing to run, at 0000

cafe: failed, at 0001_one, copied in 3.0 s
  ! sql/migrations/0002_two.sql:1: no

3 tenants: 1 passed, 1 had nothing to run, 1 failed: cafe`,
  );
  assert.equal(trialsText([]), "No tenant of this stack has a migration to run.");
});

it("shows them in a comment, whatever a table is called and however many they are", () => {
  const heading = "**Migrations tried on copies of tenants of `prod`**\n\n";
  const hostile = [trial({ files: [file("0002_two", [table({ table: "a```\n<!-- x" })])] })];
  const shown = trialsMarkdown("prod", hostile);
  assert.ok(shown.startsWith(`${heading}\`\`\`\`text\nacme: passed`), shown);
  assert.ok(shown.includes("a```\\u{a}<\\u{21}-- x: ACCESS EXCLUSIVE"), shown);
  const many = trialsMarkdown(
    "prod",
    Array.from({ length: 1_000 }, () => trial({ error: "no" })),
  );
  assert.ok(many.length < 8_200 && many.endsWith("… the rest is in the run …\n```"), many.slice(-200));
});

it("leaves out what an error of data quotes, and keeps the names that others do", () => {
  const error = (code: string, message: string) => Object.assign(new DatabaseError(message, 0, "error"), { code });
  assert.equal(
    withoutValues(error("22P02", 'invalid input syntax for type integer: "a"b"')),
    'invalid input syntax for type integer: "…"',
  );
  assert.equal(
    withoutValues(error("23502", 'column "note" contains null values')),
    'column "note" contains null values',
  );
});
