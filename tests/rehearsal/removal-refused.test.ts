import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { Client } from "pg";
import { withAdminConnection } from "../../database/connection";
import { liftFence } from "../../database/offboarding/fence";
import { type GateInputs, offboard } from "../../database/offboarding/offboard";
import { type PostgresServer, startPostgres } from "../../rehearsal/servers/postgres";
import { type Arranged, FAULTS, type Scene } from "./removal-faults";

const PROJECT = join(__dirname, "..", "..");
const ROWS = 4_000;

const folder = mkdtempSync(join(tmpdir(), "removal-"));
// PostgreSQL, which root starts as another user, has to pass through.
chmodSync(folder, 0o711);
const backups = join(folder, "backups");
let postgres: PostgresServer;
let scene: Scene;
let gate: GateInputs;

before(async () => {
  postgres = await startPostgres({ home: folder, major: 16 });
  const { host, port, database, adminUser: user, adminPassword: password } = postgres;
  const restart = async () => {
    await postgres.stop();
    await startPostgres({ home: folder, major: 16 });
  };
  scene = { folder, postgres, schema: "schema_acme", restart };
  const [tenant, schema, role] = ["acme", "schema_acme", "user_acme"];
  gate = {
    tenant,
    schema,
    role,
    host,
    port,
    database,
    sslmode: "disable",
    user,
    password,
    destination: backups,
    region: "us-east-1",
    backup: true,
  };
  await inSession(user, password, [
    "create role user_acme login password 'acme-secret'",
    "grant user_acme to postgres with set true",
    "create schema schema_acme authorization user_acme",
    "grant connect on database postgres to user_acme",
    "revoke user_acme from postgres",
  ]);
  await inSession(role, "acme-secret", [
    "create table schema_acme.orders (id serial primary key, notes text)",
    // More than a MiB that does not compress.
    `insert into schema_acme.orders (notes) select string_agg(sha512(convert_to(i || '.' || j, 'UTF8'))::text, '')
       from generate_series(1, ${ROWS}) i, generate_series(1, 6) j group by i`,
  ]);
});
after(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a removal that goes wrong drops nothing, and the tenant goes on working, when", () => {
  for (const fault of FAULTS) {
    it(fault.name, async () => {
      const arranged = await fault.arrange(scene);
      try {
        const { status, output } = await remove(arranged);
        assert.equal(status, 1, output);
        assert.match(output, fault.message);
        if (arranged.unfenced) assert.doesNotMatch(output, /^fenced$/m);
        assert.match(output, /acme was not removed: .* run `up`\.$/ms);
      } finally {
        await arranged.end?.();
      }
      await assertUntouched();
    });
  }
});

describe("a removal that is killed converges", () => {
  const steps = ["fenced", "locked", "read and dumped", "verified", "recorded", "backup verified", "ready"];
  for (const [index, step] of steps.entries()) {
    it(`after the step "${step}": the next one gets through, and one that is given up lets the tenant in`, async () => {
      // Its own: two of these in one second would be one backup's name.
      const destination = join(backups, String(index));
      const killed = await remove({ destination }, index + 1);
      assert.equal(killed.status, null, killed.output);
      assert.ok(killed.output.trimEnd().split("\n").at(-1)?.startsWith(step), killed.output);
      assert.equal(await canLogIn(), false);
      await withAdminConnection(gate, (admin) => liftFence(admin, gate.role));
      await assertUntouched(destination);
    });
  }
  it("and what the killed ones left is in the way of none", async () => {
    const { status, output } = await remove({});
    assert.equal(status, 0, output);
    assert.equal(await canLogIn(), false);
    assert.deepEqual(await leftovers(), []);
    await withAdminConnection(gate, (admin) => liftFence(admin, gate.role));
  });
});

/** Runs a removal; in a process of its own where it is killed, or where something of the process counts. */
async function remove(arranged: Arranged, killAfter?: number): Promise<{ status: number | null; output: string }> {
  const { env, destination = gate.destination, fileLimit, meanwhile, ownProcess } = arranged;
  const attempt = { ...gate, destination };
  const path = { PATH: `${dirname(postgres.programs.pg_dump)}:${process.env.PATH}` };
  const environment = { ...process.env, ...path, ...env };
  if (!ownProcess && killAfter === undefined) {
    const said: string[] = [];
    const removal = offboard(attempt, { env: environment, done: (step) => void said.push(step) }).then(
      () => 0,
      (error: Error) => {
        said.push(error.message);
        return 1;
      },
    );
    const [status] = await Promise.all([removal, meanwhile?.()]);
    return { status, output: `${said.join("\n")}\n` };
  }
  const limit = fileLimit === undefined ? "" : `ulimit -f ${fileLimit}; `;
  const script = join(__dirname, "offboard-process.ts");
  const child = spawn("/bin/bash", ["-c", `${limit}exec "$@"`, "-", process.execPath, "--require", "tsx/cjs", script], {
    cwd: PROJECT,
    env: environment,
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin?.end(JSON.stringify({ gate: attempt, killAfter }));
  const [output] = await Promise.all([text(child.stdout as NodeJS.ReadableStream), meanwhile?.(), ended(child)]);
  return { status: child.exitCode, output };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** The tenant logs in, finds its rows and writes; nothing of the attempt is left in the database, no half backup at all. */
async function assertUntouched(destination = backups): Promise<void> {
  assert.equal(await canLogIn(), true);
  assert.deepEqual(
    await inSession("user_acme", "acme-secret", ["select count(*)::int as rows from schema_acme.orders"]),
    [{ rows: ROWS }],
  );
  await inSession("user_acme", "acme-secret", ["update schema_acme.orders set notes = notes where id = 1"]);
  assert.deepEqual(await leftovers(), []);
  const files = existsSync(destination) ? readdirSync(destination) : [];
  assert.deepEqual(
    files.filter((name) => !/^backup_acme_\w+\.(dump|manifest\.json)$/.test(name)),
    [],
  );
}

/** What a removal must not leave: roles and databases of its own, memberships of the admin, a fence. */
async function leftovers(): Promise<unknown[]> {
  const { adminUser, adminPassword } = postgres;
  const [left] = await Promise.all([
    inSession(adminUser, adminPassword, [
      `select rolname as name from pg_roles where rolname like 'scratch%'
       union all select datname from pg_database where datname like 'scratch%'
       union all select roleid::regrole::text from pg_auth_members
        where member = 'postgres'::regrole and roleid = 'user_acme'::regrole and (inherit_option or set_option)`,
    ]),
  ]);
  return left;
}

async function canLogIn(): Promise<boolean> {
  return inSession("user_acme", "acme-secret", ["select"]).then(
    () => true,
    (error: Error) => {
      assert.match(error.message, /not permitted to log in/);
      return false;
    },
  );
}

async function inSession(user: string, password: string, statements: readonly string[]): Promise<unknown[]> {
  const { host, port, database } = postgres;
  const client = new Client({ host, port, database, user, password, ssl: false });
  await client.connect();
  try {
    let rows: unknown[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}
