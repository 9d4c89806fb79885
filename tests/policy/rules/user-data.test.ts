import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { bootScript } from "../../../components/server/boot-script";
import { noSecretInUserData } from "../../../policy/rules/no-secret-in-user-data";
import { secret, UNKNOWN, violations } from "../analysis";
import { pulumiConfig, withSettings } from "../stack-settings";
import { childOfTenant, outside } from "../urns";

const INSTANCE = childOfTenant("aws:ec2/instance:Instance", "acme-instance");
const TEMPLATE = outside("aws:ec2/launchTemplate:LaunchTemplate", "servers");

/** Written in two, so that nobody who searches this repository for secrets finds one. */
const KEY_ID = `${"AKIA"}IOSFODNN7EXAMPLE`;
const BLOCK = "-----BEGIN ";
const HEX = "0123456789abcdef".repeat(4);
const RANDOM = "q7Zr2XvTn9FbMw4Kd3GbPxR5fiCYc8LsEh1Vu6aJ";

const CLEAR = "a password or key in clear";

const SECRETS: Readonly<Record<string, readonly string[]>> = {
  "a URL with a password": [
    "git clone https://ops:hunter2@example.com/x",
    "url=postgresql://user_acme:pw@db",
    "redis://:hunter2@db",
    "redis://:Xk(hunter2@db",
  ],
  "an AWS access key": [`id ${KEY_ID}`, `x=${KEY_ID.replace("AKIA", "ASIA")},`],
  "a private key": [`${BLOCK}PRIVATE KEY-----`, `${BLOCK}RSA PRIVATE KEY-----`, `${BLOCK}PGP PRIVATE KEY BLOCK-----`],
  "a JSON Web Token": ["curl -H eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln"],
  "an access token": [`login ${"ghp_"}${"a1".repeat(18)}`, `pulumi login ${"pul-"}${"a1".repeat(20)}`],
  [CLEAR]: [
    "PGPASSWORD=hunter2 psql",
    "export PGPASSWORD='hunter2'",
    'SECRET_KEY="hunter2"',
    "aws_secret_access_key = hunter2",
    "AWS_SECRET_ACCESS_KEY=hunter2",
    "DB_PASS=hunter2",
    "MYSQL_PWD=hunter2",
    "# TOKEN=hunter2",
    `PASSWORD="\${PASSWORD:-hunter2}"`,
    "PASSWORD=$'hunter2'",
    "PASSWORD=hunter2$SUFFIX",
    'DB_PASSWORD="Xk(hunter2"',
    "DB_PASSWORD='Xk[hunter2'",
    "DB_PASSWORD='$hunter2'",
    "DB_PASSWORD=$'$hunter2'",
    "DB_PASSWORD='$(hunter2'",
    "cli \"x\" --token '$hunter2'",
    "password: hunter2",
    '{"apiKey": "x", "api_key":"hunter2"}',
    "  - token: 'hunter2'",
    "cli --db-password hunter2",
    "cli --token='hunter2'",
    "SECRET1=hunter2",
    "curl -H 'Authorization: Bearer hunter2'",
  ],
  "a long random number in hexadecimal": [`echo ${HEX}`, `echo ${HEX.toUpperCase()}${HEX}`],
  "a long random text": [`echo ${RANDOM}`, `echo ${RANDOM.slice(0, 20)}+/${RANDOM.slice(20)}==`],
};

