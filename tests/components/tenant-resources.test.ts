import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as postgresql from "@pulumi/postgresql";
import { SharedDatabase } from "../../components/shared/shared-database";
import { Tenant, type TenantSummary } from "../../components/tenant";
import {
  ADMIN_PASSWORD,
  named,
  PASSWORD,
  type Registration,
  record,
  SECRET_KEY,
  SERVER_GROUP,
  settled,
} from "./recorder";
import { SETTINGS, tenantSpec } from "./settings";
import { tenantArgs } from "./tenant-args";

let registrations: Registration[];
let summary: TenantSummary | undefined;

before(async () => {
  const run = await record(() => {
    const providers = { postgresql: new postgresql.Provider("database-admin", {}) };
    const shared = new SharedDatabase("shared-database", { database: "postgres" }, { providers });
    return new Tenant("acme", tenantArgs(), { providers, dependsOn: [shared] });
  });
  registrations = run.registrations;
  summary = run.result.summary;
});

/** Inputs of one resource, without the provider code of a dynamic one. */
function inputs(name: string): Record<string, unknown> {
  const { __provider, ...rest } = named(registrations, name).inputs;
  return rest;
}

const TAGS = { Name: "prod-acme", tenant: "acme", environment: "prod", "managed-by": "b2b-tenants" };
const PARAMETERS = "arn:aws:ssm:us-east-1:123456789012:parameter/b2b-tenants/prod/acme/env";

test("a tenant is exactly these resources, each in its place", () => {
  const tree = registrations.map(({ parent, type, name }) => `${parent} > ${name}: ${type}`).sort();
  assert.deepEqual(tree, [
    " > acme: b2b:index:Tenant",
    " > database-admin: pulumi:providers:postgresql",
    " > shared-database: b2b:index:SharedDatabase",
    "acme > acme-database: b2b:index:Database",
    "acme > acme-gate: pulumi-nodejs:dynamic/b2b-tenants:OffboardingGate",
    "acme > acme-server: b2b:index:Server",
    "acme-database > acme-connect: postgresql:index/grant:Grant",
    "acme-database > acme-drop-guard: pulumi-nodejs:dynamic/b2b-tenants:DropGuard",
    "acme-database > acme-init: pulumi-nodejs:dynamic/b2b-tenants:SqlScript",
    "acme-database > acme-migrations: pulumi-nodejs:dynamic/b2b-tenants:Migrations",
    "acme-database > acme-password: random:index/randomPassword:RandomPassword",
    "acme-database > acme-role: postgresql:index/role:Role",
    "acme-database > acme-schema-grant: postgresql:index/grant:Grant",
    "acme-database > acme-schema-guard: pulumi-nodejs:dynamic/b2b-tenants:SchemaGuard",
    "acme-database > acme-schema: postgresql:index/schema:Schema",
    "acme-database > acme-sequences: postgresql:index/defaultPrivileges:DefaultPrivileges",
    "acme-database > acme-tables: postgresql:index/defaultPrivileges:DefaultPrivileges",
    "acme-server > acme-env-ALLOWED_ORIGINS: aws:ssm/parameter:Parameter",
    "acme-server > acme-env-DATABASE_URL: aws:ssm/parameter:Parameter",
    "acme-server > acme-env-ENVIRONMENT: aws:ssm/parameter:Parameter",
    "acme-server > acme-env-FRONTEND_URL: aws:ssm/parameter:Parameter",
    "acme-server > acme-env-SECRET_KEY: aws:ssm/parameter:Parameter",
    "acme-server > acme-instance-policy: aws:iam/rolePolicy:RolePolicy",
    "acme-server > acme-instance-profile: aws:iam/instanceProfile:InstanceProfile",
    "acme-server > acme-instance-role: aws:iam/role:Role",
    "acme-server > acme-instance: aws:ec2/instance:Instance",
    "acme-server > acme-secret-key: random:index/randomPassword:RandomPassword",
    "shared-database > shared-database-public-connect: postgresql:index/grant:Grant",
    "shared-database > shared-database-public-schema: postgresql:index/grant:Grant",
  ]);
});

