import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, it } from "node:test";
import { migratedTo } from "../../database/schema-marker";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

const ONE = "create table tax (id integer primary key, code text);\n";
const TWO = "alter table tax add constraint one_code unique (code);\n";

let rehearsal: ScratchRehearsal;
let folder: string;

before(async () => {
  const files = { calm: frontend("calm"), canary: `${frontend("canary")}canary: true\n` };
  folder = mkdtempSync(path.join(tmpdir(), "migrations-"));
  write("0001_tax", ONE);
  write("0002_one_code", TWO);
  rehearsal = new ScratchRehearsal(files, ["--migrations", folder]);
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

it("a new fleet runs all of them", async () => {
  const { ok, failures } = await rehearsal.up();
  assert.deepEqual([ok, failures], [true, []]);
  assert.deepEqual(await numbers(), { calm: 2, canary: 2 });
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
  rmSync(path.join(folder, "0002_one_code.sql"));
  const ahead = await rehearsal.preview();
  assert.match(
    ahead.failures.join("\n"),
    /tenant \w+ is ahead: it has run 0002_one_code, and the files end with 0001_tax/,
  );
  write("0002_one_code", TWO);
});

it("a new tenant runs all of them, and a removed one takes its ledger along", async () => {
  rehearsal.declare("fresh");
  rehearsal.withdraw("calm");
  const { ok, failures } = await rehearsal.up();
  assert.deepEqual([ok, failures], [true, []]);
  assert.deepEqual(await numbers(), { canary: 2, fresh: 2 });
});
