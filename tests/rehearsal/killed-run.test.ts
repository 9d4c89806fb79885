import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import {
  DescribeInstancesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
} from "@aws-sdk/client-ec2";
import { ListInstanceProfilesCommand, ListRolePoliciesCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { DescribeParametersCommand } from "@aws-sdk/client-ssm";
import { Client } from "pg";
import type { Arguments } from "../../rehearsal/arguments";
import { awsClients } from "../../rehearsal/aws-clients";
import { runStop } from "../../rehearsal/commands";
import {
  destroy,
  type EngineOptions,
  InterruptedRun,
  type RunResult,
  refreshState,
  up,
} from "../../rehearsal/engine/engine";
import { Plugin } from "../../rehearsal/engine/plugin";
import { type ResourceState, StateFile } from "../../rehearsal/engine/state";
import type { DeploymentObserver, Step } from "../../rehearsal/engine/step";
import { isProviderType, nameOf } from "../../rehearsal/engine/urn";
import { findInterrupted } from "../../rehearsal/find-interrupted";
import { aws } from "../../rehearsal/providers/aws/provider";
import { postgresql } from "../../rehearsal/providers/postgresql/provider";
import { random } from "../../rehearsal/providers/random/provider";
import { serve } from "../../rehearsal/providers/serve";
import { PROJECT_DIR, type Session, withSession } from "../../rehearsal/session";
import { tenantLogin } from "../../rehearsal/tenant-login";

const SLUG = "farma";

type Moment = "before" | "after";
type Command = (options: EngineOptions) => Promise<RunResult>;

/** What ends a run as a kill does: nothing of the step is settled, and the state on disk stays as it was at that moment. */
class Killed extends Error {}

describe("a run that is killed", () => {
  let folder: string;
  let args: Arguments;
  let ports: ReadonlyMap<string, number>;
  const closing: (() => Promise<void>)[] = [];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "killed-"));
    chmodSync(folder, 0o711);
    const tenants = path.join(folder, "tenants");
    mkdirSync(tenants);
    writeFileSync(path.join(tenants, `${SLUG}.yaml`), "frontendUrl: https://farma.example.com\n");
    args = {
      command: "up",
      slug: undefined,
      stack: "prod",
      tenants,
      home: path.join(folder, "home"),
      postgres: undefined,
      plugins: new Map(),
      json: false,
      showSecrets: false,
    };
    ports = await startPlugins(closing);
  });
  after(async () => {
    for (const close of closing) await close();
    await runStop(args, { print: () => {}, report: () => {} });
    rmSync(folder, { recursive: true, force: true });
  });

  test("at each operation of an `up`, before and after it: refresh, then `up`, converge with nothing twice and nothing lost", async () => {
    await withSession(args, quiet, async (session) => {
      const calls = await killedAtEachCall(session, up);
      const finished = await up(engine(session, {}));
      assert.equal(calls, finished.state.resources.filter(isProvided).length);
      assert.deepEqual(await inTheWorld(session), inTheState(finished));
      const steps: Step[] = [];
      await up(engine(session, { done: (step) => void steps.push(step) }));
      const changes = steps.filter(({ op }) => op !== "same").map(({ urn }) => nameOf(urn));
      assert.deepEqual(changes, []);
    });
  });

  test("at each operation of an `up` that changes and replaces: the same", async () => {
    const file = path.join(args.tenants ?? "", `${SLUG}.yaml`);
    const changed = "database: {connectionLimit: 7}\nrotation: {password: 2, secretKey: 2}\n";
    writeFileSync(file, `frontendUrl: https://other.example.com\n${changed}`);
    await withSession(args, quiet, async (session) => {
      const calls = await killedAtEachCall(session, up);
      // Two secrets are replaced (made and deleted); role, script and four parameters change.
      assert.equal(calls, 8);
      const finished = await up(engine(session, {}));
      assert.deepEqual(finished.failures, []);
      const urns = finished.state.resources.map(({ urn }) => urn);
      assert.deepEqual(urns, [...new Set(urns)]);
      assert.deepEqual(await inTheWorld(session), inTheState(finished));
      const { user, password } = await tenantLogin(session, SLUG);
      const { host, port, database } = session.postgres;
      const client = new Client({ host, port, database, user, password });
      await client.connect();
      await client.end();
    });
  });

  test("a refresh that stops half-way keeps on record what it has not resolved", async () => {
    await withSession(args, quiet, async (session) => {
      assert.deepEqual((await destroy(engine(session, {}))).failures, []);
      const kill = async ({ urn }: Step) => {
        if (nameOf(urn) === `${SLUG}-role`) throw new Killed();
      };
      await up(engine(session, { afterCall: kill }));
      const unable = async () => {
        throw new Error("no answer");
      };
      assert.equal((await refreshState(engine(session, {}), unable)).ok, false);
      await assert.rejects(up(engine(session, {})), InterruptedRun);
      assert.deepEqual((await refreshState(engine(session, {}), findInterrupted(session))).failures, []);
      assert.deepEqual((await up(engine(session, {}))).failures, []);
    });
  });

  test("at each operation of a `destroy`, before and after it: refresh, then `destroy`, leave nothing", async () => {
    await withSession(args, quiet, async (session) => {
      const { state } = await up(engine(session, {}));
      const calls = await killedAtEachCall(session, destroy);
      // Grants and default privileges go with what they are on, without a call of their own.
      assert.equal(calls, state.resources.filter((resource) => isProvided(resource) && !resource.deletedWith).length);
      const finished = await destroy(engine(session, {}));
      assert.deepEqual(finished.failures, []);
      assert.deepEqual(finished.state.resources, []);
      assert.deepEqual(await inTheWorld(session), NOTHING);
    });
  });

  for (const resource of ["farma-role", "farma-instance"]) {
    test(`by SIGKILL, with everything under way, when ${resource} is there: the command says what to run, and that heals it`, async () => {
      const killed = await command(["up"], `${resource}: created`);
      assert.equal(killed.signal, "SIGKILL");
      JSON.parse(readFileSync(path.join(args.home, "state", "prod.json"), "utf8"));
      const again = await command(["up"]);
      if (again.status !== 0) {
        assert.match(again.stderr, /The last run was interrupted in the middle of/);
        assert.match(again.stderr, new RegExp(`npm run rehearse -- refresh --home ${args.home}`));
        assert.equal((await command(["refresh"])).status, 0);
      }
      const healed = await command(["up"]);
      assert.equal(healed.status, 0, healed.stdout + healed.stderr);
      assert.match((await command(["up"])).stdout, /^\d+ unchanged\.$/m);
      await withSession(args, quiet, async (session) => {
        const file = await StateFile.open(session.home.statePath("prod"), session.home.passphrase);
        assert.deepEqual(await inTheWorld(session), inTheState({ ok: true, failures: [], state: file.initial }));
      });
      assert.equal((await command(["destroy"])).status, 0);
    });
  }

  /**
   * Interrupts every operation twice, before and after its call, as many in one run as are under way together; then refreshes;
   * and again, until a run comes through. Returns how many operations were interrupted.
   */
  async function killedAtEachCall(session: Session, run: Command): Promise<number> {
    const interrupted = { before: new Set<string>(), after: new Set<string>() };
    for (;;) {
      const hit = new Set<string>();
      const kill = (moment: Moment) => async (step: Step) => {
        if (!interrupted[moment].has(step.urn)) {
          interrupted[moment].add(step.urn);
          hit.add(step.urn);
          throw new Killed();
        }
      };
      const result = await run(engine(session, { beforeCall: kill("before"), afterCall: kill("after") }));
      if (hit.size === 0) {
        assert.deepEqual(result.failures, []);
        assert.deepEqual([...interrupted.before].sort(), [...interrupted.after].sort());
        return interrupted.after.size;
      }
      await assertInterrupted(session, hit, run);
      const refreshed = await refreshState(engine(session, {}), findInterrupted(session));
      assert.deepEqual(refreshed.failures, [], `refresh after ${[...hit].map(nameOf).join(", ")}`);
    }
  }

  async function assertInterrupted(session: Session, urns: ReadonlySet<string>, run: Command): Promise<void> {
    const recorded = JSON.parse(readFileSync(session.home.statePath("prod"), "utf8")).deployment.pending_operations;
    const pending = recorded.map((operation: { resource: { urn: string } }) => operation.resource.urn);
    assert.deepEqual(pending.sort(), [...urns].sort());
    await assert.rejects(run(engine(session, {})), (error) => {
      return error instanceof InterruptedRun && error.operations.every(({ resource }) => urns.has(resource.urn));
    });
  }

  /** The session's engine, with plugins that outlive its runs: starting them anew would be most of this test's time. */
  function engine(session: Session, observer: DeploymentObserver): EngineOptions {
    return {
      ...session.engine(observer),
      commandFor: (name) => ({
        program: "/bin/sh",
        args: ["-c", `echo ${ports.get(name)}; exec sleep 600`],
        cwd: folder,
      }),
    };
  }

  /** Runs the real command; kills it when it has printed `killAt`. */
  async function command(words: readonly string[], killAt?: string) {
    const options = ["--home", args.home, "--tenants", args.tenants ?? ""];
    const main = path.join(PROJECT_DIR, "rehearsal", "main.ts");
    const child = spawn(process.execPath, ["--import", "tsx", main, ...words, ...options], { cwd: PROJECT_DIR });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk;
      if (killAt !== undefined && stdout.includes(killAt)) child.kill("SIGKILL");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk;
    });
    const [status, signal] = await once(child, "close");
    return { status, signal, stdout, stderr };
  }
});

