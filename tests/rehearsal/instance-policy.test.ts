import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { AttachRolePolicyCommand, DetachRolePolicyCommand } from "@aws-sdk/client-iam";
import { DeleteParameterCommand, GetParametersByPathCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { iamName, ssmPath } from "../../domain/names";
import { type Arguments, parseArguments } from "../../rehearsal/cli/arguments";
import { runStop, runUp } from "../../rehearsal/cli/commands";
import { admits, type PolicyDocument, parsePolicy, policiesOfRole } from "../../rehearsal/servers/iam-policy";
import { runningInstance, userData } from "../../rehearsal/servers/instances";
import { awsClients } from "../../rehearsal/session/aws-clients";
import { type BootSession, boot, tick } from "../../rehearsal/session/boot";
import { withSession } from "../../rehearsal/session/session";
import { unpackedUserData } from "./user-data";

const STACK = "prod";
/** One slug begins with the other. */
const SLUGS = ["farma", "farmacon"] as const;

const scratch = mkdtempSync(path.join(tmpdir(), "instance-policy-"));
const silent = { print: () => {}, report: () => {} };
let args: Arguments;
let session: BootSession;
let aws: ReturnType<typeof awsClients>;

before(async () => {
  // PostgreSQL, which root starts as another user, has to pass through.
  chmodSync(scratch, 0o711);
  const tenants = path.join(scratch, "tenants");
  mkdirSync(tenants);
  for (const slug of SLUGS)
    writeFileSync(path.join(tenants, `${slug}.yaml`), `frontendUrl: https://${slug}.example.com\n`);
  const parsed = parseArguments(["up", "--tenants", tenants, "--home", path.join(scratch, "home")]);
  assert.ok(parsed !== "help");
  args = parsed;
  assert.equal(await runUp(args, silent, new AbortController().signal), 0);
  session = await withSession(args, silent.report, async (open) => open);
  aws = awsClients(session);
});

after(async () => {
  await runStop(args, silent);
  rmSync(scratch, { recursive: true, force: true });
});

function arn(name: string): string {
  return `arn:aws:ssm:${session.region}:123456789012:parameter${name}`;
}

describe("the role of a tenant's server", () => {
  for (const [slug, other] of [SLUGS, [...SLUGS].reverse()] as [string, string][]) {
    it(`${slug} reads its own parameters, none of ${other}'s, and changes none`, async () => {
      const policies = await policiesOfRole(aws.iam, iamName(STACK, slug));
      const mayRead = (name: string) =>
        ["ssm:GetParametersByPath", "ssm:GetParameter", "ssm:GetParameters"].map((action) =>
          admits(policies, action, arn(name)),
        );
      const [all, none] = [
        [true, true, true],
        [false, false, false],
      ];

      const { Parameters } = await aws.ssm.send(new GetParametersByPathCommand({ Path: ssmPath(STACK, slug) }));
      assert.equal(Parameters?.length, 5);
      for (const { Name = "" } of Parameters ?? []) assert.deepEqual(mayRead(Name), all, Name);
      assert.deepEqual(mayRead(ssmPath(STACK, slug)), all);

      const siblings = await aws.ssm.send(new GetParametersByPathCommand({ Path: ssmPath(STACK, other) }));
      assert.equal(siblings.Parameters?.length, 5);
      for (const { Name = "" } of siblings.Parameters ?? []) assert.deepEqual(mayRead(Name), none, Name);
      for (const wider of [
        ssmPath(STACK, other),
        `/b2b-tenants/${STACK}`,
        "/b2b-tenants",
        "/",
        ssmPath("staging", slug),
      ]) {
        assert.deepEqual(mayRead(wider), none, wider);
      }

      for (const action of [
        "ssm:PutParameter",
        "ssm:DeleteParameter",
        "ssm:DescribeParameters",
        "iam:PassRole",
        "s3:GetObject",
      ]) {
        assert.equal(admits(policies, action, arn(`${ssmPath(STACK, slug)}/DATABASE_URL`)), false, action);
      }
    });
  }

  it("is judged by what is attached to it, too", async () => {
    const attached = {
      RoleName: iamName(STACK, "farma"),
      PolicyArn: "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
    };
    await aws.iam.send(new AttachRolePolicyCommand(attached));
    const policies = await policiesOfRole(aws.iam, attached.RoleName);
    await aws.iam.send(new DetachRolePolicyCommand(attached));
    assert.equal(admits(policies, "ssm:GetParameter", arn(`${ssmPath(STACK, "farmacon")}/DATABASE_URL`)), true);
  });
});

describe("booting a server", () => {
  it("writes the .env from the tenant's own parameters, for its owner alone", async () => {
    for (const slug of SLUGS) {
      const server = await boot(session, slug);
      assert.deepEqual(Object.keys(server.env).sort(), [
        "ALLOWED_ORIGINS",
        "DATABASE_URL",
        "ENVIRONMENT",
        "FRONTEND_URL",
        "SECRET_KEY",
      ]);
      assert.equal(server.env.FRONTEND_URL, `https://${slug}.example.com`);
      assert.ok(server.env.DATABASE_URL?.startsWith(`postgresql://user_${slug}:`));
      assert.ok(server.envFile.startsWith(`${server.disk}/`));
      assert.equal(statSync(server.envFile).mode & 0o777, 0o600);
    }
  });

  it("runs user data that holds none of the secrets", async () => {
    const { env } = await boot(session, "farma");
    const script = unpackedUserData(await userData(session, await runningInstance(session, "farma")));
    const password = new URL(env.DATABASE_URL ?? "").password;
    for (const secret of [env.SECRET_KEY, password]) assert.ok(secret && !script.includes(secret));
  });

  it("starts the timer, whose next run brings a changed parameter and restarts the backend once", async () => {
    const restarts = (server: { systemctl: readonly string[] }) =>
      server.systemctl.filter((call) => call.startsWith("restart ")).length;
    const first = await boot(session, "farmacon");
    assert.ok(first.systemctl.includes("enable --now b2b-tenants-env.timer"));
    assert.equal(restarts(await tick(session, "farmacon")), restarts(first));

    const Name = `${ssmPath(STACK, "farmacon")}/FRONTEND_URL`;
    await aws.ssm.send(new PutParameterCommand({ Name, Value: "https://new.example.com", Overwrite: true }));
    const changed = await tick(session, "farmacon");
    assert.equal(changed.env.FRONTEND_URL, "https://new.example.com");
    assert.equal(restarts(changed), restarts(first) + 1);
    assert.equal(restarts(await tick(session, "farmacon")), restarts(changed));
  });

  it("that was replaced starts with an empty disk, and does nothing before it booted", async () => {
    const { disk, instanceId } = await boot(session, "farma");
    const [mark, id] = [path.join(disk, "mark"), path.join(disk, "var/lib/cloud/data/instance-id")];
    writeFileSync(mark, "");
    assert.equal((await boot(session, "farma")).instanceId, instanceId);
    assert.equal(statSync(mark).size, 0);
    writeFileSync(id, "i-00000000000000000\n");
    await assert.rejects(
      tick(session, "farma"),
      /the server of "farma" has not booted yet; run: npm run rehearse -- boot farma/,
    );
    await boot(session, "farma");
    assert.throws(() => statSync(mark), { code: "ENOENT" });
    assert.equal(readFileSync(id, "utf8"), `${instanceId}\n`);
  });

  it("names the parameter that is missing, shows none of the others, and leaves the .env as it was", async () => {
    const { env, envFile } = await boot(session, "farma");
    const before = readFileSync(envFile, "utf8");
    const Name = `${ssmPath(STACK, "farma")}/FRONTEND_URL`;
    await aws.ssm.send(new DeleteParameterCommand({ Name }));
    await assert.rejects(tick(session, "farma"), ({ message }: Error) => {
      assert.match(message, /^the boot script of "farma" failed with status 1: /);
      assert.ok(message.includes(Name));
      for (const secret of [env.SECRET_KEY, env.DATABASE_URL]) assert.ok(secret && !message.includes(secret));
      return true;
    });
    assert.equal(readFileSync(envFile, "utf8"), before);
  });

  it("of a tenant that does not exist is an error that names it, wildcards or not", async () => {
    for (const slug of ["nobody", "farma*", "*", "../x", ""]) {
      await assert.rejects(boot(session, slug), {
        message: new RegExp(`no running server of a tenant ${JSON.stringify(slug).replace(/[*.]/g, "\\$&")};`),
      });
    }
  });
});

describe("judging a policy", () => {
  const allow = (Action: unknown, Resource: unknown, more = {}) => ({ Effect: "Allow", Action, Resource, ...more });
  const policy = (...Statement: unknown[]): PolicyDocument =>
    parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement }));

  it("follows wildcards in actions and resources, and the case of resources alone", () => {
    const cases: [PolicyDocument, string, string, boolean][] = [
      [policy(allow("ssm:Get*", "arn:x/a")), "ssm:GetParameter", "arn:x/a", true],
      [policy(allow("SSM:getparameter", "arn:x/a")), "ssm:GetParameter", "arn:x/a", true],
      [policy(allow(["s3:*", "ssm:?etParameter"], ["arn:y", "arn:x/*"])), "ssm:GetParameter", "arn:x/a/b", true],
      [policy(allow("*", "*")), "iam:PassRole", "arn:anything", true],
      [policy(allow("ssm:GetParameter", "arn:x/a")), "ssm:GetParameter", "arn:x/A", false],
      [policy(allow("ssm:GetParameter", "arn:x/a")), "ssm:GetParameter", "arn:x/ab", false],
      [policy(allow("ssm:GetParameter", "arn:x/a")), "ssm:GetParameters", "arn:x/a", false],
      [policy(allow("ssm:GetParameter", "arn:x/a.c")), "ssm:GetParameter", "arn:x/abc", false],
      [policy(allow("ssm:GetParameter", "arn:x/?")), "ssm:GetParameter", "arn:x/", false],
      [policy(), "ssm:GetParameter", "arn:x/a", false],
    ];
    for (const [document, action, resource, expected] of cases) {
      assert.equal(admits([document], action, resource), expected, JSON.stringify([document, action, resource]));
    }
  });

  it("lets a denial win, wherever it stands", () => {
    const denial = { ...allow("ssm:*", "arn:x/a/*"), Effect: "Deny" };
    const policies = [policy(allow("*", "*")), policy(denial)];
    assert.equal(admits(policies, "ssm:GetParameter", "arn:x/a/b"), false);
    assert.equal(admits([...policies].reverse(), "ssm:GetParameter", "arn:x/a/b"), false);
    assert.equal(admits(policies, "ssm:GetParameter", "arn:x/b"), true);
  });

  it("refuses by name what it cannot judge", () => {
    for (const [key, value] of Object.entries({ NotAction: "x", NotResource: "x", Condition: {}, Principal: "*" })) {
      assert.throws(
        () => policy(allow("a:b", "*", { [key]: value })),
        new RegExp(`a policy with ${key} cannot be judged`),
      );
    }
    assert.throws(() => policy(allow("a:b", "arn:x/$" + "{aws:username}")), /variables/);
    assert.throws(() => policy({ ...allow("a:b", "*"), Effect: "Maybe" }), /"Maybe"/);
  });
});
