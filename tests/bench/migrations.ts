import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import pLimit from "p-limit";
import { escapeIdentifier, escapeLiteral } from "pg";
import { check, create, diff, type MigrationsInputs } from "../../components/dynamic/migrations-run";
import { chainHash, migrationFiles, migrationHashes } from "../../database/migrations/migration-files";
import { withMigratedTo } from "../../database/schema-marker";
import { roleName, schemaName } from "../../domain/names";
import { versionsText } from "../../ops/migrate/show-versions";
import { readVersions } from "../../ops/migrate/versions";
import type { StackAccess } from "../../ops/stack/stack-access";
import { type PostgresServer, startPostgres } from "../../rehearsal/servers/postgres";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { asSuperuser, timed } from "./measuring";
import { installPeers, type Target } from "./migration-peers";
import { scripts } from "./migration-scripts";

/** Schemas that a no-op and `--status` are measured with. */
const MANY = 1000;

/** What the Pulumi CLI runs at once, of a program's resources. */
const AT_ONCE = 4 * availableParallelism();

const ROUNDS = 5;

const RUNS = 3;

/** Seconds. */
export interface MeasuredMigrations {
  /** Of each program by its name, this one first. */
  readonly programs: readonly { readonly name: string; readonly seconds: number }[];
  readonly many: number;
  /** A deployment of that many tenants in which no migration is new, and the statements that it sends. */
  readonly noOp: Counted;
  readonly status: Counted;
}

export interface Counted {
  readonly seconds: number;
  readonly queries: number;
}

/** So many schemas, brought by each of the programs over so many files, in turn on one server. */
export async function measureMigrations(tenants: number, files: number): Promise<MeasuredMigrations> {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-migrations-"));
  // PostgreSQL, which root starts as another user, has to pass through.
  chmodSync(folder, 0o711);
  const peersFolder = path.join(folder, "peers");
  const migrations = path.join(folder, "migrations");
  for (const made of [peersFolder, migrations]) mkdirSync(made);
  const written = scripts(files);
  for (const [name, sql] of written) writeFileSync(path.join(migrations, `${name}.sql`), sql);
  const peers = await installPeers(peersFolder, written);
  const postgres = await startPostgres({ home: folder, major: 16 });
  try {
    const hashes = migrationHashes(migrationFiles(migrations));
    const inputs = (target: Target) => inputsOf(target, migrations, hashes);
    const own = async (targets: readonly Target[]) => {
      await pLimit(AT_ONCE).map(targets, (target) => create(inputs(target)));
    };
    const programs: Program[] = [
      { name: `this program, ${AT_ONCE} at once`, run: own },
      ...peers.map(({ name, run }) => ({ name, run: (targets: readonly Target[]) => inTurn(targets, run) })),
    ];
    const measured = await sideBySide(postgres, programs, tenants);
    const { host, port, database } = postgres;
    const login = { host, port, database, sslmode: "disable", user: "nobody", password: "" } as const;
    const { noOp, status } = await measureMany(postgres, inputs({ ...login, schema: "" }));
    return { programs: measured, many: MANY, noOp, status };
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Program {
  readonly name: string;
  readonly run: (targets: readonly Target[]) => Promise<void>;
}

/** In rounds, so that whatever else the machine does is borne by each of them. */
async function sideBySide(
  postgres: PostgresServer,
  programs: readonly Program[],
  tenants: number,
): Promise<MeasuredMigrations["programs"]> {
  const seconds = programs.map(() => 0);
  const targets: Target[][] = [];
  for (const index of programs.keys()) targets.push(await makeTenants(postgres, `program${index}`, tenants));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, { run }] of programs.entries()) {
      const part = (targets[index] ?? []).filter((_, at) => at % ROUNDS === round);
      seconds[index] = (seconds[index] ?? 0) + (await timed(() => run(part)));
    }
  }
  return programs.map(({ name }, index) => ({ name, seconds: seconds[index] ?? 0 }));
}

