import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { RunInstancesCommand } from "@aws-sdk/client-ec2";
import { AttachRolePolicyCommand, DetachRolePolicyCommand } from "@aws-sdk/client-iam";
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { type Props, UNKNOWN } from "../../rehearsal/protocol/property-values";
import type { AwsType } from "../../rehearsal/providers/aws/aws-type";
import { type Aws, clientsFor } from "../../rehearsal/providers/aws/clients";
import { handlerOf } from "../../rehearsal/providers/aws/handler";
import { aws as standIn } from "../../rehearsal/providers/aws/provider";
import { PartialFailure } from "../../rehearsal/providers/stand-in";
import { type AccountSettings, prepareAccount } from "../../rehearsal/servers/account";
import { type MotoServer, startMoto } from "../../rehearsal/servers/moto";
import { InProcess } from "../conformance/in-process";
import { startForked } from "./emulator-host";

const SUBNETS = ["subnet-00000000000000001", "subnet-00000000000000002"];
const PARAMETER = "aws:ssm/parameter:Parameter";
const ROLE = "aws:iam/role:Role";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const PROFILE = "aws:iam/instanceProfile:InstanceProfile";
const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";
const INSTANCE = "aws:ec2/instance:Instance";

const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
});
const READ_ALL = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "ssm:GetParameter", Resource: "*" }],
});

let home: string;
let moto: MotoServer;
let account: AccountSettings;
let aws: Aws;
let plugin: InProcess<Aws>;

before(async () => {
  home = mkdtempSync(path.join(tmpdir(), "aws-stand-in-"));
  moto = await startMoto({ home, startEmulator: startForked });
  account = await prepareAccount(moto, "us-east-1", SUBNETS);
  aws = clientsFor(argumentsOf(moto), {});
  plugin = new InProcess(standIn, aws);
});

after(async () => {
  aws.close();
  await moto.stop();
  rmSync(home, { recursive: true, force: true });
});

/** Provider arguments as the engine sends them: what is not text as JSON text. */
function argumentsOf({ endpoint, credentials }: MotoServer): Props {
  return {
    region: "us-east-1",
    accessKey: credentials.accessKeyId,
    secretKey: credentials.secretAccessKey,
    endpoints: JSON.stringify([
      { cloudwatch: endpoint, ec2: endpoint, iam: endpoint, sns: endpoint, ssm: endpoint, sts: endpoint },
    ]),
    skipCredentialsValidation: "true",
    skipRequestingAccountId: "true",
    skipMetadataApiCheck: "true",
    s3UsePathStyle: "true",
  };
}

function pick(properties: Props, ...keys: string[]): Props {
  return Object.fromEntries(keys.map((key) => [key, properties[key] as Props[string]]));
}

