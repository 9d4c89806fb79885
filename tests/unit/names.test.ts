import assert from "node:assert/strict";
import { test } from "node:test";
import {
  databaseAlarmName,
  iamName,
  isSlug,
  loginNames,
  roleName,
  roleOfSecondLogin,
  schemaName,
  scratchName,
  serverAlarmName,
  ssmPath,
  topicName,
} from "../../domain/names";

const LONGEST = "a".repeat(56);

test("names are the guide's", () => {
  assert.equal(roleName("farmacruz"), "user_farmacruz");
  assert.deepEqual(loginNames("user_farmacruz"), ["user_farmacruz", "user2_farmacruz"]);
  assert.equal(roleOfSecondLogin("user2_farmacruz"), "user_farmacruz");
  for (const other of ["user_farmacruz", "user_2_x", "user2_", "user2_A", "postgres"]) {
    assert.equal(roleOfSecondLogin(other), undefined, other);
  }
  assert.deepEqual(loginNames("postgres"), ["postgres"]);
  assert.equal(schemaName("distribuidora_mx"), "schema_distribuidora_mx");
  assert.equal(ssmPath("prod", "farmacruz"), "/b2b-tenants/prod/farmacruz/env");
  assert.equal(iamName("prod", "farmacruz"), "b2b-tenants-prod-farmacruz");
});

test("the longest slug fits PostgreSQL's 63 bytes, and one more is no slug", () => {
  assert.equal(isSlug(LONGEST), true);
  assert.equal(schemaName(LONGEST).length, 63);
  assert.equal(scratchName(LONGEST).length, 63);
  // Where the name had to be cut, tenants whose slugs begin alike still have scratch databases of their own.
  assert.notEqual(scratchName(LONGEST), scratchName(`${LONGEST.slice(0, -1)}z`));
  assert.equal(scratchName("acme"), "scratch_acme");
  assert.equal(isSlug(`${LONGEST}a`), false);
});

const notSlugs = [
  "",
  "A",
  "1a",
  "_a",
  "a-b",
  "a.b",
  "a b",
  "a\n",
  "a\0",
  "á",
  "a'",
  'a"',
  "a/b",
  "a;b",
  "a$b",
  "ａ",
  "*",
];

for (const text of notSlugs) {
  test(`${JSON.stringify(text)} is no slug, and no name is made of it`, () => {
    assert.equal(isSlug(text), false);
    for (const name of [
      roleName,
      schemaName,
      scratchName,
      (slug: string) => ssmPath("prod", slug),
      (slug: string) => iamName("prod", slug),
    ]) {
      assert.throws(() => name(text), /^Error: not a slug/);
    }
  });
}

for (const environment of ["", "a/b", "a b", "a\n", "*", "a-b", "Prod", "1a", "e".repeat(31)]) {
  test(`${JSON.stringify(environment)} is no environment, and no name is made of it`, () => {
    const names = [ssmPath, iamName, serverAlarmName, topicName];
    for (const name of names) assert.throws(() => name(environment, "acme"), /^Error: not the name of an environment/);
    assert.throws(
      () => databaseAlarmName(environment, "b2b-platform", "cpu"),
      /^Error: not the name of an environment/,
    );
  });
}

test("the path of farma does not lead into that of farmacon", () => {
  const [farma, farmacon] = [ssmPath("prod", "farma"), ssmPath("prod", "farmacon")];
  assert.equal(`${farmacon}/SECRET_KEY`.startsWith(`${farma}/`), false);
  assert.equal(`${farma}/SECRET_KEY`.startsWith(`${farmacon}/`), false);
});

test("an IAM name of 64 characters stays whole, a longer one is cut and keeps its difference", () => {
  const slug = "s".repeat(64 - "b2b-tenants-prod-".length);
  assert.equal(iamName("prod", slug), `b2b-tenants-prod-${slug}`);
  assert.match(iamName("prod", `${slug}s`), /^.{55}-[0-9a-f]{8}$/);
  const cut = iamName("prod", LONGEST);
  assert.match(cut, /^b2b-tenants-prod-a{38}-[0-9a-f]{8}$/);
  assert.equal(cut.length, 64);
  assert.notEqual(cut, iamName("prod", `${"a".repeat(55)}b`));
  assert.equal(cut, iamName("prod", LONGEST));
});

test("no two tenants share an IAM name: a hyphen separates environment from slug", () => {
  const pairs = [
    ["prod", "a_b"],
    ["prod_a", "b"],
    ["p", "rod_a"],
  ] as const;
  assert.equal(new Set(pairs.map(([environment, slug]) => iamName(environment, slug))).size, pairs.length);
});

test("alarms carry the name of their environment, and a server's its tenant's", () => {
  assert.equal(databaseAlarmName("prod", "b2b-platform", "cpu"), "b2b-tenants-prod-b2b-platform-cpu");
  assert.equal(topicName("prod", "b2b-platform"), "b2b-tenants-prod-b2b-platform-alarms");
  assert.equal(serverAlarmName("prod", "distribuidora_mx"), "b2b-tenants-prod-distribuidora_mx-status");
  assert.throws(() => serverAlarmName("prod", "a-b"), /not a slug/);
});
