import assert from "node:assert/strict";
import { test } from "node:test";
import { budgetError, type ConnectionShare } from "../../domain/connection-budget";
import { loadTenants } from "../../domain/load-tenants";
import { errorsOf, PROD, tenantsFolder } from "./reading-stack";

const SETTINGS = { maxConnections: 80, reserve: 10 };

const share = (slug: string, connectionLimit: number, isDefault = false): ConnectionShare => ({
  place: `tenants/${slug}.yaml`,
  connectionLimit,
  isDefault,
});

const table: [what: string, limits: number[], tooMany: number | undefined][] = [
  ["no tenant at all", [], undefined],
  ["one well below", [10], undefined],
  ["one exactly at the border", [70], undefined],
  ["several exactly at the border", [40, 20, 10], undefined],
  ["one over", [40, 20, 11], 1],
  ["far over", [70, 70, 70], 140],
];

for (const [what, limits, tooMany] of table) {
  test(`${what}: ${limits.join(" + ")} of 80 less 10`, () => {
    const error = budgetError(
      limits.map((limit, i) => share(`t${i}`, limit)),
      SETTINGS,
    );
    assert.equal(error?.match(/, (\d+) more than 80; /)?.[1], tooMany?.toString());
  });
}

test("the error has the arithmetic, those that take most, and what to do", () => {
  const shares = [
    ...[3, 9, 12, 5, 11].map((limit, i) => share(`t${i}`, limit)),
    share("default", 10, true),
    share("big", 40),
  ];
  assert.equal(
    budgetError(shares, SETTINGS),
    `the connection limits of 7 tenants, of all stacks, plus limits.reserve may not exceed limits.maxConnections, \
got 90 + 10 = 100, 20 more than 80; allowed: limits of at most 70 in all
  Most take (5 of 7):
    tenants/big.yaml: 40
    tenants/t2.yaml: 12
    tenants/t4.yaml: 11
    tenants/default.yaml: 10, the default
    tenants/t1.yaml: 9
  Lower database.connectionLimit where less is enough, which server.pooler makes possible (docs/backend.md); or take a
  bigger instance (docs/guia.es.md: at 15 to 18 simultaneous connections), and then raise limits.maxConnections to what it has.`,
  );
});

const FRONTEND = "frontendUrl: https://shop.example.com\n";
const limited = (limit: number, more = "") => `${FRONTEND}${more}database:\n  connectionLimit: ${limit}\n`;

test("a folder at the border is read, and one over it is not", (t) => {
  const files = { "a.yaml": limited(50), "b.yaml": FRONTEND, "c.yaml": FRONTEND };
  assert.equal(loadTenants(tenantsFolder(t, files), PROD).length, 3);
  const [error, ...more] = errorsOf(tenantsFolder(t, { ...files, "a.yaml": limited(51) }));
  assert.deepEqual(more, []);
  assert.match(error ?? "", /: the connection limits of 3 tenants, .* got 71 \+ 10 = 81, 1 more than 80; /);
  // Where a limit is written, the place of the number.
  assert.match(error ?? "", /\n {4}a\.yaml:3:20: 51\n {4}.*\/b\.yaml: 10, the default\n/);
});

test("another stack's tenants count too, since the server is one, and no file may hide behind another stack", (t) => {
  const elsewhere = "stack: prod-elsewhere\n";
  const folder = tenantsFolder(t, { "a.yaml": limited(60), "b.yaml": limited(11, elsewhere) });
  assert.match(errorsOf(folder)[0] ?? "", /\n {4}.*b\.yaml:4:20: 11\n/);
  assert.match(errorsOf(folder, { ...PROD, stack: "prod-elsewhere", fleet: false })[0] ?? "", /got 71 \+ 10 = 81/);
  const alone = tenantsFolder(t, { "b.yaml": limited(71, elsewhere) });
  assert.match(errorsOf(alone)[0] ?? "", /the connection limits of 1 tenant plus limits\.reserve .* got 71 \+ 10 = 81/);
});

test("a single file that breaks it is told as that file's error, and the budget not once more", (t) => {
  const folder = tenantsFolder(t, { "a.yaml": limited(71), "b.yaml": limited(60), "c.yaml": limited(60) });
  const [error, ...more] = errorsOf(folder);
  assert.match(error ?? "", /^a\.yaml:3:20: 'database\.connectionLimit' must be at most 70, /);
  assert.deepEqual(more, []);
});