describe("a stand-in SSM parameter", () => {
  const secure = (name: string, more: Props = {}) => ({ name, type: "SecureString", value: "first", ...more });

  it("stores a secret, and calls it one whatever the program says", async () => {
    const made = await plugin.create(PARAMETER, secure("/p/secret", { tags: { tenant: "a" } }));
    assert.equal(made.id, "/p/secret");
    assert.deepEqual(pick(made.state, "arn", "dataType", "region", "tagsAll", "tier", "type", "value", "version"), {
      arn: "arn:aws:ssm:us-east-1:123456789012:parameter/p/secret",
      dataType: "text",
      region: "us-east-1",
      tagsAll: { tenant: "a" },
      tier: "Standard",
      type: "SecureString",
      value: "first",
      version: 1,
    });
    const request = { urn: "", type: PARAMETER, name: "x", inputs: secure("/p/wrapped"), preview: false };
    const raw = await standIn.resources[PARAMETER]?.create(request, aws);
    assert.notEqual(raw?.properties.value, "first");
    const { Parameter } = await aws.ssm.send(new GetParameterCommand({ Name: "/p/secret", WithDecryption: true }));
    assert.deepEqual([Parameter?.Type, Parameter?.Value], ["SecureString", "first"]);
  });

  it("keeps an insecure value where a preview shows it", async () => {
    const made = await plugin.create(PARAMETER, { name: "/p/open", type: "String", insecureValue: "shown" });
    assert.deepEqual(pick(made.state, "insecureValue", "value"), { insecureValue: "shown", value: "" });
    const diff = await plugin.diff(made, { name: "/p/open", type: "String", insecureValue: "other" });
    assert.deepEqual(diff.detailedDiff, { insecureValue: { kind: "UPDATE" } });
  });

  it("changes in place, with a new version", async () => {
    const made = await plugin.create(PARAMETER, secure("/p/changed", { tags: { old: "1" } }));
    const updated = await plugin.update(made, secure("/p/changed", { value: "second", tags: { new: "2" } }));
    assert.deepEqual(pick(updated.state, "value", "version", "tagsAll"), {
      value: "second",
      version: 2,
      tagsAll: { new: "2" },
    });
    assert.equal((await plugin.diff(updated, updated.inputs)).changes, false);
  });

  it("is replaced under another name, the old one staying until the new one is there", async () => {
    const made = await plugin.create(PARAMETER, secure("/p/before"));
    const diff = await plugin.diff(made, secure("/p/after"));
    assert.deepEqual([diff.replaces, diff.deleteBeforeReplace], [["name"], undefined]);
  });

  it("is not taken over when it exists", async () => {
    await plugin.create(PARAMETER, secure("/p/twice"));
    await assert.rejects(plugin.create(PARAMETER, secure("/p/twice")), (error: Error) => {
      assert.match(error.message, /^1 error occurred:\n\t\* creating SSM Parameter \(\/p\/twice\): /);
      assert.match(error.message, /ParameterAlreadyExists/);
      assert.ok(!error.message.includes("first"));
      return true;
    });
  });

  it("is read as it is now, and as gone when it is", async () => {
    const made = await plugin.create(PARAMETER, secure("/p/drift"));
    await aws.ssm.send(
      new PutParameterCommand({ Name: "/p/drift", Value: "by hand", Type: "SecureString", Overwrite: true }),
    );
    const drifted = await plugin.read(made);
    assert.deepEqual([drifted?.state.value, drifted?.inputs.value], ["by hand", "by hand"]);
    await aws.ssm.send(new DeleteParameterCommand({ Name: "/p/drift" }));
    assert.equal(await plugin.read(made), undefined);
    await plugin.delete(made);
  });

  it("is imported by its name", async () => {
    await plugin.create(PARAMETER, secure("/p/import", { tags: { a: "1" } }));
    const imported = await plugin.import(PARAMETER, "/p/import");
    assert.deepEqual(pick(imported?.state ?? {}, "name", "type", "value"), {
      name: "/p/import",
      type: "SecureString",
      value: "first",
    });
    assert.deepEqual(
      (await plugin.diff(imported ?? assert.fail(), secure("/p/import", { tags: { a: "1" } }))).changes,
      false,
    );
  });

  it("refuses what the real provider refuses", async () => {
    const faults = async (inputs: Props) =>
      (await plugin.check(PARAMETER, inputs)).failures?.map(({ property }) => property);
    assert.deepEqual(await faults({ name: "/x", value: "v" }), ["type"]);
    assert.deepEqual(await faults({ name: "/x", type: "Secret", value: "v" }), ["type"]);
    assert.deepEqual(await faults({ name: "/x", type: "String" }), ["value"]);
    assert.deepEqual(await faults({ name: "/x", type: "SecureString", insecureValue: "v" }), ["insecureValue"]);
    assert.deepEqual(await faults({ name: "/x", type: "String", value: UNKNOWN }), []);
  });

  it("is unknown, in a preview, in what only AWS knows", async () => {
    const preview = await plugin.previewCreate(PARAMETER, secure("/p/preview"));
    assert.deepEqual(pick(preview, "name", "value", "arn", "version"), {
      name: "/p/preview",
      value: "first",
      arn: UNKNOWN,
      version: UNKNOWN,
    });
    await assert.rejects(aws.ssm.send(new GetParameterCommand({ Name: "/p/preview" })), { name: "ParameterNotFound" });
  });
});

