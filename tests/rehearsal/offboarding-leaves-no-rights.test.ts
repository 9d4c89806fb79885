import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { tenantLogin } from "../../rehearsal/tenant-login";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

describe("a tenant that is removed while another tenant keeps something of its", () => {
  const rehearsal = new ScratchRehearsal({ accomplice: frontend("accomplice"), leaver: frontend("leaver") });
  before(async () => {
    assert.deepEqual((await rehearsal.up()).failures, []);
  });
  after(() => rehearsal.remove());

  const as = async (slug: string, sql: string) => rehearsal.sql(sql, [], await tenantLogin(rehearsal.session, slug));

  test("leaves no function that runs as the admin: its removal fails instead", async () => {
    await as("accomplice", "grant create, usage on schema schema_accomplice to user_leaver");
    await as(
      "leaver",
      "create function schema_accomplice.trap() returns text language sql security definer as 'select current_user::text'",
    );
    rehearsal.withdraw("leaver");
    const { failures } = await rehearsal.up();
    assert.equal(failures.length, 1);
    assert.match(
      failures[0] ?? "",
      /^leaver-role: .*"user_leaver" cannot be dropped because some objects depend on it/s,
    );
    const owners = await rehearsal.sql(
      "select r.rolname as owner from pg_proc p join pg_roles r on r.oid = p.proowner where p.proname = 'trap'",
    );
    assert.deepEqual(owners, [{ owner: "user_leaver" }]);
  });

  test("is gone with the next run once the admin has dropped what it left", async () => {
    for (const statement of [
      // What the other tenant granted can be taken back with that tenant's rights only.
      "grant user_leaver, user_accomplice to postgres with inherit true, set true",
      "drop owned by user_leaver",
      "revoke user_leaver, user_accomplice from postgres",
    ]) {
      await rehearsal.sql(statement);
    }
    assert.deepEqual((await rehearsal.up()).failures, []);
    assert.deepEqual(await rehearsal.sql("select 1 from pg_roles where rolname = 'user_leaver'"), []);
  });
});