const quiet = () => {};

function isProvided({ custom, type }: ResourceState): boolean {
  return custom && !isProviderType(type);
}

/** Serves the stand-ins in this process, and starts the SDK's dynamic provider once. */
async function startPlugins(closing: (() => Promise<void>)[]): Promise<ReadonlyMap<string, number>> {
  const ports = new Map<string, number>();
  for (const standIn of [aws, postgresql, random]) {
    const served = await serve(standIn as Parameters<typeof serve>[0]);
    ports.set(standIn.name, served.port);
    closing.push(() => served.stop());
  }
  const script = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
  const dynamic = await Plugin.start(
    "pulumi-nodejs",
    { program: process.execPath, args: [script], cwd: PROJECT_DIR },
    "127.0.0.1:1",
  );
  ports.set("pulumi-nodejs", Number(dynamic.client.getChannel().getTarget().split(":").at(-1)));
  closing.push(() => dynamic.stop());
  return ports;
}

interface World {
  readonly roles: number;
  readonly schemas: number;
  readonly parameters: number;
  readonly iamRoles: number;
  readonly iamPolicies: number;
  readonly instanceProfiles: number;
  readonly securityGroups: number;
  readonly rules: number;
  readonly instances: number;
}

const NOTHING: World = {
  roles: 0,
  schemas: 0,
  parameters: 0,
  iamRoles: 0,
  iamPolicies: 0,
  instanceProfiles: 0,
  securityGroups: 0,
  rules: 0,
  instances: 0,
};