describe("a stand-in IAM role", () => {
  it("fills in what the provider fills in, and notes it", async () => {
    const made = await plugin.create(ROLE, { assumeRolePolicy: TRUST });
    assert.match(String(made.inputs.name), /^it-[0-9a-f]{7}$/);
    assert.deepEqual(made.inputs.__defaults, ["name", "path"]);
    assert.equal(made.state.arn, `arn:aws:iam::123456789012:role/${made.inputs.name}`);
    const { inputs } = await plugin.check(ROLE, { assumeRolePolicy: TRUST }, made.inputs);
    assert.equal(inputs.name, made.inputs.name);
  });

  it("takes a document that says the same for the same", async () => {
    const made = await plugin.create(ROLE, { name: "same", assumeRolePolicy: TRUST });
    const spaced = JSON.stringify(JSON.parse(TRUST), null, 2);
    assert.equal((await plugin.diff(made, { name: "same", assumeRolePolicy: spaced })).changes, false);
  });

  it("has to go before another of its name is made", async () => {
    const made = await plugin.create(ROLE, { name: "moved", assumeRolePolicy: TRUST });
    const diff = await plugin.diff(made, { name: "moved", assumeRolePolicy: TRUST, path: "/x/" });
    assert.deepEqual([diff.replaces, diff.deleteBeforeReplace], [["path"], true]);
  });

  it("changes description and tags in place", async () => {
    const made = await plugin.create(ROLE, { name: "edited", assumeRolePolicy: TRUST, tags: { a: "1" } });
    const wanted = {
      name: "edited",
      assumeRolePolicy: TRUST,
      description: "new",
      tags: { b: "2" },
    };
    const updated = await plugin.update(made, wanted);
    assert.deepEqual(pick(updated.state, "description", "tags"), pick(wanted, "description", "tags"));
  });

  it("exists once", async () => {
    await plugin.create(ROLE, { name: "once", assumeRolePolicy: TRUST });
    await assert.rejects(
      plugin.create(ROLE, { name: "once", assumeRolePolicy: TRUST }),
      /creating IAM Role \(once\): .*EntityAlreadyExists/s,
    );
  });

  it("is not deleted with policies that are not its own", async () => {
    const made = await plugin.create(ROLE, { name: "held", assumeRolePolicy: TRUST });
    const PolicyArn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
    await aws.iam.send(new AttachRolePolicyCommand({ RoleName: "held", PolicyArn }));
    await assert.rejects(plugin.delete(made), /deleting IAM Role \(held\): .*DeleteConflict/s);
    await aws.iam.send(new DetachRolePolicyCommand({ RoleName: "held", PolicyArn }));
    await plugin.delete(made);
    assert.equal(await plugin.read(made), undefined);
  });

  it("carries a policy, and a profile that lets a server be it", async () => {
    const role = await plugin.create(ROLE, { name: "server", assumeRolePolicy: TRUST });
    const policy = await plugin.create(ROLE_POLICY, { name: "read", role: "server", policy: READ_ALL });
    assert.equal(policy.id, "server:read");
    const narrower = READ_ALL.replace('"*"', '"arn:aws:ssm:us-east-1:123456789012:parameter/a"');
    const updated = await plugin.update(policy, { name: "read", role: "server", policy: narrower });
    assert.deepEqual(JSON.parse(String(updated.state.policy)), JSON.parse(narrower));
    const profile = await plugin.create(PROFILE, { name: "server", role: "server", tags: { a: "1" } });
    assert.deepEqual(pick(profile.state, "role", "tags"), { role: "server", tags: { a: "1" } });
    await plugin.delete(profile);
    await plugin.delete(updated);
    await plugin.delete(role);
    for (const gone of [profile, updated, role]) assert.equal(await plugin.read(gone), undefined);
    for (const gone of [profile, updated, role]) await plugin.delete(gone);
  });
});