test("every database resource goes through the admin's provider, every other one through the default", () => {
  for (const { type, name, provider } of registrations) {
    assert.equal(provider, type.startsWith("postgresql:") ? "database-admin" : "", name);
  }
});

test("components record no inputs", () => {
  const components = registrations.filter(({ type }) => type.startsWith("b2b:"));
  assert.equal(components.length, 4);
  for (const component of components) assert.deepEqual(component.inputs, {});
});

test("PUBLIC loses everything in the shared database", () => {
  const nothing = { database: "postgres", role: "public", privileges: [] };
  assert.deepEqual(inputs("shared-database-public-schema"), { ...nothing, objectType: "schema", schema: "public" });
  assert.deepEqual(inputs("shared-database-public-connect"), { ...nothing, objectType: "database" });
});

test("the role logs in with a generated password, sees its schema alone, and is limited", () => {
  assert.deepEqual(inputs("acme-password"), { length: 32, special: false, keepers: { rotation: "1" } });
  assert.deepEqual(inputs("acme-role"), {
    name: "user_acme",
    login: true,
    password: { secret: PASSWORD },
    searchPaths: ["schema_acme"],
    connectionLimit: 5,
    skipReassignOwned: true,
    statementTimeout: 30000,
    idleInTransactionSessionTimeout: 60000,
  });
});

test("a rotation makes a second login, which acts as the role; the next one gives the first a new password", async () => {
  const made = async (password: number) => {
    const spec = tenantSpec({ rotation: { password, secretKey: 1, server: 1 } });
    const run = await record(() => new Tenant("acme", tenantArgs({ spec }), {}));
    return (name: string) => named(run.registrations, name);
  };
  for (const [generation, first, second, user] of [
    [2, "1", "2", "user2_acme"],
    [3, "3", "2", "user_acme"],
  ] as const) {
    const of = await made(generation);
    assert.deepEqual(of("acme-password").inputs.keepers, { rotation: first });
    assert.deepEqual(of("acme-second-password").inputs.keepers, { rotation: second });
    assert.deepEqual(of("acme-second-login").inputs, {
      ...of("acme-role").inputs,
      name: "user2_acme",
      roles: ["user_acme"],
      assumeRole: "user_acme",
    });
    for (const name of ["acme-role", "acme-second-login"]) assert.deepEqual(of(name).ignoreChanges, ["validUntil"]);
    for (const name of ["acme-init", "acme-migrations"]) assert.equal(of(name).inputs.user, user);
    assert.match(JSON.stringify(of("acme-env-DATABASE_URL").inputs.value), new RegExp(`postgresql://${user}:`));
    assert.equal(of("acme-handover").inputs.rotation, generation);
    // What is deleted first depends on what is deleted after it: at once, the two could wait for each other.
    assert.ok(of("acme-connect").dependsOn.includes("acme-second-login"));
  }
});

test("the schema is the role's, with the guide's grants", () => {
  assert.deepEqual(inputs("acme-schema"), {
    name: "schema_acme",
    database: "postgres",
    owner: "user_acme",
    dropCascade: true,
  });
  assert.deepEqual(inputs("acme-connect"), {
    database: "postgres",
    role: "user_acme",
    objectType: "database",
    privileges: ["CONNECT"],
  });
  const place = { database: "postgres", role: "user_acme", schema: "schema_acme" };
  assert.deepEqual(inputs("acme-schema-grant"), { ...place, objectType: "schema", privileges: ["CREATE", "USAGE"] });
  assert.deepEqual(inputs("acme-tables"), {
    ...place,
    owner: "postgres",
    objectType: "table",
    privileges: ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"],
  });
  assert.deepEqual(inputs("acme-sequences"), {
    ...place,
    owner: "postgres",
    objectType: "sequence",
    privileges: ["SELECT", "UPDATE", "USAGE"],
  });
});

