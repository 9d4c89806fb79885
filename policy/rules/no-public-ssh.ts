import { isAbsent } from "../reading/absent";
import { listed, publicSsh, type Wording } from "../reading/ingress-rule";
import { ofEach } from "../reading/known";
import { forEach, LAUNCH_TEMPLATE, SERVERS } from "../reading/server-types";
import { shown } from "../reading/shown";
import { type Check, resourcePolicy } from "../resource-policy";

const OF_VPC: Wording = { protocol: "ipProtocol", ranges: ["cidrIpv4", "cidrIpv6"], prefixLists: "prefixListId" };
const OF_EC2: Wording = {
  protocol: "protocol",
  ranges: ["cidrBlocks", "ipv6CidrBlocks"],
  prefixLists: "prefixListIds",
};

const letsNobodyIn: Check = ({ props }) => publicSsh(props, OF_VPC);

const letsNobodyInOfOld: Check = ({ props }) => (props.type === "egress" ? [] : publicSsh(props, OF_EC2));

const rulesLetNobodyIn: Check = ({ props: { ingress } }) =>
  ofEach(listed(ingress), (rule) =>
    typeof rule === "object" && rule !== null
      ? publicSsh(rule as Record<string, unknown>, OF_EC2)
      : [`Its ingress holds ${shown(rule)}, where a rule is expected.`],
  );

const hasNoKey: Check = ({ props: { keyName } }) =>
  isAbsent(keyName) || keyName === ""
    ? []
    : [`It takes the SSH key ${shown(keyName)}. Leave keyName out: the way in is Session Manager, which needs no key.`];

/** Each brings keys or security groups that are declared elsewhere; a launch template also user data and a role. */
const bringsNothingUnseen = [
  "launchTemplate",
  "networkInterfaces",
  "primaryNetworkInterface",
  "secondaryNetworkInterfaces",
  "securityGroups",
].map(
  (property): Check =>
    ({ props }) =>
      listed(props[property]).length === 0
        ? []
        : [`Its ${property} brings what no policy sees. Leave it out, and say the same in the server's own arguments.`],
);

const isNoKey: Check = () => ["It is an SSH key, and no server takes one. The way in is Session Manager."];

export const noPublicSsh = resourcePolicy(
  "no-public-ssh",
  "Nothing but a private network reaches port 22, and no server takes an SSH key.",
  {
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": letsNobodyIn,
    "aws:ec2/securityGroupRule:SecurityGroupRule": letsNobodyInOfOld,
    "aws:ec2/securityGroup:SecurityGroup": rulesLetNobodyIn,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": rulesLetNobodyIn,
    ...forEach(SERVERS, [hasNoKey, ...bringsNothingUnseen]),
    [LAUNCH_TEMPLATE]: hasNoKey,
    "aws:ec2/keyPair:KeyPair": isNoKey,
  },
);