describe("a stand-in security group", () => {
  it("has no rule but those that are declared", async () => {
    const group = await plugin.create(GROUP, { vpcId: account.network.vpcId, description: "d", tags: { a: "1" } });
    assert.match(group.id, /^sg-[0-9a-f]{17}$/);
    assert.match(String(group.state.name), /^it-[0-9a-f]{7}$/);
    const egress = await plugin.create(EGRESS, {
      securityGroupId: group.id,
      cidrIpv4: "0.0.0.0/0",
      ipProtocol: "-1",
      description: "out",
      tags: { a: "1" },
    });
    assert.match(egress.id, /^sgr-[0-9a-f]{17}$/);
    assert.equal((await plugin.diff((await plugin.read(egress)) ?? assert.fail(), egress.inputs)).changes, false);
    await plugin.delete(egress);
    await plugin.delete(group);
    for (const gone of [group, egress]) assert.equal(await plugin.read(gone), undefined);
    for (const gone of [group, egress]) await plugin.delete(gone);
  });

  it("is found by its name in a VPC, once it is there", async () => {
    const { vpcId } = account.network;
    const found = (name: string) => plugin.invoke("aws:ec2/getSecurityGroup:getSecurityGroup", { name, vpcId });
    await assert.rejects(found("sought"), /no matching EC2 Security Group found/);
    const group = await plugin.create(GROUP, { name: "sought", vpcId, description: "d" });
    assert.deepEqual(pick(await found("sought"), "id", "name", "vpcId"), { id: group.id, name: "sought", vpcId });
    await plugin.delete(group);
  });

  it("is replaced when its description changes", async () => {
    const group = await plugin.create(GROUP, { vpcId: account.network.vpcId, description: "one" });
    const diff = await plugin.diff(group, {
      vpcId: account.network.vpcId,
      description: "two",
      name: String(group.state.name),
    });
    assert.deepEqual(diff.replaces, ["description"]);
  });

  it("lets another group in; the rule's port changes in place, its kind of source does not", async () => {
    const group = await plugin.create(GROUP, { vpcId: account.network.vpcId });
    const inputs = {
      securityGroupId: account.network.databaseSecurityGroupId,
      referencedSecurityGroupId: group.id,
      ipProtocol: "tcp",
      fromPort: 5432,
      toPort: 5432,
      description: "db",
    };
    const rule = await plugin.create(INGRESS, inputs);
    assert.deepEqual(pick(rule.state, "referencedSecurityGroupId", "fromPort"), {
      referencedSecurityGroupId: group.id,
      fromPort: 5432,
    });
    const moved = await plugin.update(rule, { ...inputs, fromPort: 6432, toPort: 6432 });
    assert.deepEqual([moved.id, moved.state.fromPort], [rule.id, 6432]);
    const { referencedSecurityGroupId: _group, ...rest } = inputs;
    const diff = await plugin.diff(rule, { ...rest, cidrIpv4: "10.0.0.0/8" });
    assert.deepEqual([...(diff.replaces ?? [])].sort(), ["cidrIpv4", "referencedSecurityGroupId"]);
    assert.deepEqual((await plugin.check(INGRESS, { ...inputs, cidrIpv4: "10.0.0.0/8" })).failures?.length, 1);
  });
});

