import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** One thing that a change of the program could get wrong, and the policy that it violates. */
export interface Mistake {
  readonly policy: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const GATE: Mistake = {
  policy: "every-tenant-has-a-gate",
  file: "components/tenant.ts",
  from: "    new OffboardingGate(",
  to: '    if (spec.slug !== "nueva") new OffboardingGate(',
};

export const SSH: Mistake = {
  policy: "no-public-ssh",
  file: "components/shared/server-network.ts",
  from: "fromPort: port,",
  to: "fromPort: 20,",
};

/** One for each policy. */
export const MISTAKES: readonly Mistake[] = [
  GATE,
  SSH,
  {
    policy: "no-grant-to-public",
    file: "components/shared/shared-database.ts",
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
    file: "components/tenant-logins.ts",
    from: "searchPaths: [schemaName(args.slug)]",
    to: 'searchPaths: [schemaName(args.slug), "public"]',
  },
  {
    policy: "role-without-power",
    file: "components/tenant-logins.ts",
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
    file: "components/server/instance-role.ts",
    from: "-instance-profile`",
    to: "-instance-profile`.toUpperCase()",
  },
  {
    policy: "parameters-have-their-keys-form",
    file: "components/tenant-database.ts",
    from: "user, password: word",
    to: "user: args.server.adminUser, password: word",
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
    from: "const path = ssmPath(args.environment, args.slug)",
    to: 'const path = ssmPath(args.environment, "boreal")',
  },
  {
    policy: "all-is-in-the-stacks-database",
    file: "components/tenant-database.ts",
    from: "{ database: server.name, role:",
    to: '{ database: "template1", role:',
  },
  {
    policy: "nothing-is-made-from-another-tenant",
    file: "components/tenant.ts",
    from: "databaseUrl: database.connectionString,",
    to: "databaseUrl: ((globalThis as { first?: typeof database }).first ??= database).connectionString,",
  },
  {
    policy: "user-data-is-the-boot-script",
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
    file: "components/server/instance-role.ts",
    from: "Resource: [parametersArn,",
    to: 'Resource: ["*", parametersArn,',
  },
  {
    policy: "resources-are-of-known-types",
    file: "components/shared/shared-database.ts",
    from: "    this.registerOutputs({});",
    to: '    new postgresql.Role("reports", { name: "reports" }, { parent: this });\n    this.registerOutputs({});',
  },
  {
    policy: "role-leaves-nothing-behind",
    file: "components/tenant-logins.ts",
    from: "skipReassignOwned: true",
    to: "skipReassignOwned: false",
  },
  {
    policy: "logins-are-encrypted",
    file: "components/tenant.ts",
    from: "...adminLogin(settings.database,",
    to: '...adminLogin({ ...settings.database, host: "db.example.com", sslmode: "disable" },',
  },
  {
    policy: "schema-is-deleted-before-it-is-replaced",
    file: "components/tenant-database.ts",
    from: "deleteBeforeReplace: true, dependsOn",
    to: "dependsOn",
  },
  {
    policy: "servers-share-one-security-group",
    file: "components/tenant-server.ts",
    from: "vpcSecurityGroupIds: [args.securityGroup.id]",
    to: 'vpcSecurityGroupIds: ["sg-0123456789abcdef0"]',
  },
];

/** Makes the mistakes in a copy of the project. */
export function make(mistakes: readonly Mistake[], projectDir: string): void {
  for (const { file, from, to } of mistakes) {
    const place = path.join(projectDir, file);
    const right = readFileSync(place, "utf8");
    const wrong = right.replace(from, to);
    assert.notEqual(wrong, right, `${file} has no ${from} any more`);
    writeFileSync(place, wrong);
  }
}
