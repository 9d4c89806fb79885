import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { iamName } from "../../../domain/names";
import { instanceProfileReachesOwnPathOnly } from "../../../policy/rules/instance-profile";
import { messages, UNKNOWN } from "../analysis";
import { inProd } from "../stack-settings";
import { childOfTenant } from "../urns";

const OWN = "b2b-tenants-prod-acme";
const POLICY = childOfTenant("aws:iam/rolePolicy:RolePolicy", "acme-instance-policy");
const ROLE = childOfTenant("aws:iam/role:Role", "acme-instance-role");
const PROFILE = childOfTenant("aws:iam/instanceProfile:InstanceProfile", "acme-instance-profile");
const INSTANCE = childOfTenant("aws:ec2/instance:Instance", "acme-instance");

const PATH = "arn:aws:ssm:us-east-1:123456789012:parameter/b2b-tenants/prod/acme/env";
const READ = {
  Effect: "Allow",
  Action: ["ssm:GetParametersByPath", "ssm:GetParameter"],
  Resource: [PATH, `${PATH}/*`],
};
const SESSIONS = [
  "ssm:UpdateInstanceInformation",
  "ssmmessages:CreateControlChannel",
  "ssmmessages:CreateDataChannel",
  "ssmmessages:OpenControlChannel",
  "ssmmessages:OpenDataChannel",
];
const BY_EC2 = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };

