import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { everyTenantHasAGate } from "../../../policy/rules/gate";
import { type Registered, stackMessages, UNKNOWN } from "../analysis";
import { childOfTenant, inTenant, outside, tenantUrn } from "../urns";

const GATE = "pulumi-nodejs:dynamic/b2b-tenants:OffboardingGate";

const ACME = tenantUrn("acme");
const DATABASE = childOfTenant("b2b:index:Database", "acme-database");
const ROLE = inTenant("postgresql:index/role:Role", "acme-role");
const SCHEMA = inTenant("postgresql:index/schema:Schema", "acme-schema");
const INSTANCE = childOfTenant("aws:ec2/instance:Instance", "acme-instance");
const GATE_URN = childOfTenant(GATE, "acme-gate");

const TENANT: readonly Registered[] = [
  { urn: ACME, props: {} },
  { urn: DATABASE, props: {}, parent: ACME },
  { urn: ROLE, props: {}, parent: DATABASE },
  { urn: SCHEMA, props: {}, parent: DATABASE, dependencies: [ROLE] },
  { urn: INSTANCE, props: {}, parent: ACME },
];

describe("policy every-tenant-has-a-gate", () => {
  it("passes a tenant whose gate depends on everything else, directly or not", async () => {
    assert.deepEqual(await violationsOf([...TENANT, gate([ROLE, SCHEMA, INSTANCE])]), []);
    assert.deepEqual(await violationsOf([...TENANT, gate([SCHEMA, INSTANCE])]), []);
  });

  it("passes a stack without tenants, and what is in none", async () => {
    assert.deepEqual(await violationsOf([]), []);
    assert.deepEqual(await violationsOf([{ urn: outside("aws:sns/topic:Topic", "alarms-topic"), props: {} }]), []);
  });

  it("stops a tenant without one, and names the Tenant", async () => {
    assert.deepEqual(await violationsOf(TENANT), [
      'Tenant "acme" has no OffboardingGate as its child: its data would be dropped without a backup. Give it one.',
    ]);
    assert.deepEqual(await violationsOf(TENANT.slice(0, 1)), await violationsOf(TENANT));
    assert.deepEqual(await urnsOf(TENANT), [ACME]);
  });

  it("does not take another's gate, or what only looks like one", async () => {
    const everything = [ROLE, SCHEMA, INSTANCE];
    const elsewhere: Registered[] = [
      { ...gate(everything), parent: tenantUrn("beta") },
      { ...gate(everything), parent: DATABASE },
      { ...gate(everything), parent: "" },
      { ...gate(everything), urn: childOfTenant("pulumi-nodejs:dynamic/b2b-tenants:DropGuard", "acme-gate") },
      { ...gate(everything), urn: childOfTenant("command:local:Command", "OffboardingGate") },
    ];
    for (const other of elsewhere)
      assert.match((await violationsOf([...TENANT, other])).join(), /^Tenant "acme" has no Offb/);
  });

  it("stops a tenant with two", async () => {
    const second = { ...gate([]), urn: childOfTenant(GATE, "acme-gate2") };
    assert.deepEqual(await violationsOf([...TENANT, gate([ROLE, SCHEMA, INSTANCE]), second]), [
      'Tenant "acme" has 2 OffboardingGates as its children. It has to have exactly one.',
    ]);
  });

  it("stops a gate that something of the tenant can be deleted before", async () => {
    assert.deepEqual(await violationsOf([...TENANT, gate([SCHEMA])]), [
      'Tenant "acme" has a gate that does not depend on "acme-instance": this can be deleted before it. Add it to its dependsOn.',
    ]);
    const parameters = ["A", "B", "C", "D"].map((key) => ({
      urn: inTenant("aws:ssm/parameter:Parameter", `acme-env-${key}`),
      props: {},
      parent: ACME,
    }));
    assert.match(
      (await violationsOf([...TENANT, ...parameters.slice(1), gate([SCHEMA, INSTANCE])])).join(),
      /does not depend on "acme-env-B", "acme-env-C", "acme-env-D": these can/,
    );
    assert.deepEqual(await violationsOf([...TENANT, ...parameters, gate([SCHEMA, INSTANCE])]), [
      'Tenant "acme" has a gate that does not depend on "acme-env-A", "acme-env-B", "acme-env-C" and 1 more: ' +
        "these can be deleted before it. Add them to its dependsOn.",
    ]);
  });

  it("stops a gate that is deleted after what depends on it", async () => {
    const after = { urn: childOfTenant("aws:ssm/parameter:Parameter", "acme-late"), props: {}, parent: ACME };
    const found = await violationsOf([...TENANT, { ...after, dependencies: [GATE_URN] }, gate([SCHEMA, INSTANCE])]);
    assert.match(found.join(), /does not depend on "acme-late"/);
  });

  it("stops a gate that is not made from the schema, and so would not be deleted before its replacement", async () => {
    const whole = gate([SCHEMA, INSTANCE]);
    const loose: NonNullable<Registered["propertyDependencies"]>[] = [
      {},
      { schema: [ROLE] },
      { role: [SCHEMA] },
      { schema: [] },
    ];
    for (const propertyDependencies of loose) {
      assert.deepEqual(await violationsOf([...TENANT, { ...whole, propertyDependencies }]), [
        'Tenant "acme" has a gate that would not be deleted before its schema is replaced. ' +
          "Make the gate's `schema` from the Schema's own name.",
      ]);
    }
  });

  it("passes a new tenant that a run with --target leaves out: the engine reports it without properties", async () => {
    const left = [...TENANT, gate([SCHEMA, INSTANCE])].map((one) => ({ ...one, props: {}, propertyDependencies: {} }));
    assert.deepEqual(await violationsOf(left), []);
  });

  it("reports each tenant by itself", async () => {
    const beta: Registered[] = [{ urn: tenantUrn("beta"), props: {} }];
    assert.deepEqual(await urnsOf([...TENANT, ...beta]), [ACME, tenantUrn("beta")]);
    assert.match((await violationsOf([...TENANT, gate([SCHEMA, INSTANCE]), ...beta])).join(), /^Tenant "beta" has no/);
  });

  it("is asked in a preview too, where nothing may be known", async () => {
    const unknown = [...TENANT, gate([SCHEMA])].map((one) => ({ ...one, props: { tenant: UNKNOWN, name: UNKNOWN } }));
    assert.match(
      (await violationsOf(unknown)).join(),
      /^Tenant "acme" has a gate that does not depend on "acme-instance"/,
    );
  });

  it("ends when dependencies form a circle", async () => {
    const round = TENANT.map((one) => (one.urn === ROLE ? { ...one, dependencies: [SCHEMA] } : one));
    assert.deepEqual(await violationsOf([...round, gate([SCHEMA, INSTANCE])]), []);
  });
});

function gate(dependencies: readonly string[]): Registered {
  return {
    urn: GATE_URN,
    props: { tenant: "acme" },
    parent: ACME,
    dependencies,
    propertyDependencies: { schema: [SCHEMA] },
  };
}

async function violationsOf(resources: readonly Registered[]): Promise<string[]> {
  return (await stackMessages(everyTenantHasAGate, resources)).map(({ message }) => message);
}

async function urnsOf(resources: readonly Registered[]): Promise<string[]> {
  return (await stackMessages(everyTenantHasAGate, resources)).map(({ urn }) => urn);
}
