import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { GetParametersByPathCommand } from "@aws-sdk/client-ssm";
import Table from "cli-table3";
import { Client } from "pg";
import { iamName, roleName, schemaName, ssmPath } from "../domain/names";
import type { Arguments } from "./arguments";
import { awsClients } from "./aws-clients";
import { boot } from "./boot";
import { type Output, runStop, type Status } from "./commands";
import { InterruptedRun, up } from "./engine/engine";
import { isMap, type PropertyMap } from "./engine/property-values";
import type { Step, StepOp } from "./engine/step";
import { nameOf } from "./engine/urn";
import { Home } from "./home";
import { interruptedMessage } from "./interrupted";
import { isolationFaults, TENANT_TABLES, type TenantAccess } from "./isolation";
import { admits, policiesOfRole } from "./servers/iam-policy";
import { fromWhereItWasTyped, type Session, tenantsFolder, withSession } from "./session";

/** The tenant that comes and goes. */
const NEWCOMER = "story_newcomer";

/** A claim of the story that did not hold. */
class StoryFault extends Error {}

/** A row of the stack's `tenants` output. */
interface TenantRow extends PropertyMap {
  readonly databaseUser: string;
  readonly schema: string;
  readonly server: string;
  readonly ssmPath: string;
  readonly stack: string;
}

/**
 * The main job from end to end, on real servers: the tenants are brought to life, each server boots and its `.env` logs in,
 * every tenant is shut off from every other, one more comes and goes. Ends at the first claim that does not hold.
 */
export async function runStory(args: Arguments, output: Output, signal: AbortSignal): Promise<Status> {
  const home = new Home(fromWhereItWasTyped(args.home));
  // Its own: the newcomer's file must reach no other command's run.
  const folder = mkdtempSync(join(home.path, "story-tenants-"));
  cpSync(tenantsFolder(args), folder, { recursive: true });
  const story = new Story({ ...args, tenants: folder }, args.tenants, output, signal);
  try {
    await story.tell(folder);
  } catch (error) {
    if (error instanceof StoryFault) {
      output.print(`✗ ${error.message}`);
      return 1;
    }
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await runStop(args, output);
  }
  output.print("Every step held.");
  return 0;
}

class Story {
  constructor(
    private readonly args: Arguments,
    /** The folder of tenant files that was asked for. */
    private readonly given: string | undefined,
    private readonly output: Output,
    private readonly signal: AbortSignal,
  ) {}

  async tell(folder: string): Promise<void> {
    await this.inSession(async (session) => {
      const first = await this.up(session);
      this.held(`brought to life: ${slugsOf(first.tenants).join(", ")} (${summary(first.steps)})`);
      const second = await this.up(session);
      expect(changesOf(second.steps).length === 0, "a second `up` changes something", changesOf(second.steps));
      this.held("a second `up` changes nothing");
      const accesses = await this.bootAll(session, second.tenants);
      await this.proveIsolation(session, accesses);
    });
    const file = join(folder, `${NEWCOMER}.yaml`);
    writeFileSync(file, "frontendUrl: https://newcomer.example.com\n");
    await this.inSession((session) => this.onboard(session));
    rmSync(file);
    await this.inSession((session) => this.offboard(session));
  }

  private async bootAll(session: Session, tenants: Record<string, TenantRow>): Promise<TenantAccess[]> {
    const accesses: TenantAccess[] = [];
    for (const [slug, { schema }] of Object.entries(tenants)) {
      const { envFile, env } = await boot(session, slug);
      accesses.push({ slug, schema, url: env.DATABASE_URL ?? "" });
      this.held(`${slug}'s server has booted and written ${envFile}`);
    }
    return accesses;
  }

  private async proveIsolation(session: Session, accesses: readonly TenantAccess[]): Promise<void> {
    const { iam } = awsClients(session);
    for (const tenant of accesses) {
      const others = accesses.filter((other) => other !== tenant);
      const faults = await isolationFaults(tenant, others);
      expect(faults.length === 0, `${tenant.slug} is not shut in`, faults);
      const policies = await policiesOfRole(iam, iamName(session.stack, tenant.slug));
      for (const { slug } of accesses) {
        const admitted = admits(policies, "ssm:GetParametersByPath", pathArn(session, slug));
        expect(admitted === (slug === tenant.slug), `${tenant.slug}'s server may read the wrong parameters`, [slug]);
      }
      this.held(
        `with its .env alone ${tenant.slug} sees its ${TENANT_TABLES.length} tables, and is refused ` +
          `${others.length} other schemas, public, and the others' parameters`,
      );
    }
  }