describe("a stand-in instance", () => {
  const SCRIPT = "#!/bin/bash\necho hello\n";

  async function orderFor(name: string): Promise<Props> {
    await plugin.create(ROLE, { name, assumeRolePolicy: TRUST });
    await plugin.create(PROFILE, { name, role: name });
    const group = await plugin.create(GROUP, { vpcId: account.network.vpcId });
    return {
      ami: account.server.ami,
      instanceType: "t3.micro",
      subnetId: account.network.subnetIds[0] ?? "",
      vpcSecurityGroupIds: [group.id],
      iamInstanceProfile: name,
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      rootBlockDevice: { encrypted: true, tags: { tenant: name } },
      userData: SCRIPT,
      tags: { tenant: name },
    };
  }

  it("runs as ordered, under a public name", async () => {
    const inputs = await orderFor("ordered");
    const made = await plugin.create(INSTANCE, inputs);
    assert.match(made.id, /^i-[0-9a-f]{17}$/);
    assert.equal(made.state.instanceState, "running");
    assert.deepEqual(
      pick(
        made.state,
        "ami",
        "instanceType",
        "subnetId",
        "iamInstanceProfile",
        "userData",
        "tagsAll",
        "vpcSecurityGroupIds",
      ),
      {
        ...pick(inputs, "ami", "instanceType", "subnetId", "iamInstanceProfile", "userData", "vpcSecurityGroupIds"),
        tagsAll: { tenant: "ordered" },
      },
    );
    assert.equal((made.state.rootBlockDevice as Props).encrypted, true);
    assert.equal((made.state.metadataOptions as Props).httpTokens, "required");
    assert.match(String(made.state.publicDns), /^ec2-[\d-]+\..*amazonaws\.com$/);
    assert.match(String(made.state.publicIp), /^\d+\.\d+\.\d+\.\d+$/);
    const refreshed = (await plugin.read(made)) ?? assert.fail();
    assert.deepEqual(refreshed.inputs, made.inputs);
    assert.equal((await plugin.diff(refreshed, inputs)).changes, false);
    await plugin.delete(made);
    assert.equal(await plugin.read(made), undefined);
    await plugin.delete(made);
  });

  it("changes type and user data in place, and runs again", async () => {
    const inputs = await orderFor("resized");
    const made = await plugin.create(INSTANCE, inputs);
    const wanted = {
      ...inputs,
      instanceType: "t3.small",
      userData: `${SCRIPT}echo more\n`,
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 2 },
      tags: { tenant: "resized", size: "small" },
    };
    const diff = await plugin.diff(made, wanted);
    assert.deepEqual(diff.replaces, []);
    assert.deepEqual(Object.keys(diff.detailedDiff ?? {}).sort(), [
      "instanceType",
      "metadataOptions.httpPutResponseHopLimit",
      "tags.size",
      "userData",
    ]);
    const updated = await plugin.update(made, wanted);
    assert.deepEqual(
      [updated.id, updated.state.instanceState, updated.state.instanceType, updated.state.userData, updated.state.tags],
      [made.id, "running", "t3.small", wanted.userData, wanted.tags],
    );
    await plugin.delete(updated);
  });

  it("changes its role and its groups in place", async () => {
    const inputs = await orderFor("rerolled");
    const made = await plugin.create(INSTANCE, inputs);
    const other = await orderFor("rerolled-other");
    const wanted = { ...inputs, ...pick(other, "iamInstanceProfile", "vpcSecurityGroupIds") };
    const updated = await plugin.update(made, wanted);
    assert.deepEqual(
      pick(updated.state, "iamInstanceProfile", "vpcSecurityGroupIds"),
      pick(other, "iamInstanceProfile", "vpcSecurityGroupIds"),
    );
    await plugin.delete(updated);
  });

  it("is replaced for another image, subnet or disk encryption, and not for user data", async () => {
    const inputs = await orderFor("replaced");
    const made = await plugin.create(INSTANCE, inputs);
    const replaces = async (change: Props) => (await plugin.diff(made, { ...inputs, ...change })).replaces;
    assert.deepEqual(await replaces({ ami: "ami-0123456789abcdef0" }), ["ami"]);
    assert.deepEqual(await replaces({ subnetId: account.network.subnetIds[1] ?? "" }), ["subnetId"]);
    assert.deepEqual(await replaces({ rootBlockDevice: { encrypted: false, tags: { tenant: "replaced" } } }), [
      "rootBlockDevice",
    ]);
    assert.deepEqual(await replaces({ userData: "#!/bin/bash\n" }), []);
    await plugin.delete(made);
  });

  it("whose image does not exist is an error that names the call", async () => {
    await assert.rejects(
      plugin.create(INSTANCE, {
        ami: "ami-0123456789abcdef0",
        instanceType: "t3.micro",
        subnetId: "subnet-0123456789abcdef0",
      }),
      /^Error: 1 error occurred:\n\t\* creating EC2 Instance: /,
    );
  });
});

