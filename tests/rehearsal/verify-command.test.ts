import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import type { Client } from "pg";
import { withAdminConnection } from "../../database/connection";
import { liftFence, raiseFence } from "../../database/offboarding/fence";
import { adminTarget } from "../../ops/stack/admin-target";
import { verificationText } from "../../ops/verify/show-verification";
import { type Verification, verifyIsolation } from "../../ops/verify/verification";
import { awsClients } from "../../rehearsal/session/aws-clients";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { stackAccess } from "../../rehearsal/session/stack-access";
import { hostedCommand } from "./command-host";
import { frontend, outcomeOf, ScratchRehearsal } from "./scratch-rehearsal";

/** One slug begins with the other. */
const SLUGS = ["acme", "farma", "farmacon"];

const CLEAN = `\
┌──────────┬──────┬───────┬──────────┬───────────────┬────────────┐
│          │ acme │ farma │ farmacon │ schema public │ the server │
│ acme     │  –   │   ·   │    ·     │       ·       │     ·      │
│ farma    │  ·   │   –   │    ·     │       ·       │     ·      │
│ farmacon │  ·   │   ·   │    –     │       ·       │     ·      │
└──────────┴──────┴───────┴──────────┴───────────────┴────────────┘
·  refused   ✗  gets through, in so many ways   ?  not tried   –  itself
`;

