import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rootVolumesAreEncrypted } from "../../../policy/rules/root-volumes-are-encrypted";
import { UNKNOWN, violations } from "../analysis";
import { childOfTenant, outside } from "../urns";

const INSTANCE = childOfTenant("aws:ec2/instance:Instance", "acme-instance");
const TEMPLATE = outside("aws:ec2/launchTemplate:LaunchTemplate", "servers");
const VOLUME = outside("aws:ebs/volume:Volume", "data");

const ENCRYPTED = { encrypted: true };
const ROOT = "Its root volume is not encrypted. Set rootBlockDevice.encrypted to true.";

describe("policy root-volumes-are-encrypted", () => {
  it("passes servers whose volumes are all encrypted", async () => {
    assert.deepEqual(await told(INSTANCE, { rootBlockDevice: ENCRYPTED }), []);
    assert.deepEqual(await told(INSTANCE, { rootBlockDevice: ENCRYPTED, ebsBlockDevices: [ENCRYPTED, ENCRYPTED] }), []);
    assert.deepEqual(await told(INSTANCE, { rootBlockDevice: ENCRYPTED, ebsBlockDevices: [] }), []);
    assert.deepEqual(await told(TEMPLATE, { blockDeviceMappings: [{ ebs: { encrypted: "true" } }] }), []);
    assert.deepEqual(await told(VOLUME, ENCRYPTED), []);
  });

  it("stops a root volume that is not encrypted, or is as the AMI has it", async () => {
    for (const rootBlockDevice of [
      undefined,
      null,
      {},
      { encrypted: false },
      { encrypted: "yes" },
      [ENCRYPTED],
      "encrypted",
    ]) {
      const props = { ami: "ami-1", ...(rootBlockDevice === undefined ? {} : { rootBlockDevice }) };
      assert.deepEqual(await told(INSTANCE, props), [ROOT], JSON.stringify(rootBlockDevice));
    }
    assert.deepEqual(await told(VOLUME, { size: 8 }), ["The volume is not encrypted. Set encrypted to true."]);
  });

  it("stops each further volume that is not encrypted, and what is no list of volumes", async () => {
    const ebsBlockDevices = [{ deviceName: "/dev/sdf" }, ENCRYPTED, null, { deviceName: "/dev/sdh", encrypted: false }];
    assert.deepEqual(await told(INSTANCE, { rootBlockDevice: ENCRYPTED, ebsBlockDevices }), [
      'Its volume "/dev/sdf" is not encrypted. Set ebsBlockDevices[].encrypted to true.',
      "Its volume nothing is not encrypted. Set ebsBlockDevices[].encrypted to true.",
      'Its volume "/dev/sdh" is not encrypted. Set ebsBlockDevices[].encrypted to true.',
    ]);
    assert.deepEqual(await told(INSTANCE, { rootBlockDevice: ENCRYPTED, ebsBlockDevices: "all" }), [
      'Its ebsBlockDevices is "all", where a list is expected.',
    ]);
  });

  it("stops a launch template that leaves a volume in clear, or the root volume as the AMI has it", async () => {
    for (const props of [{ imageId: "ami-1" }, { blockDeviceMappings: [] }, { blockDeviceMappings: "all" }]) {
      assert.match((await told(TEMPLATE, props)).join(), /^Its blockDeviceMappings is .* with ebs\.encrypted true\.$/);
    }
    const blockDeviceMappings = [{ deviceName: "/dev/xvda", ebs: {} }, { deviceName: "/dev/xvdb" }, { ebs: ENCRYPTED }];
    assert.deepEqual(await told(TEMPLATE, { blockDeviceMappings }), [
      'Its volume "/dev/xvda" is not encrypted. Set ebs.encrypted to true.',
      'Its volume "/dev/xvdb" is not encrypted. Set ebs.encrypted to true.',
    ]);
  });

  it("tells of what is known, and of nothing else", async () => {
    assert.deepEqual(
      await told(INSTANCE, { rootBlockDevice: UNKNOWN, ebsBlockDevices: [UNKNOWN, { encrypted: UNKNOWN }] }),
      [],
    );
    assert.equal((await told(INSTANCE, { rootBlockDevice: UNKNOWN, ebsBlockDevices: [UNKNOWN, {}] })).length, 1);
    assert.deepEqual(await told(INSTANCE, { rootBlockDevice: {}, ebsBlockDevices: UNKNOWN }), [ROOT]);
  });
});

async function told(urn: string, props: object): Promise<string[]> {
  const found = await violations([rootVolumesAreEncrypted], { urn, props: props as never });
  return found.map((violation) => violation.slice(violation.indexOf("\n") + 1));
}
