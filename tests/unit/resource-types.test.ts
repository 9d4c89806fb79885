import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUrn, slugOf } from "../../domain/urn";
import { described } from "../../ops/recover/resource-names";

const TENANT = "b2b:index:Tenant";

test("recover calls a resource as the comment on a pull request does", () => {
  for (const [type, name, inputs, text] of [
    ["pulumi-nodejs:dynamic/b2b-tenants:DropGuard", "acme-drop-guard", {}, "drop guard acme-drop-guard"],
    ["postgresql:index/role:Role", "acme-role", { name: "user_acme" }, "login role user_acme"],
    ["aws:ssm/parameter:Parameter", "acme-env-A", { name: "/b2b/acme/env/A" }, ".env value A"],
    ["random:index/randomPassword:RandomPassword", "acme-secret-key", {}, "SECRET_KEY acme-secret-key"],
    ["random:index/randomPassword:RandomPassword", "acme-password", {}, "database password acme-password"],
    ["aws:s3/bucket:Bucket", "acme-bucket", {}, "Bucket acme-bucket"],
  ] as const) {
    assert.equal(described({ urn: `urn:pulumi:prod::b2b-tenants::${TENANT}$${type}::${name}`, type, inputs }), text);
  }
});

test("a URN has its parts, whatever its name holds; another text has none", () => {
  const urn = parseUrn(`urn:pulumi:prod::b2b-tenants::${TENANT}$a:b:C::acme-x::y\nz`);
  assert.deepEqual(urn, {
    stack: "prod",
    project: "b2b-tenants",
    within: [TENANT],
    type: "a:b:C",
    name: "acme-x::y\nz",
  });
  assert.equal(slugOf(urn), "acme");
  for (const text of ["", "acme", "urn:pulumi:prod::b2b-tenants", "urn:other:prod::p::t::n"]) {
    assert.equal(parseUrn(text), undefined);
    assert.equal(slugOf(parseUrn(text)), undefined);
  }
  assert.equal(slugOf(parseUrn("urn:pulumi:prod::b2b-tenants::a:b:C::acme-x")), undefined);
  assert.equal(slugOf(parseUrn(`urn:pulumi:prod::b2b-tenants::${TENANT}::Not a slug-x`)), undefined);
});
