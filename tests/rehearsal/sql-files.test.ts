import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { SqlFile } from "../../database/sql-file";
import { INSTALLABLE_MAJORS } from "../../rehearsal/servers/postgres-programs";
import { freshServer, PLANS_OFF, type TestServer, triedMajors } from "../conformance/postgres-server";

const ROOT = path.resolve(__dirname, "../..");

/** Folders at the root that hold no queries of the program's: `sql/` is run as a whole, for each tenant. */
const ELSEWHERE = new Set(["node_modules", "tests", "sql"]);

const OTHER_PLANS = PLANS_OFF.map((setting) => `-c ${setting}=off`).join(" ");

/** Every query that is kept in a file, wherever that is. */
const FILES = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !ELSEWHERE.has(entry.name))
  .flatMap(({ name }) =>
    readdirSync(path.join(ROOT, name), { recursive: true }).map((file) => path.join(name, String(file))),
  )
  .filter((file) => file.endsWith(".sql"));

it("there are queries in files", () => assert.ok(FILES.length > 5, `${FILES.length} files`));

for (const major of triedMajors(INSTALLABLE_MAJORS)) {
  describe(`the queries in files, PostgreSQL ${major}`, () => {
    let on: TestServer;
    before(async () => {
      on = await freshServer(major);
      // What the heads of the files name.
      await on.admin.query("create role user_acme login; grant user_acme to postgres");
      await on.admin.query("create schema schema_acme authorization user_acme");
      // Otherwise the plan would be one for parameters that are null.
      await on.admin.query("set plan_cache_mode = force_generic_plan");
    });
    after(() => on.remove());

    for (const file of FILES) {
      it(`${file} is understood by the server, whatever its parameters`, async () => {
        const query = new SqlFile<object, string>(path.join(ROOT, file));
        const { names } = query;
        const text = query.textFor(major);
        if (/^do\s/m.test(text)) {
          // A block of code has no plan; with nothing to do it does nothing.
          await on.admin.query(text);
          return;
        }
        // As it is run, where each parameter's type has to be known without its value.
        await on.admin.query(`prepare query as ${text}`);
        const { rows: prepared } = await on.admin.query<{ types: string[] }>(
          "select parameter_types::text[] as types from pg_prepared_statements where name = 'query'",
        );
        assert.equal(prepared[0]?.types.length, names.length);
        const nulls = names.length > 0 ? `(${names.map(() => "null").join(", ")})` : "";
        const { rows } = await on.admin.query<{ "QUERY PLAN": string }>(`explain execute query ${nulls}`);
        assert.ok(rows.length > 0);
        await on.admin.query("deallocate query");
      });

      const { since } = new SqlFile<object, string>(path.join(ROOT, file));
      if (major < since) continue;
      it(`${file} is run by psql as it stands`, () => {
        const { host, port, database, adminUser, adminPassword, programs } = on.server;
        const arguments_ = [
          "-X",
          "-v",
          "ON_ERROR_STOP=1",
          "-h",
          host,
          "-p",
          String(port),
          "-U",
          adminUser,
          "-d",
          database,
        ];
        const { status, stderr } = spawnSync(programs.psql, [...arguments_, "-f", path.join(ROOT, file)], {
          encoding: "utf8",
          env: { PATH: process.env.PATH, PGPASSWORD: adminPassword, PGOPTIONS: OTHER_PLANS, LC_ALL: "C" },
        });
        assert.equal(stderr, "");
        assert.equal(status, 0);
      });
    }
  });
}
