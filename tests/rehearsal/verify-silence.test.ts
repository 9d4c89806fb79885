import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { withTimeouts } from "../../ops/stack/aws-client";
import type { StackAccess } from "../../ops/stack/stack-access";
import { readLogins } from "../../ops/stack/tenant-environment";
import { PATIENCE, type Patience } from "../../ops/verify/patience";
import { type Verification, verifyIsolation } from "../../ops/verify/verification";
import { stackAccess } from "../../rehearsal/session/stack-access";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";
import { type Listening, silent, silentAfterLogin } from "./silent-servers";

/** What verify waits for in production takes too long for a test. */
const IMPATIENT: Patience = { connectTimeout: 500, firstQueryTimeout: 500, queryTimeout: 2_000 };

/** A call without a time-out would never end. */
const HANGS_MS = 30_000;

describe("verify waits for nobody who is silent:", () => {
  const rehearsal = new ScratchRehearsal({ acme: frontend("acme"), farma: frontend("farma") });
  const open: Listening[] = [];

  before(async () => {
    const { ok, failures } = await rehearsal.up();
    assert.deepEqual([ok, failures], [true, []]);
  });
  after(async () => {
    for (const listening of open) await listening.close();
    await rehearsal.remove();
  });

  /** What listens in the server's place. */
  async function instead(listening: Promise<Listening>): Promise<Listening> {
    open.push(await listening);
    return listening;
  }

  function provedAt(port: number, patience: Patience): Promise<Verification> {
    const { settings, ...access } = stackAccess(rehearsal.session) as StackAccess;
    const database = { ...settings.database, port };
    return verifyIsolation({ ...access, settings: { ...settings, database } }, { report: () => {} }, patience);
  }

  it("a server that takes the connection and says nothing", async () => {
    const { port } = await instead(silent());
    await assert.rejects(
      provedAt(port, IMPATIENT),
      new RegExp(`^Error: cannot log in as postgres to PostgreSQL at 127\\.0\\.0\\.1:${port}, .*security group`),
    );
  });

  it("a server that lets the admin in and then says nothing", async () => {
    const { port } = await instead(silentAfterLogin(rehearsal.session.postgres, "postgres"));
    // The first query is the one that is given up: the others have longer.
    await assert.rejects(
      provedAt(port, { ...IMPATIENT, queryTimeout: 600_000 }),
      new RegExp(
        `^Error: PostgreSQL at 127\\.0\\.0\\.1:${port}, database postgres, let postgres in and then stopped answering`,
      ),
    );
  });

  it("a tenant's session is a finding, and the others are tried all the same", async () => {
    const { port } = await instead(silentAfterLogin(rehearsal.session.postgres, "user_acme"));
    const { tenants, leaks } = await provedAt(port, IMPATIENT);
    assert.deepEqual(
      tenants.map(({ slug, complete }) => [slug, complete]),
      [
        ["acme", false],
        ["farma", true],
      ],
    );
    assert.deepEqual(
      leaks.map(({ check, role }) => [check, role]),
      [["statement", "user_acme"]],
    );
    assert.match(String(leaks[0]?.hint), /nothing is proved of it: its session has fallen silent/);
  });

  it("a server that stops answering anybody while tenants are tried", async () => {
    const { port } = await instead(silentAfterLogin(rehearsal.session.postgres, "user_acme", "all"));
    await assert.rejects(
      provedAt(port, IMPATIENT),
      /^Error: PostgreSQL at .* let postgres in and then stopped answering/,
    );
  });

  it("of all of these people hear in time, with some seconds for the settings", () => {
    assert.ok(PATIENCE.connectTimeout + PATIENCE.firstQueryTimeout < 15_000);
    const { maxAttempts, requestHandler } = withTimeouts({ region: "us-east-1" });
    assert.ok(maxAttempts * (requestHandler.connectionTimeout + requestHandler.requestTimeout) <= 21_000);
  });

  it("SSM that takes the connection and says nothing", { timeout: HANGS_MS }, async () => {
    const { port, connections } = await instead(silent());
    const { settings, aws } = stackAccess(rehearsal.session);
    await assert.rejects(
      readLogins({ settings, aws: { ...aws, endpoint: `http://127.0.0.1:${port}`, requestTimeout: 500 } }, ["acme"]),
      /^Error: the parameters of the tenants cannot be read from SSM in \S+: it does not answer; check the network path/,
    );
    assert.equal(connections(), 3);
  });
});