describe("policy instance-profile-reaches-own-path-only, of what a tenant's role may do", () => {
  inProd();

  it("passes reading the tenant's own parameters, Session Manager's needs, and denials", async () => {
    const statements = [
      READ,
      { Sid: "SessionManager", Effect: "Allow", Action: SESSIONS, Resource: "*" },
      { Effect: "Deny", NotAction: "s3:*", Resource: "*", Condition: {} },
      { Effect: "Allow", Action: "SSM:getparameters", Resource: `${PATH}/DATABASE_URL` },
      { Effect: "Allow", Action: "ssm:GetParameter", Resource: `${PATH.replace("arn:aws:", "arn:aws-us-gov:")}/*` },
    ];
    assert.deepEqual(await violationsOfStatements(...statements), []);
    assert.deepEqual(await violationsOf(POLICY, { role: OWN, policy: JSON.stringify({ Statement: READ }) }), []);
    assert.deepEqual(
      await violationsOf(POLICY, { role: OWN, policy: { Version: "2012-10-17", Statement: [READ] } }),
      [],
    );
  });

  it("stops reading any other parameters", async () => {
    for (const resource of [
      "*",
      `${PATH}*`,
      PATH.replace("acme", "acme*"),
      PATH.replace("acme", "other"),
      PATH.replace("/acme/env", "/*"),
      PATH.replace("prod", "staging"),
      `${PATH}/../../other/env/*`,
      `${PATH}ironment`,
      `${PATH}/*/*`,
      `${PATH}/`,
      PATH.replace("123456789012", "*"),
      PATH.replace("us-east-1", "*"),
      `x${PATH}`,
      `${PATH}\n${PATH}`,
      "arn:aws:ssm:us-east-1:123456789012:*",
      "",
      null,
      {},
      [PATH],
      PATH.replace("parameter", "document"),
      PATH.replace("acme", "$" + "{aws:PrincipalTag/tenant}"),
    ]) {
      const [violation = "", ...more] = await violationsOfStatements({ ...READ, Resource: [PATH, resource] });
      assert.match(violation, /^It reads .*\. Its tenant's own parameters are \/b2b-tenants\/prod\/acme\/env and /);
      assert.deepEqual(more, [], JSON.stringify(resource));
    }
    assert.deepEqual(await violationsOfStatements({ Effect: "Allow", Action: "ssm:GetParameter" }), [
      "It reads parameters and names no Resource.",
    ]);
    const mixed = { Effect: "Allow", Action: [...SESSIONS, "ssm:GetParameters"], Resource: "*" };
    assert.equal((await violationsOfStatements(mixed)).length, 1);
  });

  it("stops every other action, and names it", async () => {
    for (const action of [
      "*",
      "ssm:*",
      "ssm:GetParameter*",
      "ssm:Get?arameter",
      "ssmmessages:*",
      "ssm:PutParameter",
      "kms:Decrypt",
    ]) {
      assert.deepEqual(await violationsOfStatements({ ...READ, Action: ["ssm:GetParameter", action] }), [
        `It allows "${action}". A server may ssm:GetParameter, GetParameters and GetParametersByPath, and what Session ` +
          "Manager needs, each named in full.",
      ]);
    }
    for (const action of [["ssm:GetParameter"], 1, {}])
      assert.equal((await violationsOfStatements({ ...READ, Action: [action] })).length, 1);
    assert.equal(
      (await violationsOfStatements({ ...READ, Action: ["s3:*", "iam:*"] }, { ...READ, Action: "ec2:*" })).length,
      3,
    );
  });

  it("stops a document that it does not understand", async () => {
    for (const policy of ["", "{", "null", "[]", '"text"', 7, [READ]]) {
      assert.deepEqual(await violationsOf(POLICY, { role: OWN, policy }), [
        "Its policy document cannot be read. A JSON object is expected.",
      ]);
    }
    assert.deepEqual(await violationsOf(POLICY, { role: OWN }), [
      "Its policy document cannot be read. A JSON object is expected.",
    ]);
    for (const key of ["NotAction", "NotResource", "Condition", "Principal", "action", "__proto__ "]) {
      assert.deepEqual(await violationsOfStatements({ ...READ, [key]: {} }), [
        `Its policy document has "${key}". Use Sid, Effect, Action, Resource alone.`,
      ]);
    }
    assert.deepEqual(await violationsOfStatements({ Effect: "Allow", NotAction: "s3:*", Resource: "*" }), [
      'Its policy document has "NotAction". Use Sid, Effect, Action, Resource alone.',
      "A statement allows something and names no Action.",
    ]);
    assert.deepEqual(await violationsOf(POLICY, { role: OWN, policy: { Statement: [READ], statement: [] } }), [
      'Its policy document has "statement". Use Version, Id, Statement alone.',
    ]);
    assert.deepEqual(await violationsOfStatements({ ...READ, Effect: "allow" }), [
      'A statement\'s Effect is "allow". Use Allow or Deny.',
    ]);
    assert.deepEqual(await violationsOfStatements("all"), [
      'Its policy document has "all" where a statement is expected.',
    ]);
  });
});

describe("policy instance-profile-reaches-own-path-only, of who has a tenant's role", () => {
  inProd();

  it("passes the tenant's own role, profile and server", async () => {
    const role = { name: OWN, assumeRolePolicy: JSON.stringify({ Statement: [BY_EC2] }) };
    assert.deepEqual(await violationsOf(ROLE, role), []);
    const inChina = { ...BY_EC2, Principal: { Service: ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"] } };
    assert.deepEqual(await violationsOf(ROLE, { ...role, assumeRolePolicy: { Statement: inChina } }), []);
    assert.deepEqual(await violationsOf(ROLE, { ...role, inlinePolicies: [], managedPolicyArns: null }), []);
    assert.deepEqual(await violationsOf(PROFILE, { name: OWN, role: OWN }), []);
    assert.deepEqual(await violationsOf(INSTANCE, { iamInstanceProfile: OWN }), []);
    assert.deepEqual(await violationsOf(INSTANCE, { ami: "ami-1" }), []);
  });

  it("stops another's name for each of them", async () => {
    for (const name of [
      "b2b-tenants-prod-other",
      "b2b-tenants-prod-acme2",
      OWN.toUpperCase(),
      "admin",
      "\u001b[31m",
      7,
      [OWN],
    ]) {
      const expected = (property: string) =>
        new RegExp(`^Its ${property} is .*\\. In tenant "acme" it has to be "${OWN}"\\.$`);
      const one = async (urn: string, props: object, property: string) => {
        const found = await violationsOf(urn, props);
        assert.equal(found.length, 1);
        assert.match(found[0] ?? "", expected(property));
      };
      await one(POLICY, { role: name, policy: { Statement: [READ] } }, "role");
      await one(PROFILE, { name: OWN, role: name }, "role");
      await one(PROFILE, { name, role: OWN }, "name");
      await one(ROLE, { name, assumeRolePolicy: { Statement: [BY_EC2] } }, "name");
      await one(INSTANCE, { iamInstanceProfile: name }, "iamInstanceProfile");
    }
    assert.equal((await violationsOf(PROFILE, { path: "/" })).length, 2);
  });

  it("knows a name that was too long for IAM, and so ends in a hash", async () => {
    const slug = "farmacia_con_un_nombre_de_verdad_muy_largo_que_no_cabe";
    const urn = childOfTenant("aws:ec2/instance:Instance", `${slug}-instance`);
    const own = iamName("prod", slug);
    assert.equal(own.length, 64);
    assert.deepEqual(await violationsOf(urn, { iamInstanceProfile: own }), []);
    assert.equal((await violationsOf(urn, { iamInstanceProfile: own.replace(/.{8}$/, "00000000") })).length, 1);
    assert.equal((await violationsOf(urn, { iamInstanceProfile: `b2b-tenants-prod-${slug}` })).length, 1);
  });

  it("stops a role that holds more than its own policy, or that anybody but a server may take", async () => {
    const role = { name: OWN, assumeRolePolicy: { Statement: [BY_EC2] } };
    for (const property of ["inlinePolicies", "managedPolicyArns"]) {
      for (const value of [[{}], "arn:aws:iam::aws:policy/AdministratorAccess", {}]) {
        assert.deepEqual(await violationsOf(ROLE, { ...role, [property]: value }), [
          `Its ${property} is set. Leave it out: what a tenant's role may do is in its RolePolicy alone.`,
        ]);
      }
    }
    for (const principal of [
      "*",
      undefined,
      null,
      {},
      [],
      { AWS: "*" },
      { Service: [] },
      { Service: "lambda.amazonaws.com" },
      { Service: [["ec2.amazonaws.com"]] },
      { Service: ["ec2.amazonaws.com", "lambda.amazonaws.com"] },
      { Service: "ec2.amazonaws.com", AWS: "123456789012" },
    ]) {
      const assumeRolePolicy = JSON.stringify({ Statement: { ...BY_EC2, Principal: principal } });
      const found = await violationsOf(ROLE, { ...role, assumeRolePolicy });
      assert.match(found.join("\n"), / may take the role\. Let ec2\.amazonaws\.com alone take it\.$/);
    }
    assert.deepEqual(
      await violationsOf(ROLE, {
        ...role,
        assumeRolePolicy: { Statement: { ...BY_EC2, Action: ["sts:AssumeRole", "sts:*"] } },
      }),
      ['The role may be taken by "sts:*". Allow sts:AssumeRole alone.'],
    );
    assert.deepEqual(await violationsOf(ROLE, { ...role, assumeRolePolicy: "ec2" }), [
      "Its policy document cannot be read. A JSON object is expected.",
    ]);
  });

  it("reports what is known, and nothing else", async () => {
    assert.deepEqual(await violationsOf(POLICY, { role: OWN, policy: UNKNOWN }), []);
    assert.equal((await violationsOf(POLICY, { role: "admin", policy: UNKNOWN })).length, 1);
    assert.equal((await violationsOf(POLICY, { role: UNKNOWN, policy: "all" })).length, 1);
    assert.equal(
      (
        await violationsOf(ROLE, {
          name: UNKNOWN,
          assumeRolePolicy: UNKNOWN,
          inlinePolicies: UNKNOWN,
          managedPolicyArns: [1],
        })
      ).length,
      1,
    );
    assert.deepEqual(await violationsOf(INSTANCE, { iamInstanceProfile: UNKNOWN }), []);
  });
});

function violationsOfStatements(...statements: unknown[]): Promise<string[]> {
  return violationsOf(POLICY, { role: OWN, policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) });
}

function violationsOf(urn: string, props: object): Promise<string[]> {
  return messages(instanceProfileReachesOwnPathOnly, urn, props);
}
