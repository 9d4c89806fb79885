import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, it } from "node:test";
import { GetParametersByPathCommand } from "@aws-sdk/client-ssm";
import { Client } from "pg";
import { ssmPath } from "../../domain/names";
import { type RunResult, up } from "../../rehearsal/engine/engine";

import { DYNAMIC_PACKAGE } from "../../rehearsal/engine/providers";
import type { Step } from "../../rehearsal/engine/step";
import { nameOf } from "../../rehearsal/engine/urn";
import { PRELOADS } from "../../rehearsal/protocol/node-program";
import { awsClients } from "../../rehearsal/session/aws-clients";
import { type BootedServer, boot, tick } from "../../rehearsal/session/boot";
import { dynamicEnvironment } from "../../rehearsal/session/run-processes";
import { TENANT_TABLES } from "../../rehearsal/story/own-schema";
import { copyProject } from "../project-copy";
import { leftovers } from "./leftovers";
import { frontend, type Run, ScratchRehearsal } from "./scratch-rehearsal";
import { SHARED } from "./shared-processes";

const rehearsal = new ScratchRehearsal(
  {
    acme: frontend("acme"),
    bolt: frontend("bolt"),
    cargo: frontend("cargo"),
  },
  [],
  "asked",
);
after(() => rehearsal.remove());

/** Fails with what the run itself says. */
function succeeded(run: Run): Run {
  assert.deepEqual([run.failures, run.ok], [[], true]);
  return run;
}

async function limits(): Promise<string[]> {
  const rows = await rehearsal.sql(
    "select rolname || ' ' || rolconnlimit || ' ' || rolconfig::text as line from pg_roles where rolname like 'user\\_%' order by 1",
  );
  return rows.map(({ line }) => line);
}

async function parameters(slug: string): Promise<Record<string, string>> {
  const { ssm } = awsClients(rehearsal.session);
  const Path = ssmPath("prod", slug);
  const { Parameters } = await ssm.send(new GetParametersByPathCommand({ Path, WithDecryption: true }));
  return Object.fromEntries((Parameters ?? []).map(({ Name, Value }) => [Name?.split("/").at(-1), Value]));
}

function login(url: string | undefined): { user: string; password: string } {
  const { username, password } = new URL(url ?? "");
  return { user: username, password: decodeURIComponent(password) };
}

function restarts({ systemctl }: BootedServer): number {
  return systemctl.filter((call) => call.startsWith("restart ")).length;
}

/** The resources of a tenant that its first change of its password touches or makes, and no others. */
const ROTATED = [
  "env-DATABASE_URL",
  "handover",
  "init",
  "migrations",
  "schema-guard",
  "second-login",
  "second-password",
];

