import { z } from "zod";
import { isCidr } from "./cidr";
import { awsId, integer, mapping, subnetId, text } from "./fields";

const SSH_PORT = 22;

const ingressRule = mapping({
  port: integer(1, 65535)
    .refine((port) => port !== SSH_PORT, {
      error: "must not be 22: servers have no SSH, Session Manager is the way in",
    })
    .meta({ description: "Port that is let through to the servers, not 22. The list may be left out, for none." }),
  cidr: z
    .string({ error: "must be an address range, for example 203.0.113.0/24" })
    .refine(isCidr, {
      error: "must be an address range without host bits, for example 203.0.113.0/24 or 2001:db8::/32",
    })
    .meta({ takes: "an IPv4 or IPv6 range without host bits", description: "From where." }),
  description: text(
    /^[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/,
    "1 to 255 of the characters that AWS allows in a rule's description: letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*",
  ).meta({ takes: "1 to 255 characters that AWS allows", description: "The rule's description." }),
});

/** The setting `network`. */
export const network = mapping({
  vpcId: awsId("vpc", "a VPC id").meta({ description: "VPC of the servers." }),
  subnetIds: z
    .array(subnetId(), { error: "must be a list of subnet ids" })
    .min(1, { error: "must be a list of at least one subnet id" })
    .meta({
      description:
        "Subnets that servers may be in; the first is for the tenants that name none. Change: for new servers.",
    }),
  databaseSecurityGroupId: awsId("sg", "a security group's id").meta({
    description: "Security group of the database; the security group of all servers gets a rule in it.",
  }),
  ingress: z
    .array(ingressRule, { error: "must be a list of port, cidr and description" })
    .check((context) => {
      const rules = context.value.map(({ port, cidr }) => `${port} ${cidr}`);
      for (const [i, rule] of rules.entries()) {
        if (rules.indexOf(rule) === i) continue;
        const message = "must not repeat the port and cidr of another rule";
        context.issues.push({ code: "custom", path: [i], message, input: context.value, continue: true });
      }
    })
    .default([]),
});
