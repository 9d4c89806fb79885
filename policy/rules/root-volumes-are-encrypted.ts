import { isAbsent } from "../reading/absent";
import { ofEach } from "../reading/known";
import { forEach, LAUNCH_TEMPLATE, SERVERS } from "../reading/server-types";
import { shown } from "../reading/shown";
import { type Check, resourcePolicy } from "../resource-policy";

/** A property of a volume, read only where there may be one: what is no object has none. */
function isEncrypted(volume: unknown): boolean {
  const encrypted = (volume as { encrypted?: unknown } | undefined | null)?.encrypted;
  // A launch template takes its booleans as texts.
  return encrypted === true || encrypted === "true";
}

const rootIsEncrypted: Check = ({ props: { rootBlockDevice } }) =>
  isEncrypted(rootBlockDevice) ? [] : ["Its root volume is not encrypted. Set rootBlockDevice.encrypted to true."];

const otherVolumesAreEncrypted: Check = ({ props: { ebsBlockDevices } }) => {
  if (isAbsent(ebsBlockDevices)) return [];
  if (!Array.isArray(ebsBlockDevices)) {
    return [`Its ebsBlockDevices is ${shown(ebsBlockDevices)}, where a list is expected.`];
  }
  return ofEach(ebsBlockDevices, (device) => {
    if (isEncrypted(device)) return [];
    const { deviceName } = (device ?? {}) as { deviceName?: unknown };
    return [`Its volume ${shown(deviceName)} is not encrypted. Set ebsBlockDevices[].encrypted to true.`];
  });
};

/** A template without mappings leaves its servers the AMI's root volume, as the AMI has it. */
const mappedVolumesAreEncrypted: Check = ({ props: { blockDeviceMappings } }) => {
  if (!Array.isArray(blockDeviceMappings) || blockDeviceMappings.length === 0) {
    return [
      `Its blockDeviceMappings is ${shown(blockDeviceMappings)}. List its volumes, the root volume too, with ebs.encrypted true.`,
    ];
  }
  return ofEach(blockDeviceMappings, (mapping) => {
    const { ebs, deviceName } = (mapping ?? {}) as { ebs?: unknown; deviceName?: unknown };
    return isEncrypted(ebs) ? [] : [`Its volume ${shown(deviceName)} is not encrypted. Set ebs.encrypted to true.`];
  });
};

const volumeIsEncrypted: Check = ({ props }) =>
  isEncrypted(props) ? [] : ["The volume is not encrypted. Set encrypted to true."];

export const rootVolumesAreEncrypted = resourcePolicy(
  "root-volumes-are-encrypted",
  "The root volume of a server is encrypted, and so is every other of its volumes.",
  {
    ...forEach(SERVERS, [rootIsEncrypted, otherVolumesAreEncrypted]),
    [LAUNCH_TEMPLATE]: [mappedVolumesAreEncrypted],
    "aws:ebs/volume:Volume": [volumeIsEncrypted],
  },
);