describe("a tenant's life", () => {
  it("begins with one up that brings every declared tenant to life", async () => {
    const run = succeeded(await rehearsal.up());
    const { tenants } = run.state.resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};
    assert.deepEqual(Object.keys(tenants ?? {}), ["acme", "bolt", "cargo"]);
    assert.deepEqual([...new Set(run.steps.map(({ op }) => op))], ["create"]);
    const tables = await rehearsal.sql(
      "select schemaname, array_agg(tablename::text order by tablename) as names from pg_tables where schemaname like 'schema\\_%' group by 1 order by 1",
    );
    assert.deepEqual(
      tables,
      ["acme", "bolt", "cargo"].map((slug) => ({ schemaname: `schema_${slug}`, names: TENANT_TABLES })),
    );
  });

  it("goes on unchanged through a second up", async () => {
    const before = [rehearsal.stateHash, await leftovers(rehearsal)];
    const run = succeeded(await rehearsal.up());
    assert.deepEqual(run.changes, []);
    assert.deepEqual([rehearsal.stateHash, await leftovers(rehearsal)], before);
  });

  it("is previewed with old and new value, and not touched by that", async () => {
    rehearsal.declare("bolt", `${frontend("bolt")}database:\n  connectionLimit: 7\n  statementTimeout: 45s\n`);
    const before = [rehearsal.stateHash, await limits()];
    const { status, stdout } = await rehearsal.command(["preview"]);
    assert.equal(status, 0);
    assert.deepEqual(
      stdout.split("\n").filter((line) => line !== ""),
      [
        "~  postgresql:index/role:Role bolt-role: update",
        "       ~ connectionLimit: 10 => 7",
        "       ~ statementTimeout: 30000 => 45000",
        "1 to update, 96 unchanged.",
      ],
    );
    assert.deepEqual([rehearsal.stateHash, await limits()], before);
  });

  it("has limits that an up changes in the database, for that tenant alone", async () => {
    const before = await limits();
    assert.deepEqual(succeeded(await rehearsal.up()).changes, ["update bolt-role"]);
    assert.deepEqual(
      await limits(),
      before.map((line) =>
        line.startsWith("user_bolt") ? line.replace(" 10 ", " 7 ").replace("=30000", "=45000") : line,
      ),
    );
  });

  it("has a password and a secret key that a higher rotation number renews, delivered to the running server", async () => {
    const old = await boot(rehearsal.session, "acme");
    const other = await boot(rehearsal.session, "cargo");
    assert.equal(restarts(await tick(rehearsal.session, "acme")), restarts(old));
    rehearsal.declare("acme", `${frontend("acme")}rotation:\n  password: 2\n`);
    rehearsal.declare("cargo", `${frontend("cargo")}rotation:\n  secretKey: 2\n`);

    const run = succeeded(await rehearsal.up());
    const touched = [...new Set(run.changes.map((change) => change.split(" ")[1]))].sort();
    assert.deepEqual(
      touched,
      ["cargo-secret-key", ...ROTATED.map((name) => `acme-${name}`), "cargo-env-SECRET_KEY"].sort(),
    );

    const renewed = await tick(rehearsal.session, "acme");
    assert.deepEqual(renewed.env, await parameters("acme"));
    assert.notEqual(renewed.env.DATABASE_URL, old.env.DATABASE_URL);
    assert.equal(renewed.env.SECRET_KEY, old.env.SECRET_KEY);
    assert.equal(restarts(renewed), restarts(old) + 1);
    assert.deepEqual(
      await rehearsal.sql("select session_user as login, current_user as who", [], login(renewed.env.DATABASE_URL)),
      [{ login: "user2_acme", who: "user_acme" }],
    );

    // Both are valid until the server is seen to use the new one.
    await rehearsal.sql("select", [], login(old.env.DATABASE_URL));
    const { host, port, database } = rehearsal.session.postgres;
    const backend = new Client({ host, port, database, ...login(renewed.env.DATABASE_URL) });
    await backend.connect();
    assert.deepEqual(succeeded(await rehearsal.up()).changes, ["update acme-handover"]);
    await backend.end();
    await assert.rejects(
      rehearsal.sql("select", [], login(old.env.DATABASE_URL)),
      /password authentication failed for user "user_acme"/,
    );

    const rekeyed = await tick(rehearsal.session, "cargo");
    assert.notEqual(rekeyed.env.SECRET_KEY, other.env.SECRET_KEY);
    assert.equal(rekeyed.env.DATABASE_URL, other.env.DATABASE_URL);
    assert.equal(restarts(rekeyed), restarts(other) + 1);
  });

  it("survives a schema dropped by hand: refresh notices, up makes it anew", async () => {
    await rehearsal.sql("grant user_bolt to postgres");
    await rehearsal.sql("drop schema schema_bolt cascade");
    await rehearsal.sql("revoke user_bolt from postgres");
    const noticed = succeeded(await rehearsal.refresh());
    const gone = (name: string) => !noticed.state.resources.some(({ urn }) => nameOf(urn) === name);
    assert.ok(gone("bolt-schema") && gone("bolt-init") && !gone("bolt-role") && !gone("acme-schema"));

    const healed = succeeded(await rehearsal.up());
    assert.ok(healed.changes.includes("create bolt-schema"));
    assert.deepEqual(
      healed.changes.filter((change) => !/^create bolt-/.test(change)),
      [],
    );
    const { DATABASE_URL } = await parameters("bolt");
    const [row] = await rehearsal.sql(
      "select count(*)::int as tables from pg_tables where schemaname = current_schema",
      [],
      login(DATABASE_URL),
    );
    assert.equal(row.tables, TENANT_TABLES.length);
  });

  it("ends, with a backup that was proved, when its file is removed, and nobody else's is touched", async () => {
    await rehearsal.sql(
      "insert into categories (name) values ('one'), ('two')",
      [],
      login((await parameters("cargo")).DATABASE_URL),
    );
    const everybody = await leftovers(rehearsal);
    rehearsal.withdraw("cargo");
    const run = succeeded(await rehearsal.up());
    assert.deepEqual(
      run.changes.filter((change) => !/^delete cargo(-|$)/.test(change)),
      [],
    );
    assert.deepEqual(
      await leftovers(rehearsal),
      everybody.filter((line) => !line.includes("cargo")),
    );
    const { backups } = rehearsal.home;
    const [archive, manifest, ...more] = readdirSync(backups).sort();
    assert.match(archive ?? "", /^backup_cargo_\d{8}T\d{6}Z\.dump$/);
    assert.equal(manifest, archive?.replace(".dump", ".manifest.json"));
    assert.deepEqual(more, []);
    const { tables } = JSON.parse(readFileSync(path.join(backups, manifest ?? ""), "utf8"));
    assert.deepEqual(
      tables
        .filter(({ rows }: { rows: number }) => rows > 0)
        .map(({ name, rows }: { name: string; rows: number }) => [name, rows]),
      [
        ["b2b_tenants_migrations", 1],
        ["categories", 2],
      ],
    );
  });
});

