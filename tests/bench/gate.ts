import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { remove } from "../../components/dynamic/drop-guard-run";
import type { GateInputs } from "../../database/offboarding/offboard";
import { offboard } from "../../database/offboarding/offboard";
import { type PostgresServer, startPostgres } from "../../rehearsal/servers/postgres";
import { BIG, makeBigTenant } from "./big-tenant";
import { asSuperuser, runProgram, timed } from "./measuring";

const MEBIBYTE = 1024 * 1024;
const COPY = "bench_copy";

/** What it cost to take a backup of one tenant and to prove it. Seconds. */
export interface MeasuredGate {
  /** What the schema takes up on the server's disk, indexes included, and its archive, in MiB. */
  readonly schema: number;
  readonly archive: number;
  readonly gate: number;
  /** Each step of the gate by its name, with the seconds it took. */
  readonly steps: readonly (readonly [step: string, seconds: number])[];
  /** `pg_dump --format=custom` to a file, and `pg_restore` of it into a new database. */
  readonly dump: number;
  readonly restore: number;
}

/** The gate of a tenant with that many MiB of data, and the two programs alone on the same schema. */
export async function measureGate(mebibytes: number): Promise<MeasuredGate> {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-gate-"));
  // PostgreSQL, which root starts as another user, has to pass through.
  chmodSync(folder, 0o711);
  const postgres = await startPostgres({ home: folder, major: 16 });
  try {
    const schema = await asSuperuser(postgres, (client) => makeBigTenant(client, postgres.adminUser, mebibytes));
    const bare = await timeBare(postgres, path.join(folder, "bare.dump"));
    return { schema, ...bare, ...(await timeGate(postgres, path.join(folder, "backups"))) };
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The two programs alone. */
export async function timeBare(postgres: PostgresServer, archive: string): Promise<{ dump: number; restore: number }> {
  await asSuperuser(postgres, (client) => client.query(`create database ${COPY}`));
  const { pg_dump, pg_restore } = postgres.programs;
  const dump = await timed(() =>
    runProgram(postgres, pg_dump, [
      "--format=custom",
      `--schema=${BIG.schema}`,
      `--file=${archive}`,
      postgres.database,
    ]),
  );
  const restore = await timed(() => runProgram(postgres, pg_restore, ["--exit-on-error", `--dbname=${COPY}`, archive]));
  await asSuperuser(postgres, (client) => client.query(`drop database ${COPY}`));
  return { dump, restore };
}

async function timeGate(postgres: PostgresServer, destination: string) {
  const { host, port, database, adminUser: user, adminPassword: password } = postgres;
  const gate: GateInputs = {
    tenant: BIG.tenant,
    schema: BIG.schema,
    role: BIG.role,
    host,
    port,
    database,
    sslmode: "disable",
    user,
    password,
    destination,
    region: "us-east-1",
    backup: true,
  };
  const env = {
    ...process.env,
    PATH: `${path.dirname(postgres.programs.pg_dump)}${path.delimiter}${process.env.PATH}`,
  };
  const steps: [string, number][] = [];
  let archive = 0;
  let last = performance.now();
  const done = (step: string) => {
    const now = performance.now();
    steps.push([step.replace(/: .*/s, ""), (now - last) / 1000]);
    last = now;
    archive ||= Number(/([\d,]+) bytes\)$/.exec(step)?.[1]?.replaceAll(",", "") ?? 0) / MEBIBYTE;
  };
  const seconds = await timed(async () => {
    await offboard(gate, { env, done });
    // What comes directly before the schema is dropped looks at every row once more.
    await remove("", gate);
    done("tables dropped");
  });
  return { gate: seconds, steps, archive };
}
