import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../domain/usage-error";
import { destroyProblem, offboardingPlan } from "../../ops/ci/offboard-plan";
import { declaredIn } from "../../ops/fleet/declared";

const FILES: Readonly<Record<string, string>> = {
  "Pulumi.prod.yaml": "config: {b2b-tenants:fleet: true}",
  "Pulumi.pair.yaml": "config: {b2b-tenants:fleet: false}",
  "Pulumi.alone.yaml": "config: {b2b-tenants:fleet: false}",
  "tenants/acme.yaml": "frontendUrl: https://a.example.com",
  "tenants/bolt.yaml": "stack: alone",
  "tenants/cruz.yaml": "stack: pair",
  "tenants/dora.yaml": "stack: pair",
};

function plan(slug: string, again = slug, more: Readonly<Record<string, string>> = {}) {
  const files = { ...FILES, ...more };
  const tree = { paths: Object.keys(files), read: (path: string) => new TextEncoder().encode(files[path]) };
  return offboardingPlan(slug, again, declaredIn(tree));
}

test("a stack that holds one tenant alone is destroyed, and its settings go too", () => {
  const expected = { slug: "bolt", stack: "alone", destroys: true };
  assert.deepEqual(plan("bolt"), { ...expected, file: "tenants/bolt.yaml", settings: "Pulumi.alone.yaml" });
});

test("a stack that holds others, or what all share, is not", () => {
  for (const [slug, stack] of [
    ["acme", "prod"],
    ["cruz", "pair"],
  ] as const) {
    const expected = { slug, stack, destroys: false };
    assert.deepEqual(plan(slug), { ...expected, file: `tenants/${slug}.yaml`, settings: `Pulumi.${stack}.yaml` });
  }
});

test("a stack is not destroyed while a file may be of a tenant of its own", () => {
  assert.equal(plan("bolt", "bolt", { "tenants/echo.yaml": "stack: [" }).destroys, false);
});

for (const [name, refused, message] of [
  [
    "two different slugs",
    () => plan("acme", "acmi"),
    'the slug was typed as "acme" and then as "acmi": type the same slug twice',
  ],
  ["what is no slug", () => plan("../x"), '"../x" is not the slug of a tenant'],
  ["a tenant that is not there", () => plan("nobody"), 'no file declares a tenant "nobody"'],
  [
    "a file that is not right",
    () => plan("echo", "echo", { "tenants/echo.yaml": "stack: [" }),
    "tenants/echo.yaml does not say which stack the tenant is in: correct that file",
  ],
  [
    "a stack that is not there",
    () => plan("echo", "echo", { "tenants/echo.yaml": "stack: gone" }),
    "tenants/echo.yaml does not say which stack the tenant is in: correct that file",
  ],
  [
    "two files of one name",
    () =>
      plan("bolt", "bolt", {
        "Pulumi.trial.yaml": "config: {b2b-tenants:fleet: true, b2b-tenants:tenantsDir: trial}",
        "trial/bolt.yaml": "frontendUrl: https://b.example.com",
      }),
    "several files declare it: tenants/bolt.yaml, trial/bolt.yaml",
  ],
] as const) {
  test(`refused: ${name}`, () => {
    assert.throws(refused, (error) => error instanceof UsageError && error.message === message);
  });
}

test("what was approved is held against what is there when it begins", () => {
  const state = (...slugs: string[]) => ({
    deployment: {
      resources: [
        { urn: "urn:pulumi:alone::b2b-tenants::pulumi:pulumi:Stack::b2b-tenants-alone", type: "pulumi:pulumi:Stack" },
        ...slugs.map((slug) => ({
          urn: `urn:pulumi:alone::b2b-tenants::b2b:index:Tenant::${slug}`,
          type: "b2b:index:Tenant",
        })),
      ],
    },
  });
  assert.equal(destroyProblem(plan("bolt"), "alone", state("bolt")), undefined);
  // Nothing is left of one that was destroyed before.
  assert.equal(destroyProblem(plan("bolt"), "alone", { deployment: {} }), undefined);
  assert.match(
    destroyProblem(plan("bolt"), "alone", state("bolt", "left")) ?? "",
    /^alone still holds left, which no file/,
  );
  assert.match(destroyProblem(plan("bolt"), "pair", state("bolt")) ?? "", /now names alone, and not pair/);
  const joined = plan("bolt", "bolt", { "tenants/echo.yaml": "stack: alone" });
  assert.match(destroyProblem(joined, "alone", state("bolt")) ?? "", /now declares other tenants than bolt/);
});