describe("the aws stand-in", () => {
  it("knows, in the preview of an update, what the update will change", async () => {
    const preview = async (type: string, olds: Props, news: Props) => {
      const base = { urn: "", type, name: "it", id: "x", oldInputs: {}, ignoreChanges: [], preview: true };
      return (await standIn.resources[type]?.update?.({ ...base, olds, news }, aws))?.properties ?? {};
    };
    const parameter = { name: "/x", type: "SecureString", value: "old", version: 1, arn: "arn" };
    const next = await preview(PARAMETER, parameter, { name: "/x", type: "SecureString", value: "new" });
    assert.deepEqual(pick(next, "version", "arn"), { version: UNKNOWN, arn: "arn" });
    const server = { ami: "ami-1", instanceType: "t3.micro", publicIp: "1.2.3.4", privateIp: "10.0.0.4" };
    const resized = await preview(INSTANCE, server, { ami: "ami-1", instanceType: "t3.small" });
    assert.deepEqual(pick(resized, "instanceType", "publicIp", "privateIp"), {
      instanceType: "t3.small",
      publicIp: UNKNOWN,
      privateIp: "10.0.0.4",
    });
  });

  it("hands over what was made when the rest of a creation fails", async () => {
    await assert.rejects(plugin.create(PROFILE, { name: "half", role: "nobody" }), (error) => {
      assert.ok(error instanceof PartialFailure);
      assert.equal(error.id, "half");
      assert.match(error.message, /adding IAM Role \(nobody\) to IAM Instance Profile \(half\): /);
      return true;
    });
    assert.equal((await plugin.import(PROFILE, "half"))?.state.role, "");
  });

  it("does not pass over what AWS accepted but did not apply", async () => {
    const deaf: AwsType = {
      inputs: { name: {}, size: {} },
      computed: [],
      create: async (inputs, _aws, made) => made(String(inputs.name)),
      read: async (id) => ({ name: id, size: 1 }),
      update: async () => {},
      delete: async () => {},
    };
    const request = { urn: "", type: "deaf", name: "it", preview: false };
    await assert.rejects(
      async () => handlerOf(deaf).create({ ...request, inputs: { name: "x", size: 2 } }, aws),
      (error) => {
        assert.ok(error instanceof PartialFailure);
        assert.match(error.message, /AWS accepted 'size' of x but did not apply it/);
        return true;
      },
    );
  });

  it("refuses by name what it does not support", async () => {
    const check = (news: Props) =>
      standIn.checkConfig({ urn: "", type: "", name: "", olds: {}, news, randomSeed: new Uint8Array() });
    assert.deepEqual(check(argumentsOf(moto)).failures, []);
    assert.match(check({ assumeRoles: "[]" }).failures?.[0]?.reason ?? "", /'assumeRoles'/);
    const { failures } = await plugin.check(INSTANCE, {
      ami: "ami-0123456789abcdef0",
      instanceType: "t3.micro",
      metadataOptions: { httpTokenz: "required" },
    });
    assert.deepEqual(
      failures?.map(({ property }) => property),
      ["metadataOptions.httpTokenz"],
    );
  });

  it("goes where AWS_ENDPOINT_URL says when the arguments do not", async () => {
    const { endpoint, credentials } = moto;
    const elsewhere = clientsFor(
      { region: "us-east-1", accessKey: credentials.accessKeyId, secretKey: credentials.secretAccessKey },
      { AWS_ENDPOINT_URL: endpoint },
    );
    assert.equal(await elsewhere.accountId(), "123456789012");
    elsewhere.close();
  });

  it("says what is missing when no region is known", () => {
    assert.throws(() => clientsFor({}, {}), /aws:region/);
  });

  it("sees a resource that was made behind its back", async () => {
    const { Instances } = await aws.ec2.send(
      new RunInstancesCommand({ ImageId: account.server.ami, MinCount: 1, MaxCount: 1 }),
    );
    const imported = await plugin.import(INSTANCE, Instances?.[0]?.InstanceId ?? "");
    assert.equal(imported?.inputs.ami, account.server.ami);
  });
});
