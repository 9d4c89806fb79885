import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { withAdminConnection } from "../../database/connection";
import { migrationFiles } from "../../database/migrations/migration-files";
import type { ConnectionTarget } from "../../domain/connection-string";
import { tryTenant } from "../../ops/migrate/try-tenant";
import { type PostgresServer, startPostgres } from "../../rehearsal/servers/postgres";
import { BIG, makeBigTenant } from "./big-tenant";
import { asSuperuser, superuserEnvironment, timed } from "./measuring";

const COPY = "bench_copy";

/** What somebody wants to know before it is run on a big tenant. */
const FILES = {
  "0001_tax": "alter table products add column tax numeric(5, 2) not null default 16;\n",
  "0002_wider": "alter table orderitems alter column quantity type bigint;\n",
  "0003_by_status": "create index orders_by_status on orders (status, created_at);\n",
};

/** Seconds. */
export interface MeasuredTrial {
  /** What the schema takes up on the server's disk, indexes included, in MiB. */
  readonly schema: number;
  /** `migrate --try` of one tenant, and of that what its migrations took. */
  readonly trial: number;
  readonly migrations: number;
  /** `pg_dump --format=custom | pg_restore` into a new database, and the same without packing and unpacking. */
  readonly bare: number;
  readonly unpacked: number;
}

export async function measureTrial(mebibytes: number): Promise<MeasuredTrial> {
  const home = mkdtempSync(path.join(tmpdir(), "bench-trial-"));
  // PostgreSQL, which root starts as another user, has to pass through.
  chmodSync(home, 0o711);
  const folder = path.join(home, "migrations");
  mkdirSync(folder);
  for (const [name, sql] of Object.entries(FILES)) writeFileSync(path.join(folder, `${name}.sql`), sql);
  const postgres = await startPostgres({ home, major: 16 });
  try {
    const schema = await asSuperuser(postgres, (client) => makeBigTenant(client, postgres.adminUser, mebibytes));
    const bare = await timeCopy(postgres, []);
    const trial = await timeTrial(postgres, folder);
    return { schema, bare, ...trial, unpacked: await timeCopy(postgres, ["--compress=0"]) };
  } finally {
    await postgres.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

async function timeCopy(postgres: PostgresServer, options: readonly string[]): Promise<number> {
  await asSuperuser(postgres, (client) => client.query(`create database ${COPY}`));
  const { pg_dump, pg_restore } = postgres.programs;
  const env = superuserEnvironment(postgres);
  const seconds = await timed(async () => {
    const dump = spawn(pg_dump, ["--format=custom", `--schema=${BIG.schema}`, ...options, postgres.database], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const restore = spawn(pg_restore, ["--exit-on-error", `--dbname=${COPY}`], {
      env,
      stdio: ["pipe", "inherit", "inherit"],
    });
    const ended = once(restore, "exit");
    await pipeline(dump.stdout, restore.stdin);
    const [status] = await ended;
    if (status !== 0) throw new Error(`pg_restore ended with status ${status}`);
  });
  await asSuperuser(postgres, (client) => client.query(`drop database ${COPY}`));
  return seconds;
}

async function timeTrial(
  postgres: PostgresServer,
  folder: string,
): Promise<Pick<MeasuredTrial, "trial" | "migrations">> {
  const { host, port, database, adminUser, adminPassword } = postgres;
  const admin = { host, port, database, sslmode: "disable", user: adminUser, password: adminPassword } as const;
  const login: ConnectionTarget = { ...admin, user: BIG.role, password: BIG.password };
  const files = migrationFiles(folder);
  const PATH = `${path.dirname(postgres.programs.pg_dump)}${path.delimiter}${process.env.PATH}`;
  const script = { name: "tenant_init", sha256: "0".repeat(64) };
  const job = { files, script, admin, env: { ...process.env, PATH }, output: { report: () => {} } };
  const stands = { condition: "unknown", at: null, number: 0, behind: files.length, stack: "prod", own: true } as const;
  const version = { ...stands, tenant: BIG.tenant, schema: BIG.schema };
  let migrations = 0;
  const trial = await timed(async () => {
    const tried = await withAdminConnection(admin, (session) => tryTenant(session, version, login, job));
    if (tried.outcome !== "passed") throw new Error(`the trial has ${tried.outcome}: ${tried.error}`);
    migrations = tried.files.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
  });
  return { trial, migrations };
}
