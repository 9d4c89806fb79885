import assert from "node:assert/strict";
import { test } from "node:test";
import { alarmName, iamName, isSlug, roleName, schemaName, scratchName, ssmPath, topicName } from "../../domain/names";

const LONGEST = "a".repeat(56);

test("names are the guide's", () => {
  assert.equal(roleName("farmacruz"), "user_farmacruz");
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

for (const stack of ["", "a/b", "a b", "a\n", "*", "s".repeat(101)]) {
  test(`${JSON.stringify(stack)} is no stack, and no name is made of it`, () => {
    assert.throws(() => ssmPath(stack, "acme"), /^Error: not the name of a stack/);
    assert.throws(() => iamName(stack, "acme"), /^Error: not the name of a stack/);
  });
}

test("the path of farma does not lead into that of farmacon", () => {
  const [farma, farmacon] = [ssmPath("prod", "farma"), ssmPath("prod", "farmacon")];
  assert.equal(`${farmacon}/SECRET_KEY`.startsWith(`${farma}/`), false);
  assert.equal(`${farma}/SECRET_KEY`.startsWith(`${farmacon}/`), false);
});

test("an IAM name of 64 characters stays whole, a longer one is cut and keeps its difference", () => {
  const stack = "s".repeat(64 - "b2b-tenants--acme".length);
  assert.equal(iamName(stack, "acme"), `b2b-tenants-${stack}-acme`);
  assert.equal(iamName(stack, "acme").length, 64);
  assert.match(iamName(`${stack}s`, "acme"), /^.{55}-[0-9a-f]{8}$/);
  const cut = iamName("prod", LONGEST);
  assert.match(cut, /^b2b-tenants-prod-a{38}-[0-9a-f]{8}$/);
  assert.equal(cut.length, 64);
  assert.notEqual(cut, iamName("prod", `${"a".repeat(55)}b`));
  assert.equal(cut, iamName("prod", LONGEST));
});

test("no two tenants share an IAM name: the last hyphen separates stack from slug", () => {
  const pairs = [
    ["prod", "a_b"],
    ["prod-a", "b"],
    ["prod_a", "b"],
    ["prod-a-b", "c"],
    ["prod-a", "b_c"],
  ] as const;
  assert.equal(new Set(pairs.map(([stack, slug]) => iamName(stack, slug))).size, pairs.length);
});

test("alarms carry the name of their stack, and a server's its tenant's", () => {
  assert.equal(alarmName("prod", "cpu"), "b2b-tenants-prod-cpu");
  assert.equal(alarmName("prod", "status", "distribuidora_mx"), "b2b-tenants-prod-distribuidora_mx-status");
  assert.ok(alarmName("s".repeat(100), "status", LONGEST).length <= 255);
  assert.throws(() => alarmName("prod", "status", "a-b"), /not a slug/);
});

test("a topic's name has no dot, and no two stacks share one", () => {
  assert.equal(topicName("prod-farmacruz"), "b2b-tenants-prod-farmacruz-alarms");
  assert.match(topicName("prod.mx"), /^b2b-tenants-prod_mx-alarms-[0-9a-f]{8}$/);
  const stacks = ["prod_mx.1", "prod.mx_1", "prod.mx.1", "prod_mx_1"];
  assert.equal(new Set(stacks.map(topicName)).size, stacks.length);
});
