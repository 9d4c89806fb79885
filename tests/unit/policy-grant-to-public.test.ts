import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noGrantToPublic } from "../../policy/policies/no-grant-to-public";
import { violations } from "./policy-analysis";

const DATABASE = "urn:pulumi:prod::b2b-tenants::b2b-tenants:index:Tenant$b2b-tenants:index:TenantDatabase";
const GRANT = `${DATABASE}$postgresql:index/grant:Grant::acme-connect`;
const DEFAULTS = `${DATABASE}$postgresql:index/defaultPrivileges:DefaultPrivileges::acme-tables`;

describe("policy no-grant-to-public", () => {
  it("passes grants to a role, and revocations from PUBLIC", async () => {
    for (const urn of [GRANT, DEFAULTS]) {
      assert.deepEqual(await told(urn, "user_acme", ["CONNECT"]), []);
      assert.deepEqual(await told(urn, "public", []), []);
    }
  });

  it("stops what grants anything to PUBLIC", async () => {
    for (const urn of [GRANT, DEFAULTS]) {
      for (const role of ["public", "PUBLIC"]) {
        assert.deepEqual(await told(urn, role, ["CONNECT", "TEMPORARY"]), [
          "no-grant-to-public: Nothing is granted to PUBLIC.\n" +
            "It grants CONNECT, TEMPORARY to PUBLIC, and so to every tenant. Name the one role that is to have it.",
        ]);
      }
    }
  });
});

function told(urn: string, role: string, privileges: string[]): Promise<string[]> {
  return violations([noGrantToPublic], { urn, props: { role, privileges, objectType: "database" } });
}