describe("a step that fails", () => {
  it("for a role made by hand leaves a valid state, and the same command goes on when that is mended", async () => {
    await rehearsal.sql("create role user_dora");
    rehearsal.declare("dora");
    const failed = await rehearsal.up();
    assert.equal(failed.ok, false);
    assert.deepEqual(failed.failures.length, 1);
    assert.match(
      failed.failures[0] ?? "",
      /^dora-schema-guard: role user_dora already exists\. Nothing of that was touched\./,
    );
    const { deployment } = JSON.parse(readFileSync(rehearsal.home.statePath("prod"), "utf8"));
    assert.equal(deployment.pending_operations, undefined);

    await rehearsal.sql("drop role user_dora");
    const mended = succeeded(await rehearsal.up());
    assert.deepEqual(
      mended.changes.filter((change) => !/^create dora(-|$)/.test(change)),
      [],
    );
  });

  it("for a schema that holds what others made touches neither, and goes on when they have moved", async () => {
    await rehearsal.sql("create schema schema_emma");
    await rehearsal.sql("create table schema_emma.precious as select 1 as n");
    rehearsal.declare("emma");
    const failed = await rehearsal.up();
    assert.match(
      failed.failures.join("\n"),
      /^emma-schema-guard: schema schema_emma already holds table schema_emma\.precious, which this program did not create/,
    );
    assert.deepEqual(
      await rehearsal.sql("select tablename, tableowner from pg_tables where schemaname = 'schema_emma'"),
      [{ tablename: "precious", tableowner: "postgres" }],
    );

    await rehearsal.sql("alter table schema_emma.precious set schema public");
    await rehearsal.sql("drop schema schema_emma");
    const mended = succeeded(await rehearsal.up());
    assert.deepEqual(
      mended.changes.filter((change) => !/^create emma(-|$)/.test(change)),
      [],
    );
    await rehearsal.sql("drop table public.precious");
  });

  it("in the tables' script names the line, changes no tenant, and the mended script reaches them all", async () => {
    const project = copyOfProject();
    const script = path.join(project, "sql/tenant_init.sql");
    const whole = readFileSync(script, "utf8");
    const line = whole.trimEnd().split("\n").length + 1;
    writeFileSync(script, `${whole.trimEnd()}\nalter table produce add column if not exists note text;\n`);
    const failed = await upOf(project);
    assert.equal(failed.ok, false);
    const told = new RegExp(
      `sql/tenant_init\\.sql:${line}: relation "produce" does not exist \\(tenant \\w+, schema schema_\\w+\\); nothing was changed`,
    );
    assert.match(failed.failures.map(({ message }) => message).join("\n"), told);

    writeFileSync(script, `${whole.trimEnd()}\nalter table products add column if not exists note text;\n`);
    const updated: string[] = [];
    const mended = await upOf(project, ({ op, urn }) => {
      if (op !== "same") updated.push(`${op} ${nameOf(urn)}`);
    });
    assert.deepEqual([mended.failures, mended.ok], [[], true]);
    assert.deepEqual(
      updated.sort(),
      ["acme", "bolt", "dora", "emma"].map((slug) => `update ${slug}-init`),
    );
    const noted = await rehearsal.sql(
      "select table_schema from information_schema.columns where table_name = 'products' and column_name = 'note' order by 1",
      [],
      rehearsal.session.postgres.superuser,
    );
    assert.deepEqual(
      noted.map(({ table_schema }) => table_schema),
      ["schema_acme", "schema_bolt", "schema_dora", "schema_emma"],
    );
  });
});