/** How many of each thing there are, tenants' things only. */
async function inTheWorld(session: Session): Promise<World> {
  const { host, port, database, adminUser, adminPassword } = session.postgres;
  const client = new Client({ host, port, database, user: adminUser, password: adminPassword });
  await client.connect();
  const roles = await client.query("select 1 from pg_roles where rolname like 'user\\_%'");
  const schemas = await client.query("select 1 from pg_namespace where nspname like 'schema\\_%'");
  await client.end();
  const { ssm, ec2, iam } = awsClients(session);
  const { Parameters } = await ssm.send(new DescribeParametersCommand({}));
  const iamRoles = (await iam.send(new ListRolesCommand({}))).Roles ?? [];
  const policies = [];
  for (const { RoleName } of iamRoles) {
    policies.push(...((await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames ?? []));
  }
  const { InstanceProfiles } = await iam.send(new ListInstanceProfilesCommand({}));
  const Filters = [{ Name: "tag:tenant", Values: [SLUG] }];
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  const live = [...Filters, { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] }];
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters: live }));
  return {
    roles: roles.rows.length,
    schemas: schemas.rows.length,
    parameters: Parameters?.length ?? 0,
    iamRoles: iamRoles.length,
    iamPolicies: policies.length,
    instanceProfiles: InstanceProfiles?.length ?? 0,
    securityGroups: SecurityGroups?.length ?? 0,
    rules: await taggedRules(session),
    instances: (Reservations ?? []).flatMap(({ Instances }) => Instances ?? []).length,
  };
}

async function taggedRules(session: Session): Promise<number> {
  const Filters = [{ Name: "tag:tenant", Values: [SLUG] }];
  const { SecurityGroupRules } = await awsClients(session).ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
  return SecurityGroupRules?.length ?? 0;
}

function inTheState({ state }: RunResult): World {
  const count = (type: string) => state.resources.filter((resource) => resource.type.startsWith(type)).length;
  return {
    roles: count("postgresql:index/role:"),
    schemas: count("postgresql:index/schema:"),
    parameters: count("aws:ssm/parameter:"),
    iamRoles: count("aws:iam/role:"),
    iamPolicies: count("aws:iam/rolePolicy:"),
    instanceProfiles: count("aws:iam/instanceProfile:"),
    securityGroups: count("aws:ec2/securityGroup:"),
    rules: count("aws:vpc/securityGroupIngressRule:") + count("aws:vpc/securityGroupEgressRule:"),
    instances: count("aws:ec2/instance:"),
  };
}