const HARMLESS = [
  'export PGPASSWORD="$password"',
  "PASSWORD=$PASSWORD",
  ...[
    `PASSWORD="\${1:?no password}"`,
    `TOKEN=\${TOKEN:-}`,
    `PASSWORD="\${A}\${B}"`,
    `curl -H "Authorization: Bearer \${TOKEN}"`,
  ],
  "PASSWORD=$(aws ssm get-parameter --name /b2b-tenants/prod/acme/env/SECRET_KEY --with-decryption)",
  'TOKEN=$(curl -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token)',
  'curl -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/',
  ...[
    "PASSWORD_FILE=/run/secrets/db",
    "SECRET=/b2b-tenants/prod/acme/env/SECRET_KEY",
    "TOKEN=",
    'PASSWORD=""',
    "lock_passwd: true",
  ],
  ...["printf 'PASSWORD=%s\\n' \"$password\"", "read -rs PASSWORD", "bypass=1", "tokens=12", '[ "$TOKEN" = "" ]'],
  ...[
    "aws secretsmanager get-secret-value --secret-id prod/db",
    "docker login --password-stdin",
    "the password: nobody knows it",
  ],
  "SECRET_ARN=arn:aws:secretsmanager:us-east-1:123456789012:secret:db",
  `echo "${HEX}  agent.deb" | sha256sum -c`,
  `docker pull registry:5000/app@sha256:${HEX}`,
  `npm install x --integrity sha512-${RANDOM}==`,
  '[ "$TOKEN" == "$OTHER" ] && [[ $TOKEN == "" ]]',
  "git checkout 0123456789abcdef0123456789abcdef01234567",
  "curl https://registry.example.com:8443/pkg@1.2.3 https://$USER:$PASS@example.com",
  "yum install -y amazon-cloudwatch-agent-1.300026.0b303-1.amzn2023 AmazonEC2ContainerRegistryReadOnlyPlus2024",
  ...[
    "bash -c 'PASSWORD=$X psql'",
    "bash -c 'PASSWORD='$X' psql'",
    `psql "host=db password='$X'"`,
    "SECRET=fetch(name)",
  ],
  ...[
    "cat <<EOF\nPASSWORD='$PASSWORD'\nEOF",
    `password: '\${PASSWORD}'`,
    "PASSWORD='$(aws ssm get-parameter --name x)'",
  ],
  ...[
    block("CERTIFICATE", RANDOM),
    `ca: |\n    ${block("CERTIFICATE", RANDOM, `${RANDOM}==`).replaceAll("\n", "\r\n    ")}`,
  ],
  JSON.stringify({ ca: block("PUBLIC KEY", RANDOM, RANDOM) }),
  block("PGP PUBLIC KEY BLOCK", "Version: GnuPG v2", "Comment: of the packages", "", RANDOM, "=a1B2"),
];

/** Between the ends of what is for everybody stands something else. */
const NO_BLOCKS = [
  `echo ${block("CERTIFICATE", "export PASSWORD=hunter2").replace("\n-----END", "\necho -----END")}`,
  block("CERTIFICATE", "DBPASSWORD=hunter2"),
  block("CERTIFICATE", RANDOM, "", "PASSWORD: hunter2"),
  block("CERTIFICATE", "Comment: PASSWORD=hunter2"),
  block("PGP PUBLIC KEY BLOCK", "Comment: PASSWORD=hunter2", "", RANDOM),
  block("PGP PUBLIC KEY BLOCK", "", RANDOM, "x PASSWORD=hunter2"),
  `${block("PUBLIC KEY", RANDOM)}\nPASSWORD=hunter2\n${block("PUBLIC KEY", RANDOM)}`,
  `cat <<EOF\nEOF\nPASSWORD='$hunter2'`,
];