describe("a stack", () => {
  const NORTH = ["--stack", "prod-north"];

  it("of its own declares its one tenant, and neither the others nor what all share", async () => {
    rehearsal.declare("north", `${frontend("north")}stack: prod-north\n`);
    const run = succeeded(await rehearsal.up(...NORTH));
    const tenants = run.state.resources.filter(({ type }) => /^b2b:index:(Tenant|SharedDatabase)$/.test(type));
    assert.deepEqual(
      tenants.map(({ urn }) => nameOf(urn)),
      ["north"],
    );
    assert.ok((await leftovers(rehearsal, "/b2b-tenants/prod/north/env/")).length === 5);
  });

  it("that is destroyed takes its tenant with it, and leaves the others' as they are", async () => {
    succeeded(await rehearsal.destroy(...NORTH));
    assert.deepEqual(await leftovers(rehearsal, "north"), []);
    for (const slug of ["acme", "bolt", "dora", "emma"]) {
      assert.deepEqual(
        await rehearsal.sql("select current_user as who", [], login((await parameters(slug)).DATABASE_URL)),
        [{ who: `user_${slug}` }],
      );
    }
  });

  it("that is destroyed leaves no role, schema, parameter, instance, IAM role or security group behind", async () => {
    const run = succeeded(await rehearsal.destroy());
    assert.deepEqual(run.state.resources, []);
    assert.deepEqual(await leftovers(rehearsal), []);
  });
});

/** The project with its own SQL, settings and tenants, and this checkout's packages and Python. */
function copyOfProject(): string {
  const copy = path.join(rehearsal.folder, "project");
  mkdirSync(copy);
  copyProject(copy);
  return copy;
}

/** Runs that copy's program, and its dynamic resources there too. */
function upOf(projectDir: string, done: (step: Step) => void = () => {}): Promise<RunResult> {
  const { session } = rehearsal;
  const options = session.engine({ done });
  const dynamic = {
    program: process.execPath,
    args: [...PRELOADS, require.resolve("@pulumi/pulumi/cmd/dynamic-provider")],
    cwd: projectDir,
    env: dynamicEnvironment(session.postgres, session.moto),
  };
  return up({
    ...options,
    projectDir,
    pluginFor: (name) =>
      name === DYNAMIC_PACKAGE
        ? (address, print) => SHARED.startProcess("the dynamic plugin of the copy", dynamic, [address], print)
        : options.pluginFor(name),
  });
}
