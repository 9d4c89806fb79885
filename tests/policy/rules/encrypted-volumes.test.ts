import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rootVolumesAreEncrypted } from "../../../policy/rules/server";
import { messages, UNKNOWN } from "../analysis";
import { childOfTenant } from "../urns";

const INSTANCE = childOfTenant("aws:ec2/instance:Instance", "acme-instance");

const ENCRYPTED = { encrypted: true };
const ROOT = "Its root volume is not encrypted. Set rootBlockDevice.encrypted to true.";

describe("policy root-volumes-are-encrypted", () => {
  it("passes servers whose volumes are all encrypted", async () => {
    assert.deepEqual(await violationsOf({ rootBlockDevice: ENCRYPTED }), []);
    assert.deepEqual(await violationsOf({ rootBlockDevice: ENCRYPTED, ebsBlockDevices: [ENCRYPTED, ENCRYPTED] }), []);
    assert.deepEqual(await violationsOf({ rootBlockDevice: ENCRYPTED, ebsBlockDevices: [] }), []);
  });

  it("stops a root volume that is not encrypted, or is as the AMI has it", async () => {
    for (const rootBlockDevice of [
      undefined,
      null,
      {},
      { encrypted: false },
      { encrypted: "yes" },
      { encrypted: "true" },
      [ENCRYPTED],
      "encrypted",
    ]) {
      const props = { ami: "ami-1", ...(rootBlockDevice === undefined ? {} : { rootBlockDevice }) };
      assert.deepEqual(await violationsOf(props), [ROOT], JSON.stringify(rootBlockDevice));
    }
  });

  it("stops each further volume that is not encrypted, and what is no list of volumes", async () => {
    const ebsBlockDevices = [{ deviceName: "/dev/sdf" }, ENCRYPTED, null, { deviceName: "/dev/sdh", encrypted: false }];
    assert.deepEqual(await violationsOf({ rootBlockDevice: ENCRYPTED, ebsBlockDevices }), [
      'The volume of device "/dev/sdf" is not encrypted. Set ebsBlockDevices[].encrypted to true.',
      "The volume of device not set is not encrypted. Set ebsBlockDevices[].encrypted to true.",
      'The volume of device "/dev/sdh" is not encrypted. Set ebsBlockDevices[].encrypted to true.',
    ]);
    assert.deepEqual(await violationsOf({ rootBlockDevice: ENCRYPTED, ebsBlockDevices: "all" }), [
      'Its ebsBlockDevices is "all", where a list is expected.',
    ]);
  });

  it("reports what is known, and nothing else", async () => {
    assert.deepEqual(
      await violationsOf({ rootBlockDevice: UNKNOWN, ebsBlockDevices: [UNKNOWN, { encrypted: UNKNOWN }] }),
      [],
    );
    assert.equal((await violationsOf({ rootBlockDevice: UNKNOWN, ebsBlockDevices: [UNKNOWN, {}] })).length, 1);
    assert.deepEqual(await violationsOf({ rootBlockDevice: {}, ebsBlockDevices: UNKNOWN }), [ROOT]);
  });
});

function violationsOf(props: object): Promise<string[]> {
  return messages(rootVolumesAreEncrypted, INSTANCE, props);
}
