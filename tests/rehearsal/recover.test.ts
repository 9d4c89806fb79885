import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DescribeAlarmsCommand, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { CreateSecurityGroupCommand, DescribeSecurityGroupRulesCommand } from "@aws-sdk/client-ec2";
import { CreateTopicCommand, ListTopicsCommand } from "@aws-sdk/client-sns";
import { GetParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { Client } from "pg";
import { raiseFence } from "../../database/offboarding/fence";
import { withRemovalLock } from "../../database/offboarding/offboarding-lock";
import { findInAws, finishSecurityGroup } from "../../ops/recover/aws-leftovers";
import { recover } from "../../ops/recover/recovery";
import { type ExportedResource, type StackAccess, type StackExport, StackLocked } from "../../ops/stack/stack-access";
import { nameOf } from "../../rehearsal/engine/urn";
import { awsClients } from "../../rehearsal/session/aws-clients";
import { stackAccess } from "../../rehearsal/session/stack-access";
import { tenantLogin } from "../../rehearsal/session/tenant-login";
import { KilledRuns } from "./killed-runs";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";
import { silent } from "./silent-servers";

/** A call without a time-out would never end. */
const HANGS_MS = 30_000;

/** What `recover` came to. */
interface Outcome {
  readonly status: number;
  /** The plan and everything else that was said. */
  readonly said: string;
}

describe("recover", () => {
  let rehearsal: ScratchRehearsal;
  let runs: KilledRuns;
  let access: StackAccess;
  /** The state with acme in it, whole. */
  let whole: StackExport;

  before(async () => {
    rehearsal = new ScratchRehearsal({ acme: frontend("acme") });
    const session = await rehearsal.open();
    runs = new KilledRuns(session);
    assert.deepEqual((await runs.up()).failures, []);
    access = stackAccess(session);
    whole = await access.exportState();
  });
  after(() => rehearsal.remove());

  test("finds nothing to do where nothing was interrupted, and asks nobody", async () => {
    const outcome = await recovered(access, () => assert.fail("somebody was asked"));
    assert.deepEqual(outcome, { status: 0, said: "No run of prod was interrupted: there is nothing to recover." });
    assert.deepEqual(await access.exportState(), whole);
  });

  test("does not touch a stack that somebody deploys, and says how to release it", async () => {
    const locked: StackAccess = {
      ...access,
      assertUnlocked: () => Promise.reject(new StackLocked("the stack is currently locked: created by ci@runner")),
      exportState: () => assert.fail("the state was asked for"),
    };
    await assert.rejects(recovered(locked), /created by ci@runner.*pulumi cancel --stack prod/s);
  });

  test("changes nothing without consent, and shows what it would do", async () => {
    await interruptedIn("creating", newcomer("role"));
    await rehearsal.sql("create role user_newcomer login connection limit 10");
    await rehearsal.sql("alter role user_newcomer set statement_timeout = 30000");
    await rehearsal.sql("alter role user_newcomer set idle_in_transaction_session_timeout = 60000");
    const before = await access.exportState();
    const { status, said } = await recovered(access, async () => false);
    assert.equal(status, 1);
    assert.match(said, /newcomer.*role user_newcomer.*unknown to the state.*owns nothing: will be dropped/);
    assert.match(said, /Nothing was changed\. Add --yes/);
    assert.deepEqual(await access.exportState(), before);
    assert.equal(await exists("role", "user_newcomer"), true);
  });

  test("drops a role that owns nothing and has no schema, whatever the interrupted grants gave it", async () => {
    await rehearsal.sql("grant connect on database postgres to user_newcomer");
    assert.equal((await recovered(access)).status, 0);
    assert.equal(await exists("role", "user_newcomer"), false);
    assert.deepEqual(await pending(), []);
  });

  test("leaves a role that another hand made", async () => {
    await interruptedIn("creating", newcomer("role"));
    await rehearsal.sql("create role user_newcomer login");
    const { status, said } = await recovered(access);
    assert.equal(status, 1);
    assert.match(said, /somebody else/);
    assert.equal(await exists("role", "user_newcomer"), true);
    await rehearsal.sql("drop role user_newcomer");
  });

  test("takes a schema with one row into the state, protected, and `up` goes on from there", async () => {
    await rehearsal.sql("insert into categories (name) values ('kept')", [], await acme());
    await withoutSchema();
    assert.match((await recovered(access)).said, /schema schema_acme.*holds data/);
    assert.deepEqual(await rowsOfAcme(), ["kept"]);
    assert.equal((await resource("acme-schema"))?.protect, true);
    assert.deepEqual((await resource("acme-schema"))?.initErrors, undefined);
    assert.deepEqual((await runs.up()).failures, []);
    assert.equal((await resource("acme-schema"))?.protect, undefined);
    assert.deepEqual(await rowsOfAcme(), ["kept"]);
  });

  test("leaves a schema with one row alone when no file declares its tenant any more: nothing may delete it", async () => {
    await withoutSchema();
    const { status, said } = await recovered({ ...access, declared: [] });
    assert.equal(status, 1);
    assert.match(said, /no file declares its tenant/);
    assert.equal(await resource("acme-schema"), undefined);
    assert.deepEqual(await rowsOfAcme(), ["kept"]);
  });

  test("drops no schema into which something has come since it was looked at", async () => {
    await access.importState(whole);
    await rehearsal.sql("create role user_newcomer login");
    await rehearsal.sql("grant user_newcomer to current_user");
    await rehearsal.sql("create schema schema_newcomer authorization user_newcomer");
    rehearsal.declare("newcomer");
    await interruptedIn("creating", newcomer("schema"));
    const declaring = stackAccess(rehearsal.session);
    const { status, said } = await recovered(declaring, async () => {
      await rehearsal.sql("set role user_newcomer; create table schema_newcomer.late (id integer)");
      return true;
    });
    rehearsal.withdraw("newcomer");
    assert.match(said, /is empty: will be dropped.*schema schema_newcomer is not dropped: .*depend/s);
    assert.equal(status, 1, "the role of another hand is left to a person");
    assert.equal(await exists("schema", "schema_newcomer"), true);
    assert.equal((await resource("newcomer-schema"))?.protect, true);
    await rehearsal.sql(
      "set role user_newcomer; drop schema schema_newcomer cascade; reset role; drop role user_newcomer",
    );
  });

  test("drops an empty schema, and keeps its owner", async () => {
    await access.importState(whole);
    await rehearsal.sql("create role user_newcomer login");
    await rehearsal.sql("grant user_newcomer to current_user");
    await rehearsal.sql("create schema schema_newcomer authorization user_newcomer");
    await rehearsal.sql("revoke user_newcomer from current_user");
    await interruptedIn("creating", newcomer("schema"));
    assert.equal((await recovered(access)).status, 0);
    assert.equal(await exists("schema", "schema_newcomer"), false);
    assert.equal(await exists("role", "user_newcomer"), true);
    await rehearsal.sql("drop role user_newcomer");
  });

  test("takes what is in AWS into the state, ends the making of a half-made security group, and deletes nothing", async () => {
    const { ssm, ec2 } = awsClients(rehearsal.session);
    const [parameter, group] = [newcomer("env-ENVIRONMENT"), another("servers-security-group")];
    const { name, vpcId } = group.inputs as Record<string, string>;
    await ssm.send(new PutParameterCommand({ Name: String(parameter.inputs?.name), Value: "x", Type: "String" }));
    const made = await ec2.send(new CreateSecurityGroupCommand({ GroupName: name, Description: "d", VpcId: vpcId }));
    await interruptedIn("creating", parameter, group, newcomer("instance-role"));
    assert.equal((await recovered(access)).status, 0);
    assert.equal((await resource("newcomer-env-ENVIRONMENT"))?.id, parameter.inputs?.name);
    assert.equal((await resource("other-security-group"))?.id, made.GroupId);
    assert.equal(await resource("newcomer-instance-role"), undefined);
    const Filters = [{ Name: "group-id", Values: [made.GroupId ?? ""] }];
    const rules = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
    assert.deepEqual(rules.SecurityGroupRules, []);
    await ssm.send(new GetParameterCommand({ Name: String(parameter.inputs?.name) }));
    assert.deepEqual((await runs.up()).failures, []);
    await assert.rejects(ssm.send(new GetParameterCommand({ Name: String(parameter.inputs?.name) })));
  });

  test("takes an alarm and a topic into the state by their names, and leaves a subscription to the next `up`", async () => {
    await access.importState(whole);
    const { cloudwatch, sns } = awsClients(rehearsal.session);
    const AlarmName = "b2b-tenants-prod-newcomer-status";
    const condition = { ComparisonOperator: "LessThanThreshold", EvaluationPeriods: 1, Threshold: 1 } as const;
    await cloudwatch.send(new PutMetricAlarmCommand({ AlarmName, ...condition, MetricName: "x", Namespace: "y" }));
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "b2b-tenants-other-alarms" }));
    const [topic, subscription] = ["alarms-topic", "alarms-to-ops@example.com"].map(another);
    assert.ok(topic && subscription);
    await interruptedIn("creating", newcomer("status-alarm"), topic, subscription);
    const { status, said } = await recovered(access);
    assert.equal(status, 0);
    assert.match(said, /address of the alarms other-to-ops@example\.com.*does it again/);
    assert.equal((await resource("newcomer-status-alarm"))?.id, AlarmName);
    assert.equal((await resource("other-topic"))?.id, TopicArn);
    // Nothing declares them, so the next `up` deletes them, which it could not if nobody had told it of them.
    assert.deepEqual((await runs.up()).failures, []);
    const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
    const { Topics } = await sns.send(new ListTopicsCommand({}));
    assert.deepEqual([MetricAlarms, Topics?.map((one) => one.TopicArn === TopicArn)], [[], [false]]);
  });

  test("goes on where an earlier recover died, between the state's repair and the reading", async () => {
    await access.importState(whole);
    await interruptedIn("updating", acmes("role"));
    const dying = { ...access, refresh: () => Promise.reject(new Error("killed")) };
    await assert.rejects(recovered(dying), /killed/);
    const { status, said } = await recovered(access);
    assert.equal(status, 0);
    assert.match(said, /role user_acme.*half-made.*will be read again/);
    assert.equal((await resource("acme-role"))?.initErrors, undefined);
    assert.equal((await recovered(access)).said.includes("nothing to recover"), true);
  });

  test("repairs nothing when the stack was deployed while somebody thought it over", async () => {
    await interruptedIn("updating", acmes("role"));
    const deploy = async () => {
      await access.importState(whole);
      return true;
    };
    await assert.rejects(recovered(access, deploy), /in the meantime/);
    assert.deepEqual(await withoutManifest(access), withoutManifestOf(whole));
  });

  test("takes out of the state what an interrupted deletion has taken away", async () => {
    const parameter = acmes("env-ENVIRONMENT");
    const gone = { ...parameter, urn: parameter.urn.replace("acme-env", "gone-env"), id: "/gone" };
    await edited((resources) => [...resources, gone]);
    await interruptedIn("deleting", gone, acmes("role"));
    const { said } = await recovered(access);
    assert.match(said, /role user_acme.*half-made/);
    assert.equal(await resource("gone-env-ENVIRONMENT"), undefined);
    assert.equal((await resource("acme-role"))?.id, "user_acme");
  });

  test("lifts a fence whose gate stands and whose tenant is declared", async () => {
    await access.importState(whole);
    await fenced();
    assert.match((await recovered(access)).said, /fence of role user_acme.*will be lifted/);
    assert.equal(await mayLogIn(), true);
  });

  test("leaves a fence to the removal that another run is still at work on", async () => {
    await fenced();
    await asAdmin((admin) =>
      withRemovalLock(admin, "user_acme", async () => {
        const { status, said } = await recovered(access);
        assert.equal(status, 1);
        assert.match(said, /another run is at work on user_acme/);
      }),
    );
    assert.equal(await mayLogIn(), false);
  });

  test("leaves a fence up whose gate is gone: the backup is taken, and what came after it would be in none", async () => {
    await edited((resources) =>
      resources.filter(({ urn }) => !["acme-gate", "acme-migrations", "acme-init"].includes(nameOf(urn))),
    );
    const { status, said } = await recovered(access);
    assert.equal(status, 0);
    assert.match(said, /the backup is taken.*`up` lifts it/);
    assert.equal(await mayLogIn(), false);
    assert.equal((await recovered(access)).said.includes("nothing to recover"), true);
    assert.deepEqual((await runs.up()).failures, []);
    assert.equal(await mayLogIn(), true);
    assert.equal((await resource("acme-gate"))?.id, "postgres.schema_acme");
  });

  test("leaves a fence up whose tenant is declared no more", async () => {
    await access.importState(whole);
    await fenced();
    const { status, said } = await recovered({ ...access, declared: [] });
    assert.equal(status, 0);
    assert.match(said, /the next `up` or `destroy` continues the offboarding/);
    assert.equal(await mayLogIn(), false);
    assert.equal((await recovered(access)).status, 0);
    assert.equal(await mayLogIn(), true);
  });

  test("drops what the verification of a backup has left, and nothing that only looks like it", async () => {
    await rehearsal.sql("create database scratch_acme");
    const refused = await recovered(access);
    assert.equal(refused.status, 1);
    assert.match(refused.said, /scratch_acme exists that this program did not make/);
    await rehearsal.sql("drop database scratch_acme");
    await rehearsal.sql("create role scratch_acme login noinherit");
    await rehearsal.sql(`comment on role scratch_acme is '${SCRATCH_MARKER}'`);
    await rehearsal.sql("grant scratch_acme to current_user");
    await rehearsal.sql("create database scratch_acme owner scratch_acme");
    assert.equal((await recovered(access)).status, 0);
    assert.equal(await exists("role", "scratch_acme"), false);
  });

  test("shows what exists and the state does not know, without touching it", async () => {
    const unknown = ["acme-role", "acme-schema"];
    await edited((resources) => resources.filter(({ urn }) => !unknown.includes(nameOf(urn))));
    const { status, said } = await recovered(access);
    assert.equal(status, 1);
    assert.match(said, /role user_acme.*unknown to the state/);
    assert.match(said, /schema schema_acme.*unknown to the state.*holds data/);
    assert.deepEqual(await rowsOfAcme(), ["kept"]);
    await access.importState(whole);
  });

  test("says what is out of reach, and changes nothing", async () => {
    await interruptedIn("creating", newcomer("env-ENVIRONMENT"));
    const settings = { ...access.settings, database: { ...access.settings.database, port: 1 } };
    await assert.rejects(recovered({ ...access, settings }), /127\.0\.0\.1:1.*Nothing was changed/);
    const aws = { ...access.aws, endpoint: "http://127.0.0.1:1" };
    await assert.rejects(recovered({ ...access, aws }), /AWS does not answer.*Nothing was changed/);
    assert.equal((await pending()).length, 1);
    await access.importState(whole);
  });

  test("does not wait for ever for an AWS that takes the connection and says nothing", {
    timeout: HANGS_MS,
  }, async (t) => {
    const ec2 = await silent();
    t.after(() => ec2.close());
    const aws = { ...access.aws, endpoint: `http://127.0.0.1:${ec2.port}`, requestTimeout: 500 };
    const group = another("servers-security-group");
    await Promise.all([
      assert.rejects(findInAws(aws)(group.type, group.inputs ?? {}), { name: "TimeoutError" }),
      assert.rejects(finishSecurityGroup(aws, "sg-1"), { name: "TimeoutError" }),
    ]);
  });

  async function recovered(stack: StackAccess, consent: () => Promise<boolean> = async () => true): Promise<Outcome> {
    const lines: string[] = [];
    const say = (text: string) => void lines.push(text);
    const status = await recover(stack, { print: say, report: say }, { consent, json: false, next: "up" });
    // A cell of the table may be broken into lines.
    return { status, said: lines.map(unbroken).join("\n") };
  }

  async function edited(edit: (resources: readonly ExportedResource[]) => readonly ExportedResource[]): Promise<void> {
    const state = await access.exportState();
    const resources = edit(state.deployment.resources ?? []);
    await access.importState({ ...state, deployment: { ...state.deployment, resources } });
  }

  /** Puts operations on the state's list, as a run that died leaves them. */
  async function interruptedIn(type: string, ...resources: readonly ExportedResource[]): Promise<void> {
    const state = await access.exportState();
    const pending_operations = resources.map((one) => ({ type, resource: one }));
    await access.importState({ ...state, deployment: { ...state.deployment, pending_operations } });
  }

  /** As after a kill in the making of acme's schema, with all that came later not yet made. */
  async function withoutSchema(): Promise<void> {
    await access.importState(whole);
    const later = [
      "acme-schema",
      "acme-schema-grant",
      "acme-tables",
      "acme-sequences",
      "acme-init",
      "acme-migrations",
      "acme-gate",
    ];
    await edited((resources) =>
      resources
        .filter(({ urn }) => !later.includes(nameOf(urn)))
        .map((one) => ({ ...one, dependencies: kept(one.dependencies, later) })),
    );
    await interruptedIn("creating", acmes("schema"));
  }

  function acmes(part: string): ExportedResource {
    const found = whole.deployment.resources?.find(({ urn }) => nameOf(urn) === `acme-${part}`);
    assert.ok(found, part);
    return found;
  }

  /** The same part of a tenant that the state does not know yet, as it is when its creation begins. */
  function newcomer(part: string): ExportedResource {
    const { id: _, outputs: __, dependencies: ___, propertyDependencies: ____, ...rest } = acmes(part);
    return JSON.parse(JSON.stringify({ ...rest, deletedWith: undefined }).replaceAll("acme", "newcomer"));
  }

  /** A part of what tenants share, as it is when the creation of another one begins. */
  function another(name: string): ExportedResource {
    const found = whole.deployment.resources?.find(({ urn }) => nameOf(urn) === name);
    assert.ok(found, name);
    const { id: _, outputs: __, dependencies: ___, propertyDependencies: ____, ...rest } = found;
    const renamed = JSON.stringify(rest)
      .replaceAll(/::(alarms|servers)-/g, "::other-")
      .replaceAll("prod-b2b-platform-alarms", "other-alarms")
      .replaceAll("b2b-tenants-prod-servers-", "b2b-tenants-prod-other-");
    return JSON.parse(renamed);
  }

  async function resource(name: string): Promise<ExportedResource | undefined> {
    return (await access.exportState()).deployment.resources?.find(({ urn }) => nameOf(urn) === name);
  }

  async function pending(): Promise<readonly unknown[]> {
    return (await access.exportState()).deployment.pending_operations ?? [];
  }

  async function exists(kind: "role" | "schema", name: string): Promise<boolean> {
    const [catalog, column] = kind === "role" ? ["pg_roles", "rolname"] : ["pg_namespace", "nspname"];
    return (await rehearsal.sql(`select from ${catalog} where ${column} = $1`, [name])).length > 0;
  }

  function acme() {
    return tenantLogin(rehearsal.session, "acme");
  }

  async function rowsOfAcme(): Promise<string[]> {
    const rows = await rehearsal.sql("select name from categories order by name", [], await acme());
    return rows.map(({ name }) => name);
  }

  function fenced(): Promise<void> {
    return asAdmin((admin) => raiseFence(admin, "user_acme", new Date()));
  }

  async function mayLogIn(): Promise<boolean> {
    return (await rehearsal.sql("select rolcanlogin from pg_roles where rolname = 'user_acme'"))[0].rolcanlogin;
  }

  async function asAdmin<T>(work: (admin: Client) => Promise<T>): Promise<T> {
    const { host, port, database, adminUser, adminPassword } = rehearsal.session.postgres;
    const admin = new Client({ host, port, database, user: adminUser, password: adminPassword });
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.end();
    }
  }
});

/** What the program writes at the role of a scratch database. */
const SCRATCH_MARKER = "b2b-tenants: scratch copy of a tenant, dropped when its backup is verified";

function kept(urns: unknown, gone: readonly string[]): readonly string[] {
  return ((urns ?? []) as readonly string[]).filter((urn) => !gone.includes(nameOf(urn)));
}

async function withoutManifest(access: StackAccess) {
  return withoutManifestOf(await access.exportState());
}

function withoutManifestOf({ deployment: { manifest: _, ...rest } }: StackExport) {
  return rest;
}

/** The rows of a table, each on one line: of a cell that is broken, the rest stands under it, beside an empty first one. */
function unbroken(text: string): string {
  if (!text.includes("│")) return text;
  const rows: string[][] = [];
  for (const line of text.split("\n").filter((line) => line.startsWith("│"))) {
    const cells = line
      .split("│")
      .slice(1, -1)
      .map((cell) => cell.trim());
    const last = rows.at(-1);
    if (cells[0] !== "" || last === undefined) rows.push(cells);
    else
      rows.splice(
        -1,
        1,
        last.map((cell, column) => `${cell} ${cells[column]}`.trim()),
      );
  }
  return rows.map((cells) => cells.join(" | ")).join("\n");
}
