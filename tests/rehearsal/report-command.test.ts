import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { quickReference, REFERENCE_FORMATS, type ReferenceRow } from "../../domain/quick-reference";
import { parsePageData } from "../../ops/page/page-data";
import { writeFleetPage } from "../../ops/page/write-page";
import { printReference } from "../../ops/report/reference";
import { showSecrets } from "../../ops/report/show-secrets";
import { readEnvironment } from "../../ops/stack/tenant-environment";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { stackAccess } from "../../rehearsal/session/stack-access";
import { session } from "../conformance/postgres-server";
import { atTerminal } from "./at-terminal";
import { hostedCommand } from "./command-host";
import { outcomeOf, ScratchRehearsal } from "./scratch-rehearsal";

/** What runs on for so long would run on for ever. */
const HANGS_MS = 60_000;

type Tenants = Readonly<Record<string, ReferenceRow>>;

describe("npx b2b-tenants report", () => {
  const rehearsal = new ScratchRehearsal({ acme: "frontendUrl: https://acme.example.com\n" });
  const places = ["--home", rehearsal.home.path, "--tenants", rehearsal.tenants];
  const command = (argv: readonly string[]) => ["cli/b2b-tenants.js", "report", ...argv, ...places];
  const env = { ...process.env, INIT_CWD: undefined };

  before(async () => {
    const { ok, failures } = await rehearsal.up();
    assert.deepEqual([ok, failures], [true, []]);
  });
  after(() => {
    // One that should have ended and has not.
    for (const child of started) child.kill("SIGKILL");
    return rehearsal.remove();
  });

  const started: ChildProcess[] = [];
  function start(...argv: string[]): ChildProcess {
    const child = spawn(process.execPath, command(argv), { cwd: PROJECT_DIR, env, stdio: ["pipe", "pipe", "pipe"] });
    started.push(child);
    return child;
  }
  const run = (...argv: string[]) => hostedCommand("report", ...argv, ...places);

  const access = () => stackAccess(rehearsal.session);

  async function environment(): Promise<string> {
    const entries = await readEnvironment(access(), "acme");
    assert.equal(entries.size, 5);
    return [...entries].map(([key, value]) => `${key}=${value}\n`).join("");
  }

  it("prints the tables, with status 0 also where it warns", async () => {
    await rehearsal.sql("create schema schema_stray");
    const { status, stdout, stderr } = await run();
    await rehearsal.sql("drop schema schema_stray");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /^acme +\d+ kB .* 15 +1 +0 +never +never +0000$/m);
    assert.match(stdout, /^! No file declares tenant stray,/m);
  });

  it("--html writes the page besides, with the proof of every tenant and what has grown since an earlier page", async () => {
    const [first, second] = ["first.html", "second.html"].map((name) => join(rehearsal.home.path, name)) as [
      string,
      string,
    ];
    const before = await run("--json", "--html", first);
    assert.deepEqual([before.status, JSON.parse(before.stdout).tenants.length], [0, 1]);
    assert.match(before.stderr, /^1 of 1 tenant\nwrote .*first\.html; SHA-256 of its data: [0-9a-f]{64}\n$/);
    const { tenants, proof } = parsePageData(readFileSync(first, "utf8"), first);
    assert.deepEqual(
      tenants?.map(({ slug }) => slug),
      ["acme"],
    );
    assert.deepEqual([proof?.tried, proof?.leaks, proof?.statements], [1, 0, proof?.refused]);
    const { superuser } = rehearsal.session.postgres;
    await rehearsal.sql("create table schema_acme.more as select 'a row of acme' as n", [], superuser);
    const after = await run("--html", second, "--since", first, "--lang", "es", "--no-proof");
    await rehearsal.sql("drop table schema_acme.more", [], superuser);
    assert.deepEqual([after.status, after.stderr.split("\n").length], [0, 2]);
    const page = readFileSync(second, "utf8");
    assert.match(page, /<h2>Crecimiento<\/h2>.*<th scope="row">acme <\/th>.*<td class="number">16 kB<\/td>/s);
    assert.match(page, /Si los clientes están aislados: --no-proof/);
    const [environment, { adminPassword }] = [await readEnvironment(access(), "acme"), access()];
    const secrets = [adminPassword, environment.get("SECRET_KEY"), environment.get("DATABASE_URL"), "a row of acme"];
    for (const text of [page, readFileSync(first, "utf8")]) {
      for (const secret of secrets) assert.ok(secret && !text.includes(secret));
    }
  });

  it("--html without the access that the proof needs writes the page, says why there is no proof, and fails", async () => {
    const file = join(rehearsal.home.path, "unproved.html");
    const reported: string[] = [];
    const output = { print: () => {}, report: (line: string) => void reported.push(line) };
    const nowhere = { ...access(), aws: { ...access().aws, endpoint: "http://127.0.0.1:1" } };
    const page = { file, language: "en", since: undefined, proof: true } as const;
    assert.equal(await writeFleetPage(nowhere, output, { json: false, page }), 1);
    assert.match(
      reported.join("\n"),
      /^wrote .*unproved\.html; .*\nerror: the isolation could not be proved: .*ECONNREFUSED/,
    );
    assert.match(
      readFileSync(file, "utf8"),
      /Isolation not proved<.*ECONNREFUSED.*Whether tenants are isolated: .*ECONNREFUSED/s,
    );
  });

  it("--html refuses a place that cannot be written to, and a page that is none, before anything is read", async () => {
    const there = join(rehearsal.home.path, "page.html");
    const refusals = [
      await run("--html", join(rehearsal.home.path, "none", "page.html")),
      await run("--html", there, "--since", join(rehearsal.tenants, "acme.yaml")),
    ];
    assert.deepEqual(
      refusals.map(({ status, stdout }) => [status, stdout]),
      [
        [1, ""],
        [1, ""],
      ],
    );
    assert.match(
      refusals[0]?.stderr ?? "",
      /^error: cannot write .*none\/page\.html: .*; name a file in a folder that is there\n$/,
    );
    assert.match(
      refusals[1]?.stderr ?? "",
      /^error: .*acme\.yaml is no page that `report --html` wrote: it holds no data\n$/,
    );
    assert.equal(existsSync(there), false);
  });

  it("--watch --json is an object a line, keeps nobody from the home, and ends with Ctrl-C", {
    timeout: HANGS_MS,
  }, async () => {
    const child = start("--watch", "0.1", "--json");
    const outcome = outcomeOf(child);
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const taken: string[] = [];
    const twice = new Promise<void>((resolve) => {
      lines.on("line", (line) => {
        taken.push(JSON.parse(line).takenAt);
        if (taken.length === 2) resolve();
      });
    });
    await twice;
    const reference = await run("--reference", "--format", "markdown");
    assert.deepEqual([reference.status, reference.stderr], [0, ""]);
    assert.match(reference.stdout, /^\| `acme` \| `user_acme` \| `schema_acme` \| `ec2-.*` \|$/m);
    child.kill("SIGINT");
    const { status, stderr } = await outcome;
    assert.deepEqual([status, stderr], [0, ""]);
    assert.equal(new Set(taken).size, taken.length);
  });

  it("--watch ends when its reader has gone", { timeout: HANGS_MS }, async () => {
    const child = start("--watch", "0.1");
    const ended = once(child, "close");
    child.stderr?.resume();
    await once(child.stdout as NodeJS.ReadableStream, "data");
    child.stdout?.destroy();
    assert.deepEqual(await ended, [0, null]);
  });

  it("--watch leaves out a report that the server is too busy for, and ends with status 1 when its session is lost", {
    timeout: HANGS_MS,
  }, async () => {
    const { postgres } = rehearsal.session;
    const holder = await session(postgres, postgres.superuser.user, postgres.superuser.password);
    const child = start("--watch", "0.1");
    const outcome = outcomeOf(child);
    const [shown, told] = [child.stdout, child.stderr] as NodeJS.ReadableStream[];
    assert.ok(shown && told);
    await once(shown, "data");
    await holder.query("begin; lock table pg_extension in access exclusive mode");
    const [remark] = await once(told, "data");
    assert.match(String(remark), /the server is busy, try again later; the next try is in 0\.1 s\n/);
    await holder.query("rollback");
    await once(shown, "data");
    await rehearsal.sql(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'b2b-tenants'",
    );
    const { status, stderr } = await outcome;
    assert.equal(status, 1);
    assert.match(stderr, /^error: the session with PostgreSQL at 127\.0\.0\.1:\d+ is lost: .*\n$/m);
    await holder.end();
  });

  it("--reference is the stack's output in each format", async () => {
    const root = (await access().exportState()).deployment.resources?.find(
      ({ type }) => type === "pulumi:pulumi:Stack",
    );
    const { tenants } = (root?.outputs ?? {}) as { tenants: Tenants };
    for (const format of REFERENCE_FORMATS) {
      const { heard, printed, reported } = listening();
      assert.equal(await printReference(access(), heard, format), 0);
      assert.deepEqual([printed, reported], [[quickReference(tenants, format)], []]);
    }
  });

  it("--reference of a stack that was never deployed is its head, and a remark", async () => {
    const { heard, printed, reported } = listening();
    await printReference({ stack: "new", exportState: async () => ({ version: 3, deployment: {} }) }, heard, "json");
    assert.deepEqual(printed, ["[]"]);
    assert.match(reported[0] ?? "", /^Stack new has no tenants/);
  });

  it("--show-secrets prints nothing without a terminal to ask on", async () => {
    const { status, stdout, stderr } = await run("--show-secrets", "acme");
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /^Nothing was printed\..*--yes/);
  });

  it("--show-secrets asks on a terminal, and on a yes prints the .env", async () => {
    const { status, shown } = await atTerminal(command(["--show-secrets", "acme"]), "y\n", env);
    assert.equal(status, 0);
    assert.match(shown, /Print the \.env of acme in prod, with its password and SECRET_KEY in clear\? \[y\/N\]/);
    assert.ok(shown.includes(await environment()), "it is another .env");
  });

  it("--show-secrets with consent prints the .env and nothing else, without it nothing", async () => {
    for (const [consent, status, expected] of [
      [true, 0, [(await environment()).trimEnd()]],
      [false, 1, []],
    ] as const) {
      const { heard, printed } = listening();
      const options = { slug: "acme", json: false, listing: "", consent: async () => consent };
      assert.equal(await showSecrets(access(), heard, options), status);
      assert.ok(isDeepStrictEqual(printed, expected), "it printed something else");
    }
  });

  it("--show-secrets refuses a tenant that the stack has not, and asks nobody about it", async () => {
    const { heard, printed } = listening();
    const consent = async () => assert.fail("it asked");
    await assert.rejects(
      showSecrets(access(), heard, { slug: "nobody", json: false, listing: "npm run LIST", consent }),
      /^Error: stack prod has no tenant nobody; to list its tenants: npm run LIST$/,
    );
    assert.deepEqual(printed, []);
  });

  it("--show-secrets of such a tenant says what lists those that this stack has, in this home", async () => {
    const { status, stderr } = await run("--show-secrets", "nobody", "--yes");
    assert.equal(status, 1);
    const [, listing = ""] = /to list its tenants: (npx b2b-tenants report --reference .*)\n$/.exec(stderr) ?? [];
    assert.equal(listing, `npx b2b-tenants report --reference --stack prod ${places.join(" ")}`);
  });

  it("--show-secrets --json is an object with nothing in it that a terminal acts on", async () => {
    const at = access();
    const value = "x\u009b2J\u202e";
    const parameter = { Name: "/b2b-tenants/prod/acme/env/EXTRA", Value: value, Type: "String" as const };
    const client = new SSMClient({ ...at.aws });
    await client.send(new PutParameterCommand(parameter));
    const { heard, printed } = listening();
    await showSecrets(at, heard, { slug: "acme", json: true, listing: "", consent: async () => true });
    await client.send(new DeleteParameterCommand({ Name: parameter.Name }));
    client.destroy();
    const [text = ""] = printed;
    assert.ok(!/(?!\n)\p{C}/u.test(text), "a terminal acts on it");
    assert.equal(JSON.parse(text).EXTRA, value);
  });

  it("--help says what it does", async () => {
    const { status, stdout } = await run("--help");
    assert.equal(status, 0);
    assert.match(stdout, /--watch \[SECONDS\].*--reference.*--show-secrets <SLUG>.*Exit status: 0/s);
  });
});

function listening() {
  const [printed, reported]: [string[], string[]] = [[], []];
  const heard = {
    print: (text: string) => void printed.push(text),
    report: (line: string) => void reported.push(line),
  };
  return { heard, printed, reported };
}
