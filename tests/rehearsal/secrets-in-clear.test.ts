import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { DescribeInstanceAttributeCommand, DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { DescribeParametersCommand, GetParametersByPathCommand } from "@aws-sdk/client-ssm";
import type { Output } from "../../ops/output";
import { type Arguments, parseArguments } from "../../rehearsal/cli/arguments";
import { runOutputs, showPreview } from "../../rehearsal/cli/commands";
import { StateFile } from "../../rehearsal/engine/state-file";
import { mapSecrets, type PropertyValue } from "../../rehearsal/protocol/property-values";
import { awsClients } from "../../rehearsal/session/aws-clients";
import { tenantLogin } from "../../rehearsal/session/tenant-login";
import { frontend, type Outcome, ScratchRehearsal } from "./scratch-rehearsal";
import { unpackedUserData } from "./user-data";

/** Comes while another one goes, with a backup. */
const COMING = "bolt";
const LEAVING = "cargo";
const SLUGS = ["acme", COMING];
const rehearsal = new ScratchRehearsal({ acme: frontend("acme"), [LEAVING]: frontend(LEAVING) });
after(() => rehearsal.remove());

/** What each command printed, both streams, by the command. */
const printed: Record<string, string> = {};
/** Command lines of every process that ran meanwhile. */
const commandLines = new Set<string>();
let secrets: ReadonlyMap<string, string>;

before(async () => {
  const over = new AbortController();
  const watched = watch(over.signal);
  await runAll().finally(() => over.abort());
  await watched;
});

async function runAll(): Promise<void> {
  const run = async (name: string, expected: number, running: Promise<Outcome>) => {
    const { status, stdout, stderr } = await running;
    assert.equal(status, expected, `${name}: status ${status}`);
    printed[name] = `${stdout}\n${stderr}`;
  };
  await run("first up", 0, rehearsal.command(["up"]));
  await rehearsal.open();
  const atFirst = await trueSecrets();
  // With so many rows the programs that take and prove its backup are at work long enough to be seen.
  const rows = "create table readings as select n, md5(n::text) as value from generate_series(1, 100000) n";
  await rehearsal.sql(rows, [], await tenantLogin(rehearsal.session, LEAVING));
  // In a process of its own, as people run it: it starts the servers, brings a tenant to life and removes another.
  await rehearsal.command(["stop"]);
  rehearsal.declare(COMING);
  rehearsal.withdraw(LEAVING);
  await run("removal", 0, rehearsal.run(["up"]));
  rehearsal.declare("acme", `${frontend("acme")}rotation:\n  password: 2\n  secretKey: 2\n`);
  for (const name of ["preview", "preview --json"]) {
    printed[name] = await printedBy(name, (args, output) => showPreview(rehearsal.session, args, output));
  }
  // The statement that sets acme's new password fails, in the server's log too: there is such a login already.
  await rehearsal.sql("create role user2_acme");
  await run("failing up", 1, rehearsal.command(["up"]));
  for (const name of ["outputs", "outputs --json"]) printed[name] = await printedBy(name, runOutputs);
  secrets = new Map([...atFirst, ...(await trueSecrets())]);
}

/** All that a command prints which starts no process of interest. */
async function printedBy(command: string, run: (args: Arguments, output: Output) => Promise<number>): Promise<string> {
  const args = parseArguments([...command.split(" "), "--home", rehearsal.home.path, "--tenants", rehearsal.tenants]);
  assert.ok(args !== "help");
  const lines: string[] = [];
  const keep = (line: string) => void lines.push(line);
  assert.equal(await run(args, { print: keep, report: keep }), 0, command);
  return lines.join("\n");
}

/** Notes the command lines of all processes below this one until that is over; the servers that commands start are among them. */
async function watch(over: AbortSignal): Promise<void> {
  const parents = new Map<number, number>();
  while (!over.aborted) {
    const running = new Set(readdirSync("/proc").map(Number));
    // A process has one parent as long as that one lives, but more than one command line: it may start as a copy of the parent.
    for (const pid of parents.keys()) if (!running.has(pid)) parents.delete(pid);
    for (const pid of running) if (pid > 0 && !parents.has(pid)) parents.set(pid, parentOf(pid));
    for (const pid of parents.keys()) {
      if (isBelow(pid, process.pid, parents)) commandLines.add(contentOf(`/proc/${pid}/cmdline`).replaceAll("\0", " "));
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function parentOf(pid: number): number {
  const stat = contentOf(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(")") + 4).split(" ")[0]);
}

function isBelow(pid: number, ancestor: number, parents: ReadonlyMap<number, number>): boolean {
  for (let current: number | undefined = pid; current; current = parents.get(current)) {
    if (current === ancestor) return true;
  }
  return false;
}

/** A process may end between being listed and being read. */
function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Everything that nobody may see, by what it is: what the state keeps encrypted, and what opens it. */
async function trueSecrets(): Promise<Map<string, string>> {
  const { home, session } = rehearsal;
  const found = new Map([
    ["the passphrase", home.passphrase],
    ["the admin's password", session.postgres.adminPassword],
    ["the superuser's password", session.postgres.superuser.password],
  ]);
  const { initial } = await StateFile.open(home.statePath("prod"), home.passphrase);
  for (const { urn, inputs, outputs } of initial.resources) {
    mapSecrets({ inputs: inputs ?? {}, outputs: outputs ?? {} }, (clear: PropertyValue) => {
      // What is short is no secret of ours, but a default that the provider marks.
      if (typeof clear === "string" && clear.length >= 16)
        found.set(`a secret of ${urn.split("::").at(-1)} (${found.size})`, clear);
      return clear;
    });
  }
  return found;
}

/** Names of the secrets that a text shows, in whichever of the forms that they travel in. */
function shownIn(text: string): string[] {
  return [...secrets].flatMap(([name, value]) => {
    const password = /^postgresql:\/\/[^:]+:([^@]+)@/.exec(value)?.[1];
    const forms = [value, ...(password ? [password] : [])].flatMap((form) => [
      form,
      encodeURIComponent(form),
      // Without the last group, which depends on what follows.
      Buffer.from(form).toString("base64").replace(/.{4}$/, ""),
      Buffer.from(form).toString("hex"),
    ]);
    return forms.some((form) => text.includes(form)) ? [name] : [];
  });
}

describe("secrets in clear", () => {
  it("are looked for: passwords, keys and logins of every tenant are known, and found where they are", async () => {
    for (const name of [
      "acme-password",
      "acme-secret-key",
      "acme-role",
      "acme-init",
      "acme-migrations",
      "bolt-env-DATABASE_URL",
      "bolt-env-SECRET_KEY",
      "database-admin",
    ]) {
      assert.ok(
        [...secrets.keys()].some((key) => key.includes(`of ${name} `)),
        name,
      );
    }
    const { Parameters } = await awsClients(rehearsal.session).ssm.send(
      new GetParametersByPathCommand({ Path: "/b2b-tenants/prod/bolt/env", WithDecryption: true }),
    );
    const text = (Parameters ?? []).map(({ Value }) => Value).join("\n");
    for (const name of ["bolt-password", "bolt-secret-key"]) {
      assert.ok(
        shownIn(text).some((shown) => shown.includes(`of ${name} `)),
        name,
      );
    }
    const key = Parameters?.find(({ Name }) => Name?.endsWith("/SECRET_KEY"));
    assert.match(key?.Value ?? "", /^[0-9a-f]{64}$/);
  });

  it("are not in the state", () => {
    assert.deepEqual(shownIn(readFileSync(rehearsal.home.statePath("prod"), "utf8")), []);
  });

  for (const name of ["first up", "preview", "preview --json", "removal", "failing up", "outputs", "outputs --json"]) {
    it(`are not in what ${name} prints`, () => {
      assert.ok((printed[name] ?? "").length > 20, "it printed something");
      assert.deepEqual(shownIn(printed[name] ?? ""), []);
    });
  }

  it("are not in any process's arguments", () => {
    const all = [...commandLines].join("\n");
    for (const process of ["pulumi/cmd/run", "dynamic-provider", "emulator.py", "postgres -D"]) {
      assert.ok(all.includes(process), `${process} was seen`);
    }
    assert.deepEqual(shownIn(all), []);
  });

  it("are not in a backup's manifest, nor among the arguments of the programs that take and prove one", () => {
    const { backups } = rehearsal.home;
    const [manifest] = readdirSync(backups).filter((name) => name.endsWith(".manifest.json"));
    assert.deepEqual(shownIn(readFileSync(path.join(backups, manifest ?? ""), "utf8")), []);
    for (const program of ["pg_dump", "pg_restore"]) {
      assert.ok(
        [...commandLines].some((line) => line.startsWith(`${program} --`)),
        `no ${program} was seen at work`,
      );
    }
  });

  it("are not in the servers' logs", () => {
    const logs = [rehearsal.session.postgres.logFile, path.join(rehearsal.home.path, "aws", "server.log")];
    for (const log of logs) assert.ok(existsSync(log));
    assert.match(readFileSync(logs[0] ?? "", "utf8"), /role "user2_acme" already exists/, "the failure is in the log");
    assert.deepEqual(
      logs.flatMap((log) => shownIn(readFileSync(log, "utf8"))),
      [],
    );
  });

  it("are not in the user data of any server", async () => {
    const { ec2 } = awsClients(rehearsal.session);
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
    const instances = (Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
    assert.ok(instances.length >= SLUGS.length);
    for (const { InstanceId } of instances) {
      const { UserData } = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute: "userData" }));
      const script = unpackedUserData(Buffer.from(UserData?.Value ?? "", "base64").toString());
      assert.match(script, /b2b-tenants-env/);
      assert.deepEqual(shownIn(script), []);
    }
  });

  it("are not in any parameter but those of type SecureString", async () => {
    const { ssm } = awsClients(rehearsal.session);
    for (const slug of SLUGS) {
      const Path = `/b2b-tenants/prod/${slug}/env`;
      const { Parameters = [] } = await ssm.send(new GetParametersByPathCommand({ Path, WithDecryption: true }));
      const types = Object.fromEntries(Parameters.map(({ Name, Type }) => [Name?.split("/").at(-1), Type]));
      assert.deepEqual(types, {
        DATABASE_URL: "SecureString",
        SECRET_KEY: "SecureString",
        ALLOWED_ORIGINS: "String",
        FRONTEND_URL: "String",
        ENVIRONMENT: "String",
      });
      const open = Parameters.filter(({ Type }) => Type === "String");
      assert.deepEqual(shownIn(JSON.stringify(open)), []);
    }
    const { Parameters } = await ssm.send(new DescribeParametersCommand({ MaxResults: 50 }));
    assert.deepEqual(shownIn(JSON.stringify(Parameters)), []);
  });

  it("are in files that nobody else can read", () => {
    const { path: home } = rehearsal.home;
    for (const file of [
      rehearsal.home.statePath("prod"),
      path.join(home, "passphrase"),
      path.join(home, "aws/journal"),
    ]) {
      const { mode } = statSync(file);
      assert.equal(mode & 0o077, 0, file);
    }
  });

  it("are shown by outputs --show-secrets no more than without: the table holds no credentials", async () => {
    const text = await printedBy("outputs --show-secrets --json", runOutputs);
    assert.deepEqual(Object.keys(JSON.parse(text).tenants), SLUGS);
    assert.deepEqual(shownIn(text), []);
  });
});