function inputsOf(target: Target, folder: string, files: Readonly<Record<string, string>>): MigrationsInputs {
  return { ...target, tenant: target.schema, folder, files, lockTimeout: 3000, canary: false, canaries: [] };
}

async function inTurn(targets: readonly Target[], work: (target: Target) => Promise<void>): Promise<void> {
  for (const target of targets) await work(target);
}

/** Roles and schemas with the tables of every tenant, in which no migration has run. */
async function makeTenants(postgres: PostgresServer, prefix: string, count: number): Promise<Target[]> {
  const { host, port, database } = postgres;
  const script = readFileSync(path.join(PROJECT_DIR, "sql", "tenant_init.sql"), "utf8");
  const slugs = Array.from({ length: count }, (_, index) => `${prefix}_${String(index).padStart(4, "0")}`);
  await asSuperuser(postgres, async (client) => {
    for (const slug of slugs) {
      const [role, schema] = [roleName(slug), schemaName(slug)].map(escapeIdentifier);
      await client.query(`
        create role ${role} login password ${escapeLiteral(slug)};
        create schema ${schema} authorization ${role};
        set role ${role};
        set search_path to ${schema};
        ${script};
        reset role`);
    }
  });
  return slugs.map((slug) => ({
    ...{ host, port, database, sslmode: "disable" as const },
    user: roleName(slug),
    password: slug,
    schema: schemaName(slug),
  }));
}

/** What there is to do for a fleet that is up to date. Its schemas are empty: no table is looked at. */
async function measureMany(
  postgres: PostgresServer,
  inputs: MigrationsInputs,
): Promise<Pick<MeasuredMigrations, "noOp" | "status">> {
  const files = migrationFiles(inputs.folder);
  const marker = escapeLiteral(withMigratedTo(null, { number: files.length, chain: chainHash(files) }));
  const slugs = Array.from({ length: MANY }, (_, index) => `many_${String(index).padStart(4, "0")}`);
  await asSuperuser(postgres, async (client) => {
    const made = slugs
      .map(schemaName)
      .map((schema) => `create schema ${schema}; comment on schema ${schema} is ${marker}`);
    await client.query(made.join(";"));
    await client.query("alter database postgres set log_statement = 'all'");
  });
  const fleet = slugs.map((slug): MigrationsInputs => ({ ...inputs, tenant: slug, schema: schemaName(slug) }));
  const noOp = () =>
    pLimit(AT_ONCE).map(fleet, async (one) => {
      await check(one, one);
      const { changes } = await diff("", one, one);
      if (changes) throw new Error("a tenant that is up to date was to be migrated");
    });
  const access = {
    stack: "prod",
    settings: { database: { ...inputs, name: inputs.database, adminUser: postgres.adminUser }, fleet: true },
    adminPassword: postgres.adminPassword,
    everyStack: [],
  } as unknown as StackAccess;
  const status = async () => {
    const tenants = await readVersions(access, files);
    if (tenants.length < MANY) throw new Error(`--status has found ${tenants.length} tenants`);
    versionsText({ stack: access.stack, files, tenants });
  };
  return { noOp: await counted(postgres, noOp), status: await counted(postgres, status) };
}

/**
 * Counted are statements that read or write; what begins and ends a session or a transaction is not among them. Of so many runs the
 * fastest counts: what else the machine does only ever adds.
 */
async function counted(postgres: PostgresServer, work: () => Promise<unknown>): Promise<Counted> {
  const before = statements(postgres);
  const seconds: number[] = [];
  for (let run = 0; run < RUNS; run += 1) seconds.push(await timed(work));
  return { seconds: Math.min(...seconds), queries: (statements(postgres) - before) / RUNS };
}

function statements({ logFile }: PostgresServer): number {
  return (
    readFileSync(logFile, "utf8").match(/ LOG: {2}(?:statement|execute [^:]*):\s*(?!begin|commit|rollback|set )\w/gi)
      ?.length ?? 0
  );
}
