import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { it } from "node:test";
import { remove as dropGuard } from "../../components/dynamic/drop-guard-run";
import { remove as gate } from "../../components/dynamic/offboarding-gate-run";

const ADVICE =
  /cannot log in as postgres to PostgreSQL at 127\.0\.0\.1:\d+.*A removal logs in with the address and the password that the last `up` has stored.*put the tenant's file back, run `up` with today's, and then remove the tenant again/s;

/** A port of loopback that nobody listens on: where the database was, before its address changed. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

it("a removal that cannot log in says that it has the address and the password of the last `up`", async () => {
  const stored = {
    tenant: "acme",
    role: "user_acme",
    schema: "schema_acme",
    host: "127.0.0.1",
    port: await closedPort(),
    database: "postgres",
    user: "postgres",
    password: "of-the-last-up",
    sslmode: "disable",
  } as const;
  const backups = { destination: "/nowhere", region: "us-east-1", backup: true };
  await assert.rejects(gate("id", { ...stored, ...backups }), { message: ADVICE });
  await assert.rejects(dropGuard("id", stored), { message: ADVICE });
});
