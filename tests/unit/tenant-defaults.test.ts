import assert from "node:assert/strict";
import { test } from "node:test";
import { loadTenants } from "../../domain/load-tenants";
import type { TenantSpec } from "../../domain/tenant-spec";
import { tenantsOf } from "../../domain/tenants-of";
import { errorsOf, PROD, tenantsFolder } from "./reading-stack";

const SMALLEST = "frontendUrl: https://d2abc.cloudfront.net";

test("one line is a tenant; everything else comes from the stack's settings", (t) => {
  const folder = tenantsFolder(t, { "distribuidora_mx.yaml": SMALLEST });
  const expected: TenantSpec = {
    slug: "distribuidora_mx",
    file: `${folder}/distribuidora_mx.yaml`,
    frontendUrl: "https://d2abc.cloudfront.net",
    allowedOrigins: ["http://localhost:3000"],
    stack: undefined,
    database: { connectionLimit: 10, statementTimeout: 30_000, idleInTransactionTimeout: 60_000 },
    server: { instanceType: "t3.micro", subnetId: "subnet-0123456789abcdef0", subnetNamed: false, pooler: "none" },
    rotation: { password: 1, secretKey: 1, server: 1 },
    adopt: false,
    canary: false,
    databaseOnly: false,
    offboarding: { backup: true },
  };
  assert.deepEqual(loadTenants(folder, PROD), [expected]);
});

test("every key of a file reaches the tenant", (t) => {
  const content = `
frontendUrl: https://shop.example.com:8443   # a comment
allowedOrigins:
  - "https://xn--farmaca-i2a.example.com"
  - http://127.0.0.1:5173
  - https://[2001:db8::1]
stack: prod
database: { connectionLimit: 70, statementTimeout: 5min, idleInTransactionTimeout: 0s }
server:
  instanceType: m7i-flex.large
  subnetId: subnet-0123456789abcdef1
  pooler: session
rotation: { password: 3, secretKey: 2, server: 4 }
adopt: true
canary: true
databaseOnly: true
offboarding: { backup: false }
`;
  const folder = tenantsFolder(t, { "acme.yaml": content });
  assert.deepEqual(loadTenants(folder, PROD), [
    {
      slug: "acme",
      file: `${folder}/acme.yaml`,
      frontendUrl: "https://shop.example.com:8443",
      allowedOrigins: ["https://xn--farmaca-i2a.example.com", "http://127.0.0.1:5173", "https://[2001:db8::1]"],
      stack: "prod",
      database: { connectionLimit: 70, statementTimeout: 300_000, idleInTransactionTimeout: 0 },
      server: {
        instanceType: "m7i-flex.large",
        subnetId: "subnet-0123456789abcdef1",
        subnetNamed: true,
        pooler: "session",
      },
      rotation: { password: 3, secretKey: 2, server: 4 },
      adopt: true,
      canary: true,
      databaseOnly: true,
      offboarding: { backup: false },
    },
  ]);
});

test("a file that names the subnet which is the default anyway has named it", (t) => {
  const folder = tenantsFolder(t, { "acme.yaml": `${SMALLEST}\nserver: { subnetId: subnet-0123456789abcdef0 }\n` });
  const [acme] = loadTenants(folder, PROD);
  assert.deepEqual(acme?.server, {
    instanceType: "t3.micro",
    subnetId: "subnet-0123456789abcdef0",
    subnetNamed: true,
    pooler: "none",
  });
});

test("the pooler is the stack's unless the file says otherwise", (t) => {
  const folder = tenantsFolder(t, { "a.yaml": SMALLEST, "b.yaml": `${SMALLEST}\nserver: { pooler: none }\n` });
  const stack = { ...PROD, server: { ...PROD.server, pooler: "transaction" as const } };
  assert.deepEqual(
    loadTenants(folder, stack).map(({ server }) => server.pooler),
    ["transaction", "none"],
  );
});

test("an empty list drops the default origin, Windows line ends and a document start are taken, the longest slug fits", (t) => {
  const longest = "a".repeat(56);
  const folder = tenantsFolder(t, {
    "crlf.yaml": `---\r\n${SMALLEST}\r\nallowedOrigins: []\r\n`,
    [`${longest}.yaml`]: SMALLEST,
  });
  const [first, second] = loadTenants(folder, PROD);
  assert.equal(first?.slug, longest);
  assert.deepEqual([second?.frontendUrl, second?.allowedOrigins], ["https://d2abc.cloudfront.net", []]);
});

test("tenants are in the order of their slugs, whatever the locale", (t) => {
  const folder = tenantsFolder(t, {
    "b.yaml": SMALLEST,
    "a_b.yaml": SMALLEST,
    "a1.yaml": SMALLEST,
    "a.yaml": SMALLEST,
  });
  assert.deepEqual(
    loadTenants(folder, PROD).map(({ slug }) => slug),
    ["a", "a1", "a_b", "b"],
  );
});

test("the repository's own tenants are valid", () => {
  const tenants = loadTenants("tenants", PROD);
  assert.deepEqual(
    tenants.map(({ file }) => file),
    ["tenants/distribuidora_mx.yaml", "tenants/farmacon.yaml", "tenants/farmacruz.yaml"],
  );
});

test("each tenant belongs to one stack: the one it names, else the fleet's", (t) => {
  const folder = tenantsFolder(t, {
    "everyones.yaml": SMALLEST,
    "named.yaml": `${SMALLEST}\nstack: prod\n`,
    "own.yaml": `${SMALLEST}\nstack: prod-own\n`,
  });
  const slugs = (stack: string, fleet: boolean) =>
    tenantsOf(stack, fleet, loadTenants(folder, PROD)).map(({ slug }) => slug);
  assert.deepEqual(slugs("prod", true), ["everyones", "named"]);
  assert.deepEqual(slugs("prod-own", false), ["own"]);
  assert.deepEqual(slugs("prod", false), ["named"]);
  assert.deepEqual(slugs("other", false), []);
});

test("a tenant is held against the subnets of its own stack, not of the one that reads it", (t) => {
  const server = "server: { subnetId: subnet-0ffffffffffffffff }\n";
  const folder = tenantsFolder(t, { "own.yaml": `${SMALLEST}\nstack: prod-own\n${server}` });
  assert.deepEqual(errorsOf(folder), []);
  assert.equal(errorsOf(folder, { ...PROD, stack: "prod-own", fleet: false }).length, 1);
});