describe("npx b2b-tenants verify", () => {
  const rehearsal = new ScratchRehearsal(Object.fromEntries(SLUGS.map((slug) => [slug, frontend(slug)])));

  before(async () => {
    const { ok, failures } = await rehearsal.up();
    assert.deepEqual([ok, failures], [true, []]);
  });
  after(() => rehearsal.remove());

  const placesFor = (argv: readonly string[]) => [
    "--home",
    rehearsal.home.path,
    ...(argv.includes("--tenants") ? [] : ["--tenants", rehearsal.tenants]),
  ];
  const run = (...argv: string[]) => hostedCommand("verify", ...argv, ...placesFor(argv));

  const access = () => stackAccess(rehearsal.session);
  const proved = () => verifyIsolation(access(), { report: () => {} });

  /** Runs as RDS's superuser, and undoes it. */
  async function opened<T>(open: string, close: string, work: () => Promise<T>): Promise<T> {
    const { superuser } = rehearsal.session.postgres;
    await rehearsal.sql(open, [], superuser);
    return work().finally(() => rehearsal.sql(close, [], superuser));
  }

  it("on a clean stack prints the matrix, tells how far it is, and exits 0", async () => {
    const { status, stdout, stderr } = await run();
    assert.equal(stderr, "1 of 3 tenants\n2 of 3 tenants\n3 of 3 tenants\n");
    assert.ok(stdout.startsWith(CLEAN), stdout);
    assert.match(stdout, /^✓ 3 tenants, 6 pairs, \d+ statements tried, all refused; the catalogs show no leak\.$/m);
    assert.equal(status, 0);
  });

  it("tells those who look at it what it does with each tenant, and how many are done", async () => {
    const told: string[] = [];
    const tasks = {
      begun: (task: string) => void told.push(`${task} begins`),
      at: (task: string, what: string, part?: number) => void told.push(`${task}: ${what} ${part ?? ""}`.trimEnd()),
      ended: (task: string) => void told.push(`${task} ends`),
    };
    await verifyIsolation(access(), { report: () => assert.fail("it reported as well"), tasks });
    assert.deepEqual(
      told.filter((line) => line.startsWith("acme")).map((line) => line.replace(/\d+/, "N")),
      ["acme begins", "acme: logging in", "acme: asking what is open", "acme: trying N statements", "acme ends"],
    );
    assert.deepEqual(
      told.filter((line) => line.startsWith("in all")),
      [
        "in all begins",
        "in all: 1 of 3 tenants 0.3333333333333333",
        "in all: 2 of 3 tenants 0.6666666666666666",
        "in all: 3 of 3 tenants 1",
        "in all ends",
      ],
    );
  });

  it("--json prints the same for programs, and nothing else", async () => {
    const { status, stdout } = await run("--json");
    const { stack, database, holds, tried, pairs, statements, refused, tenants, triedOn, leaks } = JSON.parse(stdout);
    assert.deepEqual(
      { stack, database, holds, tried, pairs, triedOn, leaks },
      {
        stack: "prod",
        database: "postgres",
        holds: true,
        tried: 3,
        pairs: 6,
        triedOn: SLUGS,
        leaks: [],
      },
    );
    assert.equal(statements, refused);
    const [{ statements: own, refused: ownRefused, ...acme }] = tenants;
    assert.deepEqual(acme, {
      tenant: "acme",
      role: "user_acme",
      schema: "schema_acme",
      login: true,
      problem: null,
      complete: true,
    });
    assert.ok(own === ownRefused && own > 100, `${own} statements`);
    assert.equal(status, 0);
  });

  it("--html and --summary write the proof besides, as a page and in Markdown, with the same status", async () => {
    const [file, summary] = ["proof.html", "summary.md"].map((name) => path.join(rehearsal.home.path, name)) as [
      string,
      string,
    ];
    const { status, stdout, stderr } = await opened(
      "grant usage on schema schema_farma to public",
      "revoke usage on schema schema_farma from public",
      () => run("--html", file, "--lang", "en", "--summary", summary),
    );
    assert.equal(status, 1);
    assert.match(stdout, /1 leak\.$/m);
    assert.match(stderr, /\nwrote .*proof\.html; SHA-256 of its data: [0-9a-f]{64}\n$/);
    const page = readFileSync(file, "utf8");
    assert.match(
      page,
      /<h1>Proof of isolation of prod<\/h1>.*<code>revoke usage on schema schema_farma from public cascade;<\/code>/s,
    );
    assert.match(
      readFileSync(summary, "utf8"),
      /^## ❌ Isolation of `prod`\n.*\n\| `acme` \| – \| ❌ 1 \| · \| · \| · \|\n/s,
    );
    assert.match(page, /3 tenants, 3 tried, 6 pairs, \d+ statements, \d+ refused, 1 leaks/);
  });

  it("on a stack that leaks names who, whom, what, and what closes it, once, and exits 1", async () => {
    const { status, stdout } = await opened(
      "grant usage on schema schema_farma to public",
      "revoke usage on schema schema_farma from public",
      run,
    );
    assert.match(stdout, /^│ acme +│ +– +│ +✗ 1 +│ +· +│ +· +│ +· +│$/m);
    assert.match(stdout, /^│ farma +│ +· +│ +– +│ +· +│ +· +│ +· +│$/m);
    assert.match(stdout, /^│ farmacon +│ +· +│ +✗ 1 +│ +– +│ +· +│ +· +│$/m);
    assert.match(
      stdout,
      /\n✗ everybody → farma, schema: schema schema_farma\n {4}select .*;\n {2}closed by user_farma: revoke usage on schema schema_farma from public cascade;\n/,
    );
    assert.match(
      stdout,
      /^✗ 3 tenants tried, 6 pairs: \d+ statements, all refused; what is open was not tried\. 1 leak\.$/m,
    );
    assert.equal(status, 1);
  });

  it("says of a leak whether the tenant's own session has found it too", async () => {
    const { leaks } = await opened(
      "grant select on schema_farma.products to user_acme; grant usage on schema schema_acme to pg_monitor",
      "revoke select on schema_farma.products from user_acme; revoke usage on schema schema_acme from pg_monitor",
      proved,
    );
    assert.deepEqual(leaks.map(({ evidence, role, victim, object }) => [evidence, role, victim, object]).sort(), [
      ["both", "user_acme", "farma", "table schema_farma.products"],
      ["catalogs", "pg_monitor", "acme", "schema schema_acme"],
    ]);
  });

  it("tells a search path of the server's, which its own sessions do not take over", async () => {
    const { superuser } = rehearsal.session.postgres;
    /** Sets it, and waits until a session that begins has it. */
    const set = async (change: string, value: RegExp) => {
      await rehearsal.sql(change, [], superuser);
      for (const deadline = Date.now() + 30_000; ; ) {
        assert.ok(Date.now() < deadline, "the server does not take up the setting");
        await rehearsal.sql("select pg_reload_conf()", [], superuser);
        const rows = await rehearsal.sql("show search_path", [], superuser);
        if (value.test(rows[0]?.search_path ?? "")) return;
      }
    };
    await set("alter system set search_path to schema_acme", /^schema_acme$/);
    const { leaks } = await proved().finally(() => set("alter system reset search_path", /user/));
    assert.deepEqual(
      leaks.map(({ check, role, object }) => [check, role, object]),
      [["search path", "user_acme", "search_path of the server"]],
    );
  });

  it("tells what one grant opens in a schema that is no tenant's once, however many tables there are", async () => {
    const { leaks } = await opened(
      "create schema shared create table one () create table two (); grant select on all tables in schema shared to public",
      "drop schema shared cascade",
      proved,
    );
    assert.deepEqual(
      leaks.map(({ evidence, role, schema, object }) => [evidence, role, schema, object]),
      [
        ["both", "public", "shared", "table shared.one"],
        ["both", "public", "shared", "table shared.two"],
      ],
    );
  });

  it("on a server that has taken from everybody what it reads says how to give that back, and exits 1", async () => {
    const { status, stdout, stderr } = await opened(
      "revoke select on pg_roles from public",
      "grant select on pg_roles to public",
      run,
    );
    assert.equal(stdout, "");
    assert.match(
      stderr,
      /^error: permission denied for view pg_roles; .*\. Run this in database postgres, and then the same again:\n-- as rdsadmin, or as another superuser:\ngrant select on table pg_catalog\.pg_roles to postgres;\n$/,
    );
    assert.equal(status, 1);
  });

  it("tells a membership once, with whom it reaches, and not all that follows", async () => {
    const found = await opened("grant pg_read_all_data to user_acme", "revoke pg_read_all_data from user_acme", proved);
    assert.deepEqual(
      found.leaks.map(({ check, victim }) => [check, victim]),
      [
        ["membership", undefined],
        ["schema", undefined],
        ["schema", "farma"],
        ["schema", "farmacon"],
      ],
    );
    assert.match(verificationText(found), /^│ acme +│ +– +│ +✗ 1 +│ +✗ 1 +│ +✗ 1 +│ +✗ 1 +│$/m);
  });

  describe("a tenant that cannot log in is a finding, and the others are tried all the same:", () => {
    function assertFound({ tenants, leaks }: Verification, problem: RegExp): void {
      assert.deepEqual(
        tenants.map(({ slug, complete }) => [slug, complete]),
        [
          ["acme", true],
          ["farma", false],
          ["farmacon", true],
        ],
      );
      assert.deepEqual(
        leaks.map(({ check, role }) => [check, role]),
        [["login", "user_farma"]],
      );
      assert.match(String(leaks[0]?.hint), problem);
    }
    const loginLeak = ({ leaks }: Verification) => leaks.find(({ check }) => check === "login");
    const parameter = "/b2b-tenants/prod/farma/env/DATABASE_URL";

    it("its password was changed by hand", async () => {
      const kept = await rehearsal.sql(
        "select rolpassword from pg_authid where rolname = 'user_farma'",
        [],
        rehearsal.session.postgres.superuser,
      );
      const found = await opened(
        "alter role user_farma password 'other'",
        `alter role user_farma password '${kept[0].rolpassword}'`,
        proved,
      );
      assertFound(found, /password authentication failed.*rotation\.password/);
      assert.match(verificationText(found), /^│ farma +│ +\? +│ +– +│ +\? +│ +\? +│ +✗ 1 +│$/m);
    });

    it("all its connections are taken", async () => {
      const { connectionLimit } = access().settings.limits;
      const found = await opened(
        "alter role user_farma connection limit 0",
        `alter role user_farma connection limit ${connectionLimit}`,
        proved,
      );
      assert.equal(loginLeak(found)?.role, "user_farma");
      assert.match(String(loginLeak(found)?.hint), /too many connections for role/);
    });

    it("somebody has shut it out by hand", async () => {
      const found = await opened("alter role user_farma nologin", "alter role user_farma login", proved);
      assertFound(found, /somebody has set it to nologin by hand$/);
      assert.deepEqual(loginLeak(found)?.closes, [{ as: "postgres", statement: "alter role user_farma login" }]);
    });

    it("a removal is under way, which nothing that is printed undoes", async () => {
      const since = new Date();
      const admin = <T>(work: (session: Client) => Promise<T>) => withAdminConnection(adminTarget(access()), work);
      await admin((session) => raiseFence(session, "user_farma", since));
      const found = await proved().finally(() => admin((session) => liftFence(session, "user_farma")));
      assertFound(
        found,
        new RegExp(
          `an offboarding has fenced it since ${since.toISOString()}: with its file, \`up\` lets it in again; without,`,
        ),
      );
      assert.deepEqual(loginLeak(found)?.closes, []);
    });

    it("its server has another's login, or none", async () => {
      const { ssm } = awsClients(rehearsal.session);
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name: parameter, WithDecryption: true }));
      const put = (Value: string) =>
        ssm.send(new PutParameterCommand({ Name: parameter, Value, Type: "SecureString", Overwrite: true }));
      try {
        await put("postgresql://postgres:secret@host/postgres");
        const found = await proved();
        assertFound(found, /its server logs in as postgres: run `up --refresh`/);
        assert.ok(!verificationText(found).includes("secret"));
        await ssm.send(new DeleteParameterCommand({ Name: parameter }));
        assertFound(
          await proved(),
          /there is no parameter \/b2b-tenants\/prod\/farma\/env\/DATABASE_URL; run `up --refresh`/,
        );
      } finally {
        await put(Parameter?.Value ?? "");
      }
    });
  });

  it("with no tenants says so, looks at the catalogs all the same, and exits 0", async () => {
    const empty = path.join(rehearsal.folder, "empty");
    mkdirSync(empty);
    const { status, stdout } = await run("--tenants", empty);
    assert.match(
      stdout,
      /^The stack prod declares no tenant, so nobody tried; the catalogs show no leak \(3 tenants in the database\)\.$/m,
    );
    assert.equal(status, 0);
    const leaking = await opened(
      "grant usage on schema public to public",
      "revoke usage on schema public from public",
      () => run("--tenants", empty),
    );
    assert.match(leaking.stdout, /^everybody: ✗ schema public 1\n\n✗ everybody, schema: schema public\n/);
    assert.match(leaking.stdout, /the catalogs show 1 leak/);
    assert.equal(leaking.status, 1);
  });

  it("names host and port of a database that cannot be reached", async () => {
    const { settings, ...rest } = access();
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const database = { ...settings.database, port };
    await assert.rejects(
      verifyIsolation({ ...rest, settings: { ...settings, database } }, { report: () => {} }),
      new RegExp(`cannot log in as postgres to PostgreSQL at 127\\.0\\.0\\.1:${port}`),
    );
  });

  it("ends quietly when nobody reads what it prints", async () => {
    const child = spawn(process.execPath, ["cli/b2b-tenants.js", "verify", ...placesFor([])], {
      cwd: PROJECT_DIR,
      env: { ...process.env, INIT_CWD: undefined },
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdout?.destroy();
    const { status, stderr } = await outcomeOf(child);
    assert.equal(stderr, "1 of 3 tenants\n2 of 3 tenants\n3 of 3 tenants\n");
    assert.equal(status, 0);
  });

  it("--help prints how to use it; wrong usage exits 2", async () => {
    const help = await run("--help");
    assert.match(help.stdout, /^Usage: npx b2b-tenants verify/);
    assert.equal(help.status, 0);
    for (const argv of [["--nonsense"], ["acme"]]) {
      const { status, stderr, stdout } = await run(...argv);
      assert.match(stderr, /All options: npx b2b-tenants verify --help\n$/);
      assert.deepEqual([status, stdout], [2, ""]);
    }
  });
});
