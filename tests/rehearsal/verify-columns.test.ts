import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CATALOG_COLUMNS } from "../../ops/verify/catalog/columns";
import { CHECKS } from "../../ops/verify/leak";
import { freshServer, type TestServer, triedMajors } from "../conformance/postgres-server";

/** Every such column that the server has, as it says itself. */
const COLUMNS = `
  with given as (
    select c.oid, c.relname || '.' || attname as name, atttypid as type,
           array(select pktable from pg_get_catalog_foreign_keys() where fktable = c.oid and attname = any (fkcols)) as keys
      from pg_class c join pg_attribute on attrelid = c.oid
     where relnamespace = 'pg_catalog'::regnamespace and relkind = 'r' and attnum > 0)
  select name, kind
    from given, lateral (
      select case when 'pg_authid'::regclass = any (keys) or type in ('regrole'::regtype, 'regrole[]'::regtype) then 'role'
                  when type in ('aclitem[]'::regtype, 'aclitem'::regtype) then 'access list'
                  when 'pg_proc'::regclass = any (keys) or type in ('regproc'::regtype, 'regprocedure'::regtype) then 'routine'
                  when 'pg_namespace'::regclass = any (keys) or type = 'regnamespace'::regtype then 'schema' end as kind) as found
   where kind is not null`;

for (const major of triedMajors([16, 18])) {
  describe(`the table of catalog columns, PostgreSQL ${major}`, () => {
    let on: TestServer;
    before(async () => {
      on = await freshServer(major);
    });
    after(() => on.remove());

    it("has every column that names a role, a routine or a schema, or holds an access list, and no other", async () => {
      const { rows } = await on.admin.query<{ name: string; kind: string }>(COLUMNS);
      const known = CATALOG_COLUMNS.filter(({ since = 0 }) => since <= major);
      const line = ({ name, kind }: { name: string; kind: string }) => `${kind}: ${name}`;
      assert.ok(rows.length > 90, `${rows.length} columns`);
      assert.deepEqual(known.map(line).sort(), rows.map(line).sort());
    });
  });
}

it("the table names no check that verify does not have", () => {
  const words: ReadonlySet<string> = new Set([...CHECKS, "security definer", "pg_proc"]);
  const named = CATALOG_COLUMNS.flatMap(({ looked }) =>
    [...looked.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word),
  );
  assert.deepEqual(
    named.filter((word) => !words.has(word)),
    [],
  );
});
