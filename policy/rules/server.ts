import { type Check, resourcePolicy } from "../define-policy";
import { forMessage } from "../reading/message";
import { INSTANCE } from "../reading/resource-types";
import { isAbsent, ofEach } from "../reading/values";

const tokensAreRequired: Check = ({ props: { metadataOptions } }) => {
  const tokens = metadataOptions?.httpTokens;
  if (tokens === "required" || metadataOptions?.httpEndpoint === "disabled") return [];
  return [
    `Its metadataOptions.httpTokens is ${forMessage(tokens)}, and a request forged through the backend could fetch its credentials. ` +
      'Set it to "required".',
  ];
};

const tokensStayOnTheServer: Check = ({ props: { metadataOptions } }) => {
  const limit = metadataOptions?.httpPutResponseHopLimit;
  if (isAbsent(limit) || limit === 1 || metadataOptions?.httpEndpoint === "disabled") return [];
  return [
    `Its metadataOptions.httpPutResponseHopLimit is ${forMessage(limit)}, within reach of containers. Set it to 1.`,
  ];
};

/** Options that are absent do not pass: the AMI and the account decide then. */
export const instancesRequireImdsv2 = resourcePolicy(
  "instances-require-imdsv2",
  "A server gives its credentials by IMDSv2 alone, and to itself alone.",
  { [INSTANCE]: [tokensAreRequired, tokensStayOnTheServer] },
);

const rootIsEncrypted: Check = ({ props: { rootBlockDevice } }) =>
  isEncrypted(rootBlockDevice) ? [] : ["Its root volume is not encrypted. Set rootBlockDevice.encrypted to true."];

const otherVolumesAreEncrypted: Check = ({ props: { ebsBlockDevices } }) => {
  if (isAbsent(ebsBlockDevices)) return [];
  if (!Array.isArray(ebsBlockDevices)) {
    return [`Its ebsBlockDevices is ${forMessage(ebsBlockDevices)}, where a list is expected.`];
  }
  return ofEach(ebsBlockDevices, (device) => {
    if (isEncrypted(device)) return [];
    const { deviceName } = (device ?? {}) as { deviceName?: unknown };
    return [
      `The volume of device ${forMessage(deviceName)} is not encrypted. Set ebsBlockDevices[].encrypted to true.`,
    ];
  });
};

/** What is no object has no such property. */
function isEncrypted(volume: unknown): boolean {
  return (volume as { encrypted?: unknown } | undefined | null)?.encrypted === true;
}

export const rootVolumesAreEncrypted = resourcePolicy(
  "root-volumes-are-encrypted",
  "The root volume of a server is encrypted, and so is every other of its volumes.",
  { [INSTANCE]: [rootIsEncrypted, otherVolumesAreEncrypted] },
);
