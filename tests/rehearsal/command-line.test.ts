import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { FileErrors } from "../../domain/file-errors";
import { UsageError } from "../../domain/usage-error";
import { byTenant, stackOf } from "../../ops/preview-comment/by-tenant";
import { previewComment } from "../../ops/preview-comment/comment";
import { parsePreviewDigest } from "../../ops/preview-comment/preview-digest";
import { type Arguments, parseArguments } from "../../rehearsal/cli/arguments";
import { runBoot, runPreview, runPsql, runUp } from "../../rehearsal/cli/commands";
import { preview } from "../../rehearsal/engine/engine";
import { withSession } from "../../rehearsal/session/session";
import { frontend, type Outcome, outcomeOf, runCommand, ScratchRehearsal, startCommand } from "./scratch-rehearsal";

const rehearsal = new ScratchRehearsal({ acme: frontend("acme") });
after(() => rehearsal.remove());

const command = (argv: readonly string[], env?: NodeJS.ProcessEnv): Promise<Outcome> =>
  outcomeOf(startCommand(argv, env ? { env } : {}));

/** Arguments for a command in this process, where the process is not the point. */
function argumentsOf(...argv: readonly string[]): Arguments {
  const args = parseArguments(argv);
  assert.ok(args !== "help");
  return args;
}

/** Of a command that is to fail before it prints anything. */
const mute = { print: (line: string) => assert.fail(`it printed ${line}`), report: () => {} };
const uninterrupted = new AbortController().signal;

/** A mistake of the user's is told in words. */
function withoutTrace({ stdout, stderr }: Outcome): void {
  assert.doesNotMatch(stdout + stderr, /^\s+at .+:\d+:\d+|node:internal|UnhandledPromise/m);
}

