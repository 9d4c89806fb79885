import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, it } from "node:test";
import { DeleteParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { Client } from "pg";
import { parseUrn, slugOf } from "../../domain/urn";
import { awsClients } from "../../rehearsal/session/aws-clients";
import { makeByHand, query } from "./hand-made";
import { leftovers } from "./leftovers";
import { frontend, type Run, ScratchRehearsal } from "./scratch-rehearsal";

const GOOD = ["changed", "leaving"];
const KEPT = ["locked", "nowhere"];
const REFUSED = ["taken", "foreign", "odd"];
const BROKEN = ["script", "clash"];

// No policy may end the run for what a failure keeps from being known.
const rehearsal = new ScratchRehearsal(
  Object.fromEntries([...GOOD, ...KEPT].map((slug) => [slug, frontend(slug)])),
  [],
  "asked",
);
let lock: Client | undefined;
after(async () => {
  await lock?.end();
  await rehearsal.remove();
});

/** Why each tenant failed: its slug, what failed, and the beginning of what was said. */
const FAILURES = [
  /^clash-env-ALLOWED_ORIGINS: .*ParameterAlreadyExists/s,
  /^foreign-schema-guard: schema schema_foreign already holds table schema_foreign\.precious, which this program did not create\. /,
  /^locked-gate: .*lock timeout; it is held by session \d+/s,
  /^nowhere-gate: .*cannot write to the folder \/proc\/backups: /s,
  /^odd-schema-guard: tenant odd cannot be adopted as it is: .*-- role user_odd sets work_mem\n/s,
  /^script-schema-guard: tenant script cannot be adopted as it is: .* sql\/tenant_init\.sql:\d+: column "status" does not exist /,
  /^taken-schema-guard: role user_taken already exists\. Nothing of that was touched\. /,
];

it("of tenants that fail each in its own way none holds up another, and nothing of one whose gate fails is deleted", async () => {
  assert.deepEqual((await rehearsal.up()).failures, []);
  await arrange();
  const before = ownedBy(KEPT, await leftovers(rehearsal));

  const told = await rehearsal.preview();
  assert.deepEqual(told.failures, [], "a preview would hold up all others");
  assert.deepEqual(told.warned.map((line) => line.slice(0, line.indexOf(":", line.indexOf(":") + 1))).sort(), [
    "foreign-schema-guard: will be refused",
    "odd-schema-guard: will be refused",
    "taken-schema-guard: will be refused",
  ]);

  const run = await rehearsal.up();
  assert.equal(run.ok, false);
  assert.equal(run.failures.length, FAILURES.length, run.failures.join("\n"));
  for (const [index, failure] of [...run.failures].sort().entries()) assert.match(failure, FAILURES[index] ?? /^$/);
  for (const slug of ["new", "changed"]) assert.ok(run.changes.includes(madeOrChanged(slug)), slug);
  assert.deepEqual(ofTenant(run, "leaving"), []);
  for (const slug of KEPT) assert.equal(ofTenant(run, slug).length, ofTenant(run, "new").length, slug);
  assert.deepEqual(ownedBy(KEPT, await leftovers(rehearsal)), before);
  assert.deepEqual(run.state.pendingOperations, []);
  assert.deepEqual(serversOf(run), {
    changed: "known",
    clash: "not reached",
    foreign: "not reached",
    new: "known",
    odd: "not reached",
    script: "not reached",
    taken: "not reached",
  });

  await mend();
  const mended = await rehearsal.up();
  assert.deepEqual(mended.failures, []);
  for (const slug of [...REFUSED, ...BROKEN]) {
    assert.equal(ofTenant(mended, slug).length, ofTenant(mended, "new").length, slug);
  }
  assert.deepEqual(ownedBy(KEPT, await leftovers(rehearsal)), []);
});

it("destroy removes the others, and keeps all of one whose gate fails", async () => {
  await lockTable("changed");
  const run = await rehearsal.destroy();
  assert.deepEqual(
    run.failures.map((failure) => failure.slice(0, failure.indexOf(":"))),
    ["changed-gate"],
  );
  const left = await leftovers(rehearsal);
  // The server that stays is in the group that all share.
  const shared = left.filter((thing) => thing.startsWith("security group"));
  assert.equal(shared.length, 2);
  assert.deepEqual(left, [...ownedBy(["changed"], left), ...shared]);
  await lock?.end();
  assert.deepEqual((await rehearsal.destroy()).failures, []);
  assert.deepEqual(await leftovers(rehearsal), []);
});

async function arrange(): Promise<void> {
  const { postgres } = rehearsal.session;
  for (const slug of ["new", "taken", "foreign", "clash"]) rehearsal.declare(slug);
  rehearsal.declare("changed", `${frontend("changed")}database:\n  connectionLimit: 4\n`);
  for (const slug of ["leaving", ...KEPT]) rehearsal.withdraw(slug);

  await rehearsal.sql("create role user_taken");
  await rehearsal.sql("create schema schema_foreign; create table schema_foreign.precious as select 1 as n");
  for (const slug of ["odd", "script"]) {
    await makeByHand(postgres, slug);
    rehearsal.declare(slug, `${frontend(slug)}adopt: true\n`);
  }
  await rehearsal.sql("alter role user_odd set work_mem = '8MB'");
  // The script makes an index on it, which is not there, and finds the table there.
  const renamed = "drop index schema_script.idx_orders_status; alter table schema_script.orders rename status to state";
  await query(postgres, postgres.superuser, renamed);
  await awsClients(rehearsal.session).ssm.send(new PutParameterCommand({ ...CLASH, Value: "by hand", Type: "String" }));
  await lockTable("locked");
  recordDestination("nowhere", "/proc/backups");
}

async function mend(): Promise<void> {
  const { postgres, home } = rehearsal.session;
  await rehearsal.sql("drop role user_taken; drop schema schema_foreign cascade; alter role user_odd reset work_mem");
  await query(postgres, postgres.superuser, "alter table schema_script.orders rename state to status");
  await awsClients(rehearsal.session).ssm.send(new DeleteParameterCommand(CLASH));
  await lock?.end();
  recordDestination("nowhere", home.backups);
}

const CLASH = { Name: "/b2b-tenants/prod/clash/env/ALLOWED_ORIGINS" };

async function lockTable(slug: string): Promise<void> {
  const { host, port, database, superuser } = rehearsal.session.postgres;
  lock = new Client({ host, port, database, ...superuser, ssl: false });
  await lock.connect();
  await lock.query(`begin; lock table schema_${slug}.orders in access exclusive mode`);
}

/** A tenant that is removed is backed up to where the last `up` of it was told. */
function recordDestination(slug: string, destination: string): void {
  const path = rehearsal.home.statePath("prod");
  const state = JSON.parse(readFileSync(path, "utf8"));
  for (const { urn, inputs, outputs } of state.deployment.resources) {
    if (urn.endsWith(`::${slug}-gate`)) for (const values of [inputs, outputs]) values.destination = destination;
  }
  writeFileSync(path, JSON.stringify(state));
}

function madeOrChanged(slug: string): string {
  return slug === "new" ? "create new-gate" : "update changed-role";
}

function ofTenant({ state }: Run, slug: string): readonly unknown[] {
  return state.resources.filter(({ urn }) => {
    const resource = parseUrn(urn);
    return resource !== undefined && slugOf(resource) === slug;
  });
}

/** The lines that name one of these tenants. */
function ownedBy(slugs: readonly string[], lines: readonly string[]): string[] {
  return lines.filter((line) => slugs.some((slug) => line.includes(slug)));
}

/** Whether the stack's outputs know a tenant's server, or say that the run did not get there. */
function serversOf({ state }: Run): Record<string, string> {
  const root = state.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  const tenants = Object.entries((root?.outputs?.tenants ?? {}) as Record<string, { server: string }>);
  return Object.fromEntries(
    tenants.map(([slug, { server }]) => [
      slug,
      /^not known: the last up failed/.test(server) ? "not reached" : "known",
    ]),
  );
}
