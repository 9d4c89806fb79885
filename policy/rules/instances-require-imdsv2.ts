import { isAbsent } from "../reading/absent";
import { forEach, LAUNCH_TEMPLATE, SERVERS } from "../reading/server-types";
import { shown } from "../reading/shown";
import { type Check, resourcePolicy } from "../resource-policy";

const tokensAreRequired: Check = ({ props: { metadataOptions } }) => {
  const tokens = metadataOptions?.httpTokens;
  if (tokens === "required" || metadataOptions?.httpEndpoint === "disabled") return [];
  return [
    `Its metadataOptions.httpTokens is ${shown(tokens)}, and a request forged through the backend could fetch its credentials. ` +
      'Set it to "required".',
  ];
};

const tokensStayOnTheServer: Check = ({ props: { metadataOptions } }) => {
  const limit = metadataOptions?.httpPutResponseHopLimit;
  if (isAbsent(limit) || limit === 1 || metadataOptions?.httpEndpoint === "disabled") return [];
  return [`Its metadataOptions.httpPutResponseHopLimit is ${shown(limit)}, within reach of containers. Set it to 1.`];
};

/** Absent options are no pass: what holds then is the AMI's and the account's affair. */
export const instancesRequireImdsv2 = resourcePolicy(
  "instances-require-imdsv2",
  "A server gives its credentials by IMDSv2 alone, and to itself alone.",
  forEach([...SERVERS, LAUNCH_TEMPLATE], [tokensAreRequired, tokensStayOnTheServer]),
);