describe("the command line", () => {
  it("explains itself, and that is no failure", async () => {
    const { status, stdout, stderr } = await runCommand(["--help"]);
    assert.deepEqual([status, stderr], [0, ""]);
    for (const word of [
      "up",
      "preview",
      "refresh",
      "destroy",
      "outputs",
      "boot SLUG",
      "psql [SLUG]",
      "stop",
      "--stack",
      "--tenants",
      "--home",
      "--postgres",
      "--plugin",
      "--cli",
      "--json",
      "--show-secrets",
    ]) {
      assert.ok(stdout.includes(`  ${word}`), word);
    }
  });

  for (const [argv, told] of [
    [["deploy"], /^there is no command "deploy"; the commands are up, preview/],
    [["up", "acme"], /^"up" does not take "acme"/],
    [["boot"], /^boot needs the tenant's slug/],
    [["boot", "acme", "bolt"], /^"boot" does not take "bolt"/],
    [["up", "--force"], /^Unknown option '--force'/],
    [["up", "--home"], /^Option '--home <value>' argument missing/],
    [
      ["up", "--postgres", "13"],
      /^--postgres "13": the rehearsal has PostgreSQL 14, 15, 16, 17, 18, and takes what else/,
    ],
    [["up", "--stack", "../prod"], /^--stack "..\/prod": a stack's name has/],
    [["psql", "--cli"], /^--cli: "psql" deploys nothing; leave it out/],
    [["up", "--cli", "--plugin", "random=random"], /^--plugin: with --cli, the Pulumi CLI finds its plugins itself/],
    [["up", "--plugin", "random"], /^--plugin "random": write it as NAME=PATH/],
  ] as [string[], RegExp][]) {
    it(`refuses: ${argv.join(" ")}`, () => {
      assert.throws(
        () => parseArguments(argv),
        (error) => error instanceof UsageError && told.test(error.message),
      );
    });
  }

  it("that is not understood ends with 2, in words, and starts nothing", async () => {
    const outcome = await command(["deploy", "--home", path.join(rehearsal.folder, "untouched")]);
    assert.deepEqual([outcome.status, outcome.stdout], [2, ""]);
    assert.match(
      outcome.stderr,
      /^there is no command "deploy".*\nAll commands and options: npm run rehearse -- --help\n$/,
    );
    withoutTrace(outcome);
    assert.ok(!readdirSync(rehearsal.folder).includes("untouched"));
  });

  it("tells every error of every tenant file, and starts nothing", async () => {
    const folder = path.join(rehearsal.folder, "faulty");
    const home = path.join(rehearsal.folder, "untouched");
    mkdirSync(folder);
    writeFileSync(path.join(folder, "acme.yaml"), "frontendUrl: http://acme.example.com\ncolour: blue\n");
    writeFileSync(path.join(folder, "bolt.yml"), frontend("bolt"));
    const outcome = await runCommand(["up", "--tenants", folder, "--home", home]);
    assert.deepEqual([outcome.status, outcome.stdout], [2, ""]);
    assert.match(outcome.stderr, /acme\.yaml:1:14: .*https/);
    assert.match(outcome.stderr, /acme\.yaml:2:1: .*colour/);
    assert.match(outcome.stderr, /bolt\.yml: /);
    withoutTrace(outcome);
    const previewed = runPreview(argumentsOf("preview", "--tenants", folder, "--home", home), mute, uninterrupted);
    await assert.rejects(previewed, (error) => error instanceof FileErrors && outcome.stderr === `${error.message}\n`);
    assert.ok(!readdirSync(rehearsal.folder).includes("untouched"));
  });

  it("tells them as JSON too, which makes a comment that has each at its line", async () => {
    const home = path.join(rehearsal.folder, "untouched");
    const folder = path.join(rehearsal.folder, "faulty");
    const outcome = await runCommand(["preview", "--json", "--tenants", folder, "--home", home]);
    assert.equal(outcome.status, 2);
    withoutTrace(outcome);
    const { config, steps, changeSummary, diagnostics } = JSON.parse(outcome.stdout);
    assert.deepEqual([steps, changeSummary, config["aws:region"]], [[], {}, "us-east-1"]);
    assert.deepEqual(
      diagnostics.map(({ message, severity }: { message: string; severity: string }) => [`${message}\n`, severity]),
      [[outcome.stderr, "error"]],
    );
    const digest = parsePreviewDigest(outcome.stdout, "the preview");
    const comment = previewComment([byTenant(stackOf(digest) ?? "", digest)], undefined);
    assert.match(comment, /^<!-- b2b-tenants preview prod -->/);
    assert.match(comment, /^- `\/.*\/acme\.yaml:1:14`: `'frontendUrl' must be https/m);
    assert.ok(!readdirSync(rehearsal.folder).includes("untouched"));
  });

  it("names a folder of tenants that is not there", async () => {
    const home = path.join(rehearsal.folder, "untouched");
    const args = argumentsOf("up", "--tenants", "/nowhere/tenants", "--home", home);
    await assert.rejects(
      runUp(args, mute, uninterrupted),
      (error) =>
        error instanceof FileErrors && /^\/nowhere\/tenants: the tenants folder does not exist/m.test(error.message),
    );
  });

  it("says how to get a Python where there is none", async () => {
    const empty = path.join(rehearsal.folder, "empty");
    mkdirSync(empty);
    const outcome = await command(["up", "--home", path.join(rehearsal.folder, "pythonless")], {
      PATH: empty,
      PYTHON: undefined,
      REHEARSAL_PYTHON_DIR: path.join(empty, "python"),
    });
    assert.equal(outcome.status, 1);
    assert.match(outcome.stderr, /^Python was not found\. Install Python 3\.10 or later/m);
    withoutTrace(outcome);
  });
});

describe("a command", () => {
  before(async () => {
    assert.deepEqual((await rehearsal.up()).failures, []);
  });

  it("preview --json prints the CLI's format and nothing else", async () => {
    rehearsal.declare("acme", `${frontend("acme")}database:\n  connectionLimit: 3\n`);
    const { status, stdout } = await rehearsal.command(["preview", "--json"]);
    rehearsal.declare("acme");
    const { steps, changeSummary, diagnostics } = JSON.parse(stdout);
    assert.deepEqual([status, changeSummary, diagnostics], [0, { same: 44, update: 1 }, []]);
    const step = steps.find(({ op }: { op: string }) => op === "update");
    assert.deepEqual(step.detailedDiff, { connectionLimit: { kind: "update", inputDiff: false } });
    assert.deepEqual([step.oldState.inputs.connectionLimit, step.newState.inputs.connectionLimit], [10, 3]);
  });

  it("outputs --json prints the table and nothing else", async () => {
    const { status, stdout, stderr } = await rehearsal.command(["outputs", "--json"]);
    assert.deepEqual([status, stderr], [0, ""]);
    const { server, ...row } = JSON.parse(stdout).tenants.acme;
    assert.deepEqual(row, {
      databaseUser: "user_acme",
      schema: "schema_acme",
      ssmPath: "/b2b-tenants/prod/acme/env",
      stack: "prod",
    });
    assert.match(server, /\.amazonaws\.com$/);
  });

  it("boot prints where the .env is, and nothing else", async () => {
    const { status, stdout } = await rehearsal.command(["boot", "acme"]);
    assert.equal(status, 0);
    assert.match(stdout, /^\/.*\/servers\/acme\/.*\/farmacruz-ecomerce\/backend\/\.env\n$/);
  });

  it("psql is a shell as the tenant, or as the admin", async () => {
    const input = "\\pset tuples_only\n\\pset format unaligned\nselect current_user || ' ' || current_schema;\n";
    const tenant = await rehearsal.run(["psql", "acme"], { input });
    assert.match(tenant.stdout, /^user_acme schema_acme$/m);
    const admin = await rehearsal.run(["psql"], {
      input: input.replace("current_schema", "(select rolsuper from pg_roles where rolname = current_user)"),
    });
    assert.match(admin.stdout, /^postgres false$/m);
    assert.deepEqual([tenant.status, admin.status], [0, 0]);
  });

  it("boot says that there is no such tenant", async () => {
    const outcome = await rehearsal.command(["boot", "acm*"]);
    assert.deepEqual([outcome.status, outcome.stdout], [1, ""]);
    assert.match(outcome.stderr, noSuchTenant("acm\\*"));
    withoutTrace(outcome);
    await assert.rejects(runBoot(here("boot", "nobody"), mute), { message: noSuchTenant("nobody") });
  });

  it("psql says that there is no such tenant", async () => {
    await assert.rejects(runPsql(here("psql", "nobody"), mute), { message: noSuchTenant("nobody") });
  });

  it("with a plugin that is not there names it", async () => {
    const args = here("preview", "--plugin", "random=/nonexistent");
    const { failures } = await withSession(args, mute.report, (session) => {
      const kept = rehearsal.session.engine({});
      const asked = session.engine({});
      return preview({ ...kept, pluginFor: (name) => (name === "random" ? asked : kept).pluginFor(name) });
    });
    assert.match(
      failures[0]?.message ?? "",
      /^the random plugin \(\/nonexistent\) could not be started: spawn \/nonexistent ENOENT$/,
    );
  });

  it("up after stop starts the servers again, and finishes its work though its reader goes away", async () => {
    assert.equal((await rehearsal.command(["stop"])).status, 0);
    rehearsal.declare("acme", `${frontend("acme")}database:\n  connectionLimit: 4\n`);
    const child = rehearsal.start(["up"]);
    child.stdout?.destroy();
    const { status, stderr } = await outcomeOf(child);
    assert.deepEqual([status, stderr], [0, ""]);
    for (const run of [() => rehearsal.refresh(), () => rehearsal.preview()]) {
      const { changes, failures } = await run();
      assert.deepEqual([changes, failures], [[], []]);
    }
  });

  function here(...argv: readonly string[]): Arguments {
    return argumentsOf(...argv, "--home", rehearsal.home.path, "--tenants", rehearsal.tenants);
  }

  function noSuchTenant(slug: string): RegExp {
    return new RegExp(`the stack "prod" has no .*tenant "${slug}".*npm run rehearse -- outputs`);
  }
});
