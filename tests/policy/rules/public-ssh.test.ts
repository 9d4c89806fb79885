import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noPublicSsh } from "../../../policy/rules/ssh";
import { messages, UNKNOWN } from "../analysis";
import { childOfTenant, outside } from "../urns";

const RULE = outside("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "servers-ingress-22");
const GROUP = outside("aws:ec2/securityGroup:SecurityGroup", "servers-security-group");
const INSTANCE = childOfTenant("aws:ec2/instance:Instance", "acme-instance");

const TCP = { ipProtocol: "tcp", fromPort: 22, toPort: 22 };
const WORLD = { cidrIpv4: "0.0.0.0/0" };

function open(range: string): string {
  return `It lets ${JSON.stringify(range)} reach port 22 (SSH). Name private ranges alone, or none: the way in is Session Manager, which needs no port.`;
}

describe("policy no-public-ssh", () => {
  it("passes what the world may reach, and what reaches port 22 from private networks and known servers", async () => {
    assert.deepEqual(await violationsOf(RULE, { ...TCP, fromPort: 443, toPort: 443, ...WORLD }), []);
    for (const ports of [
      { fromPort: 0, toPort: 21 },
      { fromPort: 23, toPort: 65_535 },
      { fromPort: "443", toPort: "443" },
    ]) {
      assert.deepEqual(await violationsOf(RULE, { ...TCP, ...ports, ...WORLD }), []);
    }
    for (const ipProtocol of ["udp", "17", "icmp", "1", "icmpv6", "58", "ICMP"]) {
      assert.deepEqual(await violationsOf(RULE, { ...TCP, ipProtocol, ...WORLD }), []);
    }
    assert.deepEqual(await violationsOf(RULE, { ...TCP, referencedSecurityGroupId: "sg-1" }), []);
    for (const cidrIpv4 of ["10.0.0.0/8", "10.255.255.255/32", "172.16.0.0/12", "172.31.0.0/16", "192.168.1.0/24"]) {
      assert.deepEqual(await violationsOf(RULE, { ...TCP, cidrIpv4 }), [], cidrIpv4);
    }
    for (const cidrIpv6 of ["fc00::/7", "fd12:3456::/32", "FD12:3456::/32"]) {
      assert.deepEqual(await violationsOf(RULE, { ...TCP, cidrIpv6 }), [], cidrIpv6);
    }
  });

  it("stops every range that is not private to its last address, and what is not a range", async () => {
    for (const range of [
      "0.0.0.0/0",
      "203.0.113.7/32",
      "10.0.0.0/7",
      "8.0.0.0/5",
      "172.16.0.0/11",
      "172.32.0.0/16",
      "192.168.0.0/15",
      "100.64.0.0/10",
      "10.0.0.0",
      "10.0.0.0/33",
      "10.0.0.0/08",
      "10.0.0.0/8/8",
      "10.0.0/8",
      "10.0.0.0/8 0.0.0.0/0",
      "office",
      "",
      "x10.0.0.0/8",
      "::/0",
      "fc00::/6",
      "fe80::/10",
      "2001:db8::/32",
      "::ffff:10.0.0.0/8",
      "fc00::%x/7",
      "fc00::/129",
    ]) {
      for (const property of ["cidrIpv4", "cidrIpv6"]) {
        assert.deepEqual(await violationsOf(RULE, { ...TCP, [property]: range }), [open(range)], range);
      }
    }
  });

  it("stops it whatever protocol and ports include port 22", async () => {
    for (const rule of [
      { fromPort: 0, toPort: 65_535 },
      { fromPort: 20, toPort: 22 },
      { fromPort: "22", toPort: "22" },
      { fromPort: -1, toPort: -1 },
      { ipProtocol: "6" },
      { ipProtocol: 6 },
      { ipProtocol: "TCP" },
      { ipProtocol: "tcpp" },
      { fromPort: "ssh", toPort: [] },
      { fromPort: "0x17", toPort: "" },
      { toPort: "0x15" },
    ]) {
      assert.deepEqual(
        await violationsOf(RULE, { ...TCP, ...rule, ...WORLD }),
        [open("0.0.0.0/0")],
        JSON.stringify(rule),
      );
    }
    assert.deepEqual(await violationsOf(RULE, { ipProtocol: "tcp", ...WORLD }), [open("0.0.0.0/0")]);
    for (const ipProtocol of ["-1", "all", -1]) {
      assert.deepEqual(await violationsOf(RULE, { ipProtocol, fromPort: 0, toPort: 0, ...WORLD }), [open("0.0.0.0/0")]);
    }
  });

  it("stops a prefix list: nobody sees here what is in it", async () => {
    assert.deepEqual(await violationsOf(RULE, { ...TCP, prefixListId: "pl-1" }), [open("pl-1")]);
  });

  it("stops rules within a group: each has to be a resource of its own", async () => {
    const ssh = { protocol: "tcp", fromPort: 22, toPort: 22 };
    const rule = {
      ...ssh,
      cidrBlocks: ["10.0.0.0/8", "1.2.3.4/32"],
      ipv6CidrBlocks: ["::/0"],
      prefixListIds: ["pl-1"],
    };
    for (const ingress of [[{ ...rule, fromPort: 80 }, rule, { ...rule, toPort: 21 }], rule, ["all"], [UNKNOWN]]) {
      assert.deepEqual(await violationsOf(GROUP, { ingress }), [
        "Its ingress is set. Leave it out: each rule is a SecurityGroupIngressRule of its own.",
      ]);
    }
    assert.deepEqual(await violationsOf(GROUP, { ingress: UNKNOWN }), []);
    assert.deepEqual(await violationsOf(GROUP, { ingress: [], egress: [rule] }), []);
  });

  it("stops a server that takes an SSH key", async () => {
    assert.deepEqual(await violationsOf(INSTANCE, { ami: "ami-1" }), []);
    assert.deepEqual(await violationsOf(INSTANCE, { keyName: "" }), []);
    assert.deepEqual(await violationsOf(INSTANCE, { keyName: "ops" }), [
      "Its keyName is set. Leave it out: the way in is Session Manager, which needs no key.",
    ]);
  });

  it("stops servers that bring keys or groups from where no policy looks", async () => {
    const elsewhere = {
      launchTemplate: { id: "lt-1" },
      networkInterfaces: [{ networkInterfaceId: "eni-1" }],
      primaryNetworkInterface: { networkInterfaceId: "eni-1" },
      secondaryNetworkInterfaces: [{ networkInterfaceId: "eni-1" }],
      securityGroups: ["default"],
    };
    for (const [property, value] of Object.entries(elsewhere)) {
      assert.deepEqual(await violationsOf(INSTANCE, { [property]: value }), [
        `Its ${property} is set. Leave it out: it brings what no policy sees. Use the server's own arguments.`,
      ]);
      assert.deepEqual(await violationsOf(INSTANCE, { [property]: UNKNOWN }), []);
    }
    assert.deepEqual(await violationsOf(INSTANCE, { securityGroups: [] }), []);
  });

  it("reports what is known, and nothing else", async () => {
    assert.deepEqual(await violationsOf(RULE, { ...TCP, cidrIpv4: UNKNOWN }), []);
    assert.deepEqual(await violationsOf(RULE, { ...TCP, fromPort: UNKNOWN, ...WORLD }), []);
    assert.deepEqual(await violationsOf(RULE, { ...TCP, cidrIpv4: UNKNOWN, cidrIpv6: "::/0" }), [open("::/0")]);
  });
});

function violationsOf(urn: string, props: object): Promise<string[]> {
  return messages(noPublicSsh, urn, props);
}
