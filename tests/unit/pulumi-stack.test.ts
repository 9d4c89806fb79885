import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { openPulumiStack } from "../../ops/stack/pulumi-stack";
import { StackLocked } from "../../ops/stack/stack-access";

// A program of the CLI's name that notes how it is called, and answers what it is told to.

const PASSWORD = "only-on-standard-output";
const ROOT = "urn:pulumi:prod::b2b-tenants::pulumi:pulumi:Stack::b2b-tenants-prod";
const LOCK =
  "error: the stack is currently locked by 1 lock(s).\n  created by ci@runner-1 (pid 7) at 2026-11-24T05:00:00Z";

let folder: string;
let path: string | undefined;

before(() => {
  path = process.env.PATH;
  folder = mkdtempSync(join(tmpdir(), "pulumi-stack-"));
  mkdirSync(join(folder, "answers"));
  writeFileSync(
    join(folder, "pulumi"),
    `#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >> calls
cat > input
answer=answers/$1
[ -e "$answer.stderr" ] && cat "$answer.stderr" >&2
[ -e "$answer" ] && cat "$answer"
exit "$(cat "$answer.status" 2>/dev/null || echo 0)"
`,
  );
  chmodSync(join(folder, "pulumi"), 0o755);
  process.env.PATH = [folder, path].join(delimiter);
});
after(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  rmSync(join(folder, "answers"), { recursive: true });
  mkdirSync(join(folder, "answers"));
  writeFileSync(join(folder, "calls"), "");
  answers("config", JSON.stringify(settings()));
  answers(
    "stack",
    JSON.stringify({ version: 3, deployment: { resources: [{ urn: ROOT, type: "pulumi:pulumi:Stack" }] } }),
  );
});

test("settings, password and account are those that the CLI has for the stack", async () => {
  const access = await openPulumiStack("prod");
  assert.equal(access.settings.database.host, "db.example.com");
  assert.equal(access.adminPassword, PASSWORD);
  assert.deepEqual(access.aws, {
    region: "us-east-1",
    endpoint: "http://127.0.0.1:5000",
    credentials: { accessKeyId: "id", secretAccessKey: "key" },
  });
});

test("a lock is found out without the list of interrupted operations being touched, which an import clears", async () => {
  const access = await openPulumiStack("prod");
  await access.assertUnlocked();
  assert.match(calls(), new RegExp(`^state unprotect ${ROOT} --yes --stack prod`, "m"));
  assert.doesNotMatch(calls(), /import/);
  answers("state", "", LOCK, 1);
  await assert.rejects(
    access.assertUnlocked(),
    (error) => error instanceof StackLocked && /runner-1/.test(error.message),
  );
});

test("a state goes in by standard input, and targets one by one", async () => {
  const access = await openPulumiStack("prod");
  await access.importState({ version: 3, deployment: { secret: PASSWORD } });
  assert.match(readFileSync(join(folder, "input"), "utf8"), new RegExp(PASSWORD));
  await access.refresh(["urn:a", "urn:b"]);
  assert.match(
    calls(),
    /^refresh --yes --skip-preview --skip-pending-creates --target urn:a --target urn:b --stack prod/m,
  );
  assert.doesNotMatch(calls(), new RegExp(PASSWORD));
});

test("nothing is refreshed when nothing is to be: without targets, that would be everything", async () => {
  const access = await openPulumiStack("prod");
  await access.refresh([]);
  assert.doesNotMatch(calls(), /refresh/);
});

test("an error has the CLI's own words, and never what `config` printed", async () => {
  answers("config", PASSWORD, "error: no stack named 'prod' found", 6);
  await assert.rejects(openPulumiStack("prod"), (error: Error) => {
    assert.match(
      error.message,
      /`pulumi config --json --stack prod` failed with status 6: no stack named 'prod' found/,
    );
    return !error.message.includes(PASSWORD);
  });
  answers("config", PASSWORD, "", 1);
  await assert.rejects(openPulumiStack("prod"), (error: Error) => !error.message.includes(PASSWORD));
});

test("settings that are not right are told as errors of the stack's file", async () => {
  const { "b2b-tenants:database": _, ...rest } = settings();
  answers("config", JSON.stringify(rest));
  await assert.rejects(openPulumiStack("prod"), /Pulumi\.prod\.yaml: .*database/);
});

function answers(command: string, stdout: string, stderr = "", status = 0): void {
  const file = join(folder, "answers", command);
  writeFileSync(file, stdout);
  writeFileSync(`${file}.stderr`, stderr);
  writeFileSync(`${file}.status`, String(status));
}

function calls(): string {
  return readFileSync(join(folder, "calls"), "utf8");
}

function settings(): Record<string, { value: string; secret: boolean }> {
  const values: Record<string, unknown> = {
    "aws:region": "us-east-1",
    "aws:accessKey": "id",
    "aws:secretKey": "key",
    "aws:endpoints": [{ ec2: "http://127.0.0.1:5000", ssm: "http://127.0.0.1:5000" }],
    "b2b-tenants:environment": "prod",
    "b2b-tenants:database": { host: "db.example.com", name: "postgres", adminUser: "postgres" },
    "b2b-tenants:network": {
      vpcId: "vpc-00000000000000001",
      subnetIds: ["subnet-00000000000000001"],
      databaseSecurityGroupId: "sg-00000000000000001",
    },
    "b2b-tenants:server": {
      ami: "ami-00000000000000001",
      instanceType: "t3.micro",
      envFile: "~/.env",
      owner: "ubuntu",
      service: "backend.service",
    },
    "b2b-tenants:backups": { destination: "/backups" },
    "b2b-tenants:limits": {
      defaults: { connectionLimit: 10, statementTimeout: "30s", idleInTransactionTimeout: "1min" },
      maxConnections: 80,
      reserve: 10,
    },
    "b2b-tenants:fleet": "true",
  };
  const entries = Object.entries(values).map(([key, value]) => {
    return [key, { value: typeof value === "string" ? value : JSON.stringify(value), secret: false }] as const;
  });
  return { ...Object.fromEntries(entries), "b2b-tenants:adminPassword": { value: PASSWORD, secret: true } };
}
