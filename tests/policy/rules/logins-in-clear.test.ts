import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loginsAreEncrypted } from "../../../policy/rules/database";
import { messages, UNKNOWN } from "../analysis";
import { inTenant } from "../urns";

const PROVIDER = "urn:pulumi:prod::b2b-tenants::pulumi:providers:postgresql::database-admin";
const DYNAMIC = ["SchemaGuard", "DropGuard", "SqlScript", "Migrations", "LoginHandover", "OffboardingGate"].map(
  (name) => inTenant(`pulumi-nodejs:dynamic/b2b-tenants:${name}`, "acme-x"),
);
const ALL = [PROVIDER, ...DYNAMIC];

describe("policy logins-are-encrypted", () => {
  it("passes encrypted logins", async () => {
    for (const sslmode of ["require", "verify-ca", "verify-full"]) await passes({ host: "db.example.com", sslmode });
  });

  it("passes a server on the same machine", async () => {
    for (const host of ["127.0.0.1", "localhost", "::1", "/var/run/postgresql"])
      await passes({ host, sslmode: "disable" });
  });

  it("stops logins that are not encrypted, may not be, or do not say", async () => {
    for (const sslmode of ["disable", "allow", "prefer", "REQUIRE", "", true, null]) {
      for (const urn of ALL) {
        const [violation, ...more] = await violationsOf({ host: "db.example.com", sslmode }, urn);
        assert.match(violation ?? "", /^It logs in to "db\.example\.com" with sslmode .*: a password could be read/);
        assert.deepEqual(more, []);
      }
    }
    assert.equal((await violationsOf({ host: "db.example.com" }, PROVIDER)).length, 1);
    assert.equal((await violationsOf({ sslmode: "disable" }, PROVIDER)).length, 1);
  });

  it("does not mistake another host for this machine", async () => {
    for (const host of ["localhost.example.com", "127.0.0.1.example.com", "x/var", "0.0.0.0", ["127.0.0.1", "db"]]) {
      assert.equal((await violationsOf({ host, sslmode: "disable" }, PROVIDER)).length, 1, String(host));
    }
  });

  it("skips what a preview does not know, if it matters", async () => {
    await passes({ host: "db.example.com", sslmode: UNKNOWN });
    await passes({ host: UNKNOWN, sslmode: "require" });
  });
});

async function passes(props: object): Promise<void> {
  for (const urn of ALL) assert.deepEqual(await violationsOf(props, urn), []);
}

function violationsOf(props: object, urn: string): Promise<string[]> {
  return messages(loginsAreEncrypted, urn, props);
}
