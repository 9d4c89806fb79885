import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { policies } from "../../policy/policies";
import { preview, type RunResult, up } from "../../rehearsal/engine/engine";
import { nameOf } from "../../rehearsal/engine/urn";
import { copyProject } from "../project-copy";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

/** One thing that a change of the program could get wrong, and the policy that it violates. */
interface Mistake {
  readonly policy: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const GATE: Mistake = {
  policy: "every-tenant-has-a-gate",
  file: "components/tenant.ts",
  from: "    new OffboardingGate(",
  to: '    if (spec.slug !== "acme") new OffboardingGate(',
};

const SSH: Mistake = {
  policy: "no-public-ssh",
  file: "components/server-network.ts",
  from: "fromPort: port,",
  to: "fromPort: 20,",
};

/** One for each policy. */
const MISTAKES: readonly Mistake[] = [
  GATE,
  SSH,
  {
    policy: "no-grant-to-public",
    file: "components/shared-database.ts",
    from: "privileges: []",
    to: 'privileges: ["USAGE"]',
  },
  {
    policy: "grants-stay-within-the-tenant",
    file: "components/tenant-database.ts",
    from: 'role: role.name, objectType: "database"',
    to: 'role: "user_boreal", objectType: "database"',
  },
  {
    policy: "schema-owned-by-its-tenant",
    file: "components/tenant-database.ts",
    from: "owner: role.name, dropCascade",
    to: "owner: server.adminUser, dropCascade",
  },
  {
    policy: "search-path-is-its-schema",
    file: "components/tenant-database.ts",
    from: "searchPaths: [schemaName(args.slug)]",
    to: 'searchPaths: [schemaName(args.slug), "public"]',
  },
  {
    policy: "role-without-power",
    file: "components/tenant-database.ts",
    from: "login: true,",
    to: "login: true, createRole: true,",
  },
  {
    policy: "guards-act-for-their-tenant",
    file: "components/tenant.ts",
    from: "tenant: spec.slug,",
    to: 'tenant: "boreal",',
  },
  {
    policy: "resources-named-after-their-tenant",
    file: "components/instance-role.ts",
    from: "-instance-profile`",
    to: "-instance-profile`.toUpperCase()",
  },
  {
    policy: "tenant-env-names-no-admin",
    file: "components/tenant-database.ts",
    from: "connectionString({ ...target(args.server), user,",
    to: "connectionString({ ...target(args.server), user: user && args.server.adminUser,",
  },
  {
    policy: "secrets-are-secure-strings",
    file: "components/tenant-server.ts",
    from: "type: ssm.ParameterType.SecureString, value",
    to: "type: ssm.ParameterType.String, value",
  },
  {
    policy: "parameters-stay-in-their-path",
    file: "components/tenant-server.ts",
    from: "const path = ssmPath(args.stack, args.slug)",
    to: 'const path = ssmPath(args.stack, "boreal")',
  },
  {
    policy: "no-secret-in-user-data",
    file: "components/tenant-server.ts",
    from: "userData: bootScript(",
    to: 'userData: "#!/bin/sh\\nexport PGPASSWORD=w6JHqU2sXv\\n" + bootScript(',
  },
  {
    policy: "instances-require-imdsv2",
    file: "components/tenant-server.ts",
    from: 'httpTokens: "required"',
    to: 'httpTokens: "optional"',
  },
  {
    policy: "root-volumes-are-encrypted",
    file: "components/tenant-server.ts",
    from: "encrypted: true",
    to: "encrypted: false",
  },
  {
    policy: "instance-profile-reaches-own-path-only",
    file: "components/instance-role.ts",
    from: "Resource: [parametersArn,",
    to: 'Resource: ["*", parametersArn,',
  },
];

describe("a change of the program that violates the policy pack", () => {
  let rehearsal: ScratchRehearsal;
  let copies = 0;

  before(async () => {
    rehearsal = new ScratchRehearsal({ acme: frontend("acme"), boreal: frontend("boreal") });
    const { ok, failures } = await rehearsal.up();
    assert.ok(ok, failures.join("\n"));
  });
  after(() => rehearsal.remove());

  it("is told by every policy that it violates, in one preview", async () => {
    // Of a server that is there, the boot script stays as it is.
    rehearsal.declare("canela");
    const { ok, failures } = await run(preview, MISTAKES);
    assert.equal(ok, false);
    const violated = failures.map(({ message }) => /^policy b2b-tenants\/(\S+) is violated: /.exec(message)?.[1]);
    assert.deepEqual([...new Set(violated)].sort(), MISTAKES.map(({ policy }) => policy).sort());
    assert.deepEqual(MISTAKES.map(({ policy }) => policy).sort(), policies.map(({ name }) => name).sort());
  });

  it("stops `up` before the resource is touched, and the program put right goes on from there", async () => {
    const broken = await run(up, [SSH]);
    assert.equal(broken.ok, false);
    for (const { urn, message } of broken.failures) {
      assert.match(nameOf(urn), /^(acme|boreal|canela)-ingress-(80|443)-/);
      assert.match(message, /^policy b2b-tenants\/no-public-ssh is violated: /);
    }
    assert.ok(broken.failures.length > 0);
    assert.deepEqual(
      broken.state.resources.map(({ urn }) => nameOf(urn)).filter((name) => name.startsWith("canela-ingress")),
      [],
    );
    const { ok, failures } = await rehearsal.up();
    assert.ok(ok, failures.join("\n"));
  });

  it("with a tenant that has no gate removes nothing", async () => {
    rehearsal.withdraw("boreal");
    const { ok, failures, state } = await run(up, [GATE]);
    assert.deepEqual(
      failures.map(({ urn, message }) => `${nameOf(urn)}: ${message.split("\n")[0]}`),
      [
        "acme: policy b2b-tenants/every-tenant-has-a-gate is violated: No tenant can be removed before its gate has taken a backup.",
      ],
    );
    assert.equal(ok, false);
    const left = new Set(state.resources.map(({ urn }) => nameOf(urn)));
    assert.ok(left.has("acme-gate") && left.has("boreal-gate") && left.has("boreal-schema"));
  });

  /** Runs a copy of the program with these mistakes in it, under this checkout's policy pack. */
  function run(command: typeof up, mistakes: readonly Mistake[]): Promise<RunResult> {
    copies += 1;
    const projectDir = path.join(rehearsal.folder, `project-${copies}`);
    mkdirSync(projectDir);
    copyProject(projectDir);
    for (const { file, from, to } of mistakes) {
      const place = path.join(projectDir, file);
      const right = readFileSync(place, "utf8");
      const wrong = right.replace(from, to);
      assert.notEqual(wrong, right, `${file} has no ${from} any more`);
      writeFileSync(place, wrong);
    }
    return command({ ...rehearsal.session.engine({}), projectDir });
  }
});
