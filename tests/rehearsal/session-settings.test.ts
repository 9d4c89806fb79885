import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import type { Client } from "pg";
import { dumpSchema, restoreArchive } from "../../database/backup/archive";
import { readContents } from "../../database/backup/contents/schema-contents";
import { FolderDestination } from "../../database/backup/destination/folder-destination";
import { withAdminConnection, withConnection } from "../../database/connection";
import { errorMessage } from "../../database/error-message";
import { liftFence } from "../../database/offboarding/fence";
import { offboard } from "../../database/offboarding/offboard";
import type { ConnectionTarget } from "../../domain/connection-string";
import { type Amount, amountText } from "../../domain/quantities";
import { freshServer, session, type TestServer, triedMajors } from "../conformance/postgres-server";
import { assertInOrder } from "./recorded-tasks";

for (const major of triedMajors([16, 18])) {
  describe(`settings of a database or a role, PostgreSQL ${major}`, () => {
    const folder = mkdtempSync(path.join(tmpdir(), "settings-"));
    let on: TestServer;
    let superuser: Client;
    let admin: ConnectionTarget;
    let tenant: ConnectionTarget;

    before(async () => {
      on = await freshServer(major);
      const { host, port, database, adminUser, adminPassword } = on.server;
      admin = { host, port, database, user: adminUser, password: adminPassword, sslmode: "disable" };
      tenant = { ...admin, user: "user_acme", password: "acme" };
      superuser = await session(on.server, on.server.superuser.user, on.server.superuser.password);
      await on.admin.query(`
        create role user_acme login password 'acme';
        grant user_acme to postgres with set true;
        create schema schema_acme authorization user_acme`);
      await superuser.query(
        "set role user_acme; create table schema_acme.t as select 1 as n; alter table schema_acme.t add path text default E'日本 C:\\\\tmp'; alter table schema_acme.t add primary key (n); reset role",
      );
      // Those that end a session or make its work fail, of whichever major.
      const { rows } = await superuser.query<{ statement: string }>(
        `select format('alter %s set %I = %L', place, name, case vartype when 'bool' then 'on' else '1ms' end) as statement
           from pg_settings, unnest(array['role user_acme', 'database postgres']) as place
          where name in ('statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_session_timeout',
            'idle_in_transaction_session_timeout', 'default_transaction_read_only', 'quote_all_identifiers')
         union all select 'alter role user_acme set default_transaction_isolation = serializable'
         union all select 'alter database postgres set default_transaction_isolation = serializable'
         union all select 'alter database postgres set client_encoding = LATIN1'
         union all select 'alter database postgres set standard_conforming_strings = off'`,
      );
      assert.equal(rows.length, major >= 17 ? 18 : 16);
      for (const { statement } of rows) await superuser.query(`set transaction_read_only = off; ${statement}`);
    });
    after(async () => {
      await superuser.end();
      await on.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    const env = () => ({ ...process.env, PATH: `${path.dirname(on.server.programs.pg_dump)}:${process.env.PATH}` });

    for (const [who, open] of [
      ["the tenant's", () => withConnection(tenant, work)],
      ["the admin's", () => withAdminConnection(admin, work)],
    ] as const) {
      it(`neither end ${who} session of the program nor its transaction`, open);
    }

    it("are asked for by the first sessions of a process, however many log in at once", async () => {
      // Under another name the server is one that nothing is known of yet.
      const unknown = { ...tenant, host: "localhost" };
      await Promise.all(Array.from({ length: 4 }, () => withConnection(unknown, work)));
    });

    async function work(client: Client): Promise<void> {
      const { rows } = await client.query("show transaction_isolation");
      assert.deepEqual(rows, [{ transaction_isolation: "read committed" }]);
      for (const sql of ["begin", "create temporary table made ()", "select pg_sleep(0.05)", "commit"])
        await client.query(sql);
    }

    it("are not in the way of a restore as the tenant, nor of a removal", async () => {
      const destination = new FolderDestination(folder);
      await on.admin.query("grant user_acme to postgres with inherit true");
      const archive = await dumpSchema("schema_acme", admin, destination, "backup_acme_20260101T000000Z.dump", env());
      await withConnection(tenant, (client) => client.query("drop table schema_acme.t"));
      await restoreArchive(destination, archive, tenant, env(), ["--schema=schema_acme", "--single-transaction"]);
      const names = { tenant: "acme", schema: "schema_acme", role: "user_acme" };
      const gate = { ...admin, ...names, destination: folder, region: "us-east-1", backup: true };
      const lines: string[] = [];
      const at = (step: string, amount: Amount) => void lines.push(`${step}: ${amountText(amount)}`);
      await offboard(gate, { env: env(), done: () => {}, at });
      assertInOrder(lines, [
        /^reading and dumping: (\d+) of about \1 rows$/,
        /^restoring the backup: (\S+ kB) of \1$/,
        /^comparing what was restored: (\d+) of \1 rows$/,
      ]);
      await withAdminConnection(admin, (client) => liftFence(client, "user_acme"));
    });

    it("a removal that meets what a hardened server has taken says how to give it back", async () => {
      await superuser.query(
        "revoke select on pg_shdepend, pg_init_privs from public; revoke execute on function pg_identify_object, aclexplode from public",
      );
      const names = { tenant: "acme", schema: "schema_acme", role: "user_acme" };
      const gate = { ...admin, ...names, destination: folder, region: "us-east-1", backup: false };
      const refusals: string[] = [];
      for (;;) {
        const failure = await offboard(gate, { env: env(), done: () => {} }).then(() => "", errorMessage);
        if (failure === "") break;
        const [message, as, grant, ...more] = failure.split("\n");
        assert.match(
          message ?? "",
          /^acme was not removed: permission denied for .*Run this in database postgres, and then the same again:$/,
        );
        assert.deepEqual([as, more], ["-- as rdsadmin, or as another superuser:", []]);
        await superuser.query(grant ?? "");
        refusals.push(grant ?? "");
      }
      await superuser.query(
        `grant select on pg_shdepend, pg_init_privs to public; revoke select on pg_shdepend, pg_init_privs from postgres;
         grant execute on function pg_identify_object, aclexplode to public; revoke execute on function pg_identify_object, aclexplode from postgres`,
      );
      await withAdminConnection(admin, (client) => liftFence(client, "user_acme"));
      assert.deepEqual(refusals.sort(), [
        "grant execute on routine pg_catalog.aclexplode(aclitem[]) to postgres;",
        "grant execute on routine pg_catalog.pg_identify_object(oid,oid,integer) to postgres;",
        "grant select on table pg_catalog.pg_init_privs to postgres;",
        "grant select on table pg_catalog.pg_shdepend to postgres;",
      ]);
    });

    it("the server's own words tell why it has ended a session, whatever was asked next", async () => {
      const ended = /terminating connection due to administrator command/;
      for (const next of [
        (client: Client) => client.query("select"),
        (client: Client) => readContents(client, "schema_acme"),
      ]) {
        const losing = withAdminConnection(admin, async (client) => {
          const { rows } = await client.query("select pg_backend_pid() as pid");
          const gone = new Promise((resolve) => client.once("end", resolve));
          await superuser.query("select pg_terminate_backend($1, 10000)", [rows[0].pid]);
          await gone;
          await next(client);
        });
        await assert.rejects(losing, ended);
      }
    });
  });
}