test("the script logs in as the tenant, the guard as the admin: before the tenant is there", () => {
  const place = {
    tenant: "acme",
    schema: "schema_acme",
    host: "db.example.com",
    port: 5433,
    database: "postgres",
    sslmode: "require",
  };
  assert.deepEqual(inputs("acme-schema-guard"), {
    ...place,
    role: "user_acme",
    user: "postgres",
    password: { secret: ADMIN_PASSWORD },
    adopt: false,
    rotation: 1,
    reserve: 10,
    pooled: false,
  });
  // Kept as they were, they would have it look at the place of the day the tenant was made, or log in with an old password.
  assert.deepEqual(named(registrations, "acme-schema-guard").ignoreChanges, []);
  const { sha256, ...script } = inputs("acme-init");
  const access = { ...place, user: "user_acme", password: { secret: PASSWORD } };
  assert.deepEqual(script, { ...access, file: "sql/tenant_init.sql", adopt: false, migrated: false });
  assert.deepEqual(inputs("acme-migrations"), {
    ...access,
    folder: "sql/migrations",
    files: {},
    lockTimeout: 3000,
    canary: false,
    canaries: [],
  });
  assert.match(String(sha256), /^[0-9a-f]{64}$/);
});

test("the .env is five parameters; a preview can show those that are not secret", () => {
  const parameter = (key: string, rest: object) =>
    assert.deepEqual(inputs(`acme-env-${key}`), { name: `/b2b-tenants/prod/acme/env/${key}`, ...rest });
  const url = `postgresql://user_acme:${PASSWORD}@db.example.com:5433/postgres?sslmode=require`;
  parameter("DATABASE_URL", { type: "SecureString", value: { secret: url } });
  parameter("SECRET_KEY", { type: "SecureString", value: { secret: SECRET_KEY } });
  parameter("ALLOWED_ORIGINS", { type: "String", insecureValue: "https://acme.example.com,http://localhost:3000" });
  parameter("FRONTEND_URL", { type: "String", insecureValue: "https://acme.example.com" });
  parameter("ENVIRONMENT", { type: "String", insecureValue: "production" });
  // Hexadecimal digits alone.
  assert.deepEqual(inputs("acme-secret-key"), {
    length: 64,
    lower: false,
    upper: false,
    special: true,
    overrideSpecial: "abcdef",
    keepers: { rotation: "2" },
  });
});

test("the server's role reads its own parameters, answers Session Manager, and may do nothing else", () => {
  const { policy, ...rest } = inputs("acme-instance-policy");
  assert.deepEqual(rest, { name: "b2b-tenants-prod-acme", role: "b2b-tenants-prod-acme" });
  assert.deepEqual(JSON.parse(String(policy)), {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "OwnParameters",
        Effect: "Allow",
        Action: ["ssm:GetParametersByPath", "ssm:GetParameters", "ssm:GetParameter"],
        Resource: [PARAMETERS, `${PARAMETERS}/*`],
      },
      {
        Sid: "SessionManager",
        Effect: "Allow",
        Action: [
          "ssm:UpdateInstanceInformation",
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ],
        Resource: "*",
      },
    ],
  });
  const { assumeRolePolicy, ...role } = inputs("acme-instance-role");
  assert.deepEqual(role, { name: "b2b-tenants-prod-acme", description: "Server of tenant acme", tags: TAGS });
  assert.deepEqual(JSON.parse(String(assumeRolePolicy)).Statement, [
    { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
  ]);
  assert.deepEqual(inputs("acme-instance-profile"), {
    name: "b2b-tenants-prod-acme",
    role: "b2b-tenants-prod-acme",
  });
});