  private async onboard(session: Session): Promise<void> {
    const { steps } = await this.up(session);
    const touched = changesOf(steps);
    expect(touched.every(isNewcomers), "onboarding one tenant touches others", touched);
    const { env } = await boot(session, NEWCOMER);
    const faults = await isolationFaults(
      { slug: NEWCOMER, schema: schemaName(NEWCOMER), url: env.DATABASE_URL ?? "" },
      [],
    );
    expect(faults.length === 0, `${NEWCOMER} is not as it should be`, faults);
    this.held(`one more YAML file: ${NEWCOMER} is live (${summary(steps)}), nobody else was touched`);
  }

  private async offboard(session: Session): Promise<void> {
    const { steps, tenants } = await this.up(session);
    const touched = changesOf(steps);
    expect(touched.every(isNewcomers), "offboarding one tenant touches others", touched);
    const left = await leftOf(session, NEWCOMER);
    expect(left.length === 0, `${NEWCOMER} is not gone`, left);
    this.held(`the file removed: ${NEWCOMER} is gone (${summary(steps)}), nobody else was touched`);
    this.output.print(quickReference(tenants));
  }

  private async up(session: Session): Promise<{ steps: readonly Step[]; tenants: Record<string, TenantRow> }> {
    this.output.report("… up");
    const steps: Step[] = [];
    const observer = { done: (step: Step) => void steps.push(step) };
    const result = await up(session.engine(observer, this.signal)).catch((error: unknown) => {
      throw error instanceof InterruptedRun
        ? new StoryFault(interruptedMessage(error.operations, { ...this.args, tenants: this.given }))
        : error;
    });
    const reasons = result.failures.map(({ urn, message }) => `${nameOf(urn)}: ${message.trim()}`);
    expect(result.ok, "`up` failed", reasons);
    const root = result.state.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    const tenants = root?.outputs?.tenants;
    return { steps, tenants: isMap(tenants) ? (tenants as Record<string, TenantRow>) : {} };
  }

  private inSession(work: (session: Session) => Promise<void>): Promise<void> {
    return withSession(this.args, this.output.report, work);
  }

  private held(claim: string): void {
    this.output.print(`✓ ${claim}`);
  }
}

function expect(condition: boolean, claim: string, details: readonly string[]): void {
  if (!condition) {
    throw new StoryFault([claim, ...details.map((detail) => `    ${detail}`)].join("\n"));
  }
}

function slugsOf(tenants: Record<string, TenantRow>): string[] {
  return Object.keys(tenants);
}

/** Names of the resources that were not left as they were. */
function changesOf(steps: readonly Step[]): string[] {
  return steps.filter(({ op }) => op !== "same").map(({ urn }) => nameOf(urn));
}

function isNewcomers(name: string): boolean {
  return name === NEWCOMER || name.startsWith(`${NEWCOMER}-`);
}

/** As `27 create, 60 same`. */
function summary(steps: readonly Step[]): string {
  const counts = new Map<StepOp, number>();
  for (const { op } of steps) {
    counts.set(op, (counts.get(op) ?? 0) + 1);
  }
  return [...counts].map(([op, count]) => `${count} ${op}`).join(", ");
}

/** A parameter path as IAM names it; the emulator's account is fixed. */
function pathArn({ region, stack }: Session, slug: string): string {
  return `arn:aws:ssm:${region}:123456789012:parameter${ssmPath(stack, slug)}`;
}

/** What is there of a tenant that should be gone. */
async function leftOf(session: Session, slug: string): Promise<string[]> {
  const { postgres } = session;
  const client = new Client({
    host: postgres.host,
    port: postgres.port,
    database: postgres.database,
    user: postgres.adminUser,
    password: postgres.adminPassword,
  });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    "select rolname as name from pg_roles where rolname = $1 union all select nspname from pg_namespace where nspname = $2",
    [roleName(slug), schemaName(slug)],
  );
  await client.end();
  const { ssm, ec2 } = awsClients(session);
  const { Parameters } = await ssm.send(new GetParametersByPathCommand({ Path: ssmPath(session.stack, slug) }));
  const Filters = [
    { Name: "tag:tenant", Values: [slug] },
    { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
  ];
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters }));
  const instances = (Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
  return [
    ...rows.map(({ name }) => name),
    ...(Parameters ?? []).map(({ Name }) => Name ?? ""),
    ...instances.map(({ InstanceId }) => InstanceId ?? ""),
  ];
}

/** The guide's table: what an engineer needs to know of each tenant, without credentials. */
function quickReference(tenants: Record<string, TenantRow>): string {
  const table = new Table({
    head: ["Tenant", "Database user", "Schema", "Server", "Parameters"],
    style: { head: [], border: [] },
  });
  for (const [slug, row] of Object.entries(tenants)) {
    table.push([slug, row.databaseUser, row.schema, row.server, row.ssmPath]);
  }
  return table.toString();
}