describe("policy no-secret-in-user-data", () => {
  const environment = withSettings();

  it("passes the script that every server boots with", async () => {
    environment({ PULUMI_CONFIG: pulumiConfig("postgres", "postgres") });
    const script = bootScript({
      parameterPath: "/b2b-tenants/prod/acme/env",
      region: "us-east-1",
      envFile: "~/farmacruz-ecomerce/backend/.env",
      owner: "ubuntu",
      service: "farmacruz-backend.service",
    });
    assert.deepEqual(await told({ userData: script }), []);
    assert.deepEqual(await told({ userDataBase64: base64(script) }), []);
    assert.deepEqual(await told({ ami: "ami-1" }), []);
  });

  it("passes references to secrets, places that they are kept in, and what is pinned by its hash", async () => {
    for (const line of HARMLESS) assert.deepEqual(await told({ userData: `#!/bin/bash\n${line}\n` }), [], line);
  });

  for (const [kind, lines] of Object.entries(SECRETS)) {
    it(`stops ${kind}, and says on which line`, async () => {
      for (const line of lines) {
        const userData = `#!/bin/bash\n\n${line}\n`;
        const found = await told({ userData });
        assert.ok(found.includes(violation("userData", kind, "line 3")), `${line}: ${found.join()}`);
        assert.doesNotMatch(found.join(), /hunter2|AKIA|ASIA|BEGIN|eyJ|ghp_|pul-|0123|q7Zr/);
      }
    });
  }

  it("stops what hides in a certificate or key that is for everybody, or after a text of a script", async () => {
    for (const text of NO_BLOCKS) assert.match((await told({ userData: text })).join(), new RegExp(CLEAR), text);
  });

  it("stops the admin's password", async () => {
    environment({ PULUMI_CONFIG: pulumiConfig("postgres", "correct horse"), PGPASSWORD: "battery staple" });
    assert.deepEqual(await told({ userData: "#!/bin/bash\nx 'correct horse'\n" }), [
      violation("userData", "the admin's password", "line 2"),
    ]);
    assert.deepEqual(await told({ userData: "#!/bin/bash\nx battery staple\n" }), [
      violation("userData", "the admin's password", "line 2"),
    ]);
  });

  it("tells of every kind once, with its lines", async () => {
    const line = "PASSWORD=hunter2 SECRET=hunter2\n";
    assert.deepEqual(await told({ userData: `${line}\n${line}https://a:b@c\n${line.repeat(5)}` }), [
      violation("userData", "a URL with a password", "line 4"),
      violation("userData", CLEAR, "lines 1, 3, 5, 6, 7 and 2 more"),
    ]);
  });

  it("reads what is packed, in whatever property, of servers and of templates", async () => {
    const script = "#!/bin/bash\nPASSWORD=hunter2\n";
    const packed = [base64(script), base64(gzipSync(script)), base64(script).replace(/.{20}/g, "$&\n")];
    for (const data of packed) {
      for (const [urn, property] of [
        [INSTANCE, "userDataBase64"],
        [INSTANCE, "userData"],
        [TEMPLATE, "userData"],
      ] as const) {
        assert.deepEqual(await told({ [property]: data }, urn), [violation(property, CLEAR, "line 2")]);
      }
    }
    assert.equal((await told({ userData: script, userDataBase64: packed[0] })).length, 2);
    assert.equal((await told({ userData: secret(script) })).length, 1);
  });

  it("stops what nobody can read, and passes over what is not known", async () => {
    const bomb = base64(gzipSync(Buffer.alloc(4 * 1024 * 1024)));
    const binary = base64(Buffer.from([0x7f, 0x45, 0x4c, 0x46, ...Array.from({ length: 20 }, () => 0xff)]));
    const broken = base64(Buffer.concat([gzipSync("#!/bin/bash\n").subarray(0, 12), Buffer.alloc(12, 7)]));
    for (const data of [bomb, binary, broken, 7, { a: 1 }, ["#!/bin/bash"]]) {
      assert.deepEqual(await told({ userDataBase64: data }), [
        "Nobody can read its userDataBase64 here. Give it as text, or as that in Base64 or gzip.",
      ]);
    }
    assert.deepEqual(await told({ userData: UNKNOWN, userDataBase64: secret(UNKNOWN) }), []);
    assert.equal((await told({ userData: UNKNOWN, userDataBase64: 7 })).length, 1);
    assert.equal((await told({ userData: 7, userDataBase64: UNKNOWN })).length, 1);
  });

  it("passes the hash that the provider used to keep in place of user data", async () => {
    assert.deepEqual(await told({ userData: "da39a3ee5e6b4b0d3255bfef95601890afd80709" }), []);
  });
});

function block(what: string, ...lines: string[]): string {
  return [`${BLOCK}${what}-----`, ...lines, `-----END ${what}-----`].join("\n");
}

function violation(property: string, kind: string, lines: string): string {
  return (
    `Its ${property} has ${kind} on ${lines}. Whatever runs on a server reads its user data. ` +
    "Keep it in a parameter, which the server fetches at boot."
  );
}

function base64(data: string | Uint8Array): string {
  return Buffer.from(data as Uint8Array).toString("base64");
}

async function told(props: object, urn = INSTANCE): Promise<string[]> {
  const found = await violations([noSecretInUserData], { urn, props: props as never });
  return found.map((violation) => violation.slice(violation.indexOf("\n") + 1));
}