test("the server has IMDSv2, an encrypted disk, no SSH key, and is not replaced by a new AMI or another first subnet", () => {
  const { userData, ...instance } = inputs("acme-instance");
  assert.deepEqual(instance, {
    ami: "ami-1",
    instanceType: "t3.small",
    subnetId: "subnet-1",
    vpcSecurityGroupIds: [SERVER_GROUP],
    iamInstanceProfile: "b2b-tenants-prod-acme",
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    rootBlockDevice: { encrypted: true, tags: TAGS },
    tags: TAGS,
  });
  assert.match(String(userData), /^#!\/bin\/bash\n/);
  assert.deepEqual(named(registrations, "acme-instance").ignoreChanges, ["ami", "userData", "subnetId"]);
});

test("a subnet that the tenant's file names moves the server there", async () => {
  const server = { instanceType: "t3.small", subnetId: "subnet-2", subnetNamed: true, pooler: "none" as const };
  const run = await record(() => new Tenant("acme", tenantArgs({ spec: tenantSpec({ server }) }), {}));
  const instance = named(run.registrations, "acme-instance");
  assert.equal(instance.inputs.subnetId, "subnet-2");
  assert.deepEqual(instance.ignoreChanges, ["ami", "userData"]);
});

for (const [connectionLimit, size] of [
  [10, 8],
  [3, 1],
  [1, 1],
] as const) {
  test(`a pooler is one parameter more, which leaves two sessions of a limit of ${connectionLimit} where it can`, async () => {
    const { database, server } = tenantSpec();
    const spec = tenantSpec({
      database: { ...database, connectionLimit },
      server: { ...server, pooler: "transaction" },
    });
    const run = await record(() => new Tenant("acme", tenantArgs({ spec }), {}));
    assert.deepEqual(
      run.registrations.map(({ name }) => name).filter((name) => !registrations.some((one) => one.name === name)),
      ["acme-pooler"],
    );
    const { parent, type, inputs } = named(run.registrations, "acme-pooler");
    assert.deepEqual([parent, type], ["acme-server", "aws:ssm/parameter:Parameter"]);
    assert.deepEqual(inputs, {
      name: "/b2b-tenants/prod/acme/env/POOLER",
      type: "String",
      insecureValue: `pool_mode=transaction pool_size=${size} listen_port=6433`,
    });
  });
}

test("a raised rotation.server is another instance, with today's AMI and boot script", async () => {
  const spec = tenantSpec({ rotation: { password: 1, secretKey: 2, server: 2 } });
  const settings = { ...SETTINGS, server: { ...SETTINGS.server, ami: "ami-2" } };
  const run = await record(() => new Tenant("acme", tenantArgs({ spec, settings }), {}));
  const instances = run.registrations.filter(({ type }) => type === "aws:ec2/instance:Instance");
  assert.deepEqual(
    instances.map(({ name, inputs }) => [name, inputs.ami]),
    [["acme-instance-2", "ami-2"]],
  );
});

test("the summary is the guide's quick reference", async () => {
  const { server, ...rest } = summary ?? assert.fail("no summary");
  assert.deepEqual(rest, {
    databaseUser: "user_acme",
    schema: "schema_acme",
    ssmPath: "/b2b-tenants/prod/acme/env",
  });
  assert.deepEqual(await settled(server), { value: "ec2-1.example.com", secret: false });
});

test("the gate knows what a removal needs", () => {
  const gate = named(registrations, "acme-gate");
  const { __provider, ...known } = gate.inputs;
  assert.deepEqual(known, {
    tenant: "acme",
    schema: "schema_acme",
    role: "user_acme",
    host: "db.example.com",
    port: 5433,
    database: "postgres",
    sslmode: "require",
    user: "postgres",
    password: { secret: ADMIN_PASSWORD },
    destination: "s3://backups/tenants",
    region: "us-east-1",
    backup: true,
  });
  assert.deepEqual(gate.secretOutputs, ["password"]);
});
