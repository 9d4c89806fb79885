import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutSecrets } from "../../ops/ci/without-secrets";
import { byTenant } from "../../ops/preview-comment/by-tenant";
import { previewComment } from "../../ops/preview-comment/comment";
import { violationsIn } from "../../ops/preview-comment/event-log";
import { parsePreviewDigest } from "../../ops/preview-comment/preview-digest";
import { error, of, platform, policyEvent, preview, root, type Step, violated } from "./preview-comment-builders";

// The engine masks what it knows to be secret. What it does not know, or what somebody's message repeats, is kept back here.

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const WRAPPED = (value: string) => ({ [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", value: JSON.stringify(value) });
const OUTPUT = (value: string) => ({ [SIGNATURE]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", value, secret: true });

/** Each holds "hunter2", or a part of it. */
const MESSAGES: readonly string[] = [
  "connection to postgresql://postgres:hunter2@db.example.com refused",
  'parse "postgresql://postgres:hun/ter2@db.example.com/x": invalid port',
  "parse postgres://u:hun@ter2@db/x",
  "parse postgres://u:hun'ter2@db/x",
  'parse "postgres://u:hun:ter2#?@db/x"',
  "clone https://hunter2@github.com/o/n",
  "DATABASE_URL=postgresql://user_acme@db/x?password=hunter2&sslmode=require",
  "host=db user=postgres password=hunter2 dbname=x",
  "host=db user=postgres password='hun ter2' dbname=x",
  "alter role \"user_acme\" with login password 'hunter2'",
  "ALTER ROLE user_acme PASSWORD E'hun\\'ter2' LOGIN",
  "PGPASSWORD=hunter2 psql",
  'export SECRET_KEY="hun\\"ter2"',
  '{"adminPassword":"hunter2","host":"db"}',
  '{"adminPassword": "hun\\"ter2"}',
  "{ user: 'postgres', password: 'hunter2' }",
  "AWS_SECRET_ACCESS_KEY=hunter2",
  "password=hun,ter2",
  "password=hun;ter2;,",
  "curl -H 'Authorization: Bearer hunter2' x",
  'headers: {"Authorization": "Basic hunter2=="}',
  '{\\"authorization\\":\\"token hunter2\\"}',
  `cannot log in with ${"ghp_"}${"hunter2".repeat(5)}`,
  `cannot log in with ${"github_pat_"}${"hunter2_".repeat(5)}`,
  `the key ${"AKIA"}HUNTER2HUNTER2XY is not known`,
  `cannot read:\n${"-----BEGIN "}RSA PRIVATE KEY-----\nhun\nter2\n-----END RSA PRIVATE KEY-----\nx`,
  `read: ${"-----BEGIN "}PRIVATE KEY-----\\nhun\\nter2`,
  "x:\n  password: hunter2\n  y: 1",
  "- db_password: hun ter2",
  "b2b-tenants:adminPassword: hunter2",
  "    ~ password : hunter2 => hunter2",
  `unmarshalling ${JSON.stringify(WRAPPED("hunter2"))}`,
];

for (const message of MESSAGES) {
  test(`no secret is left in: ${message}`, () => {
    for (const text of [withoutSecrets(message), commentOf([], message)]) assert.doesNotMatch(text, /hun|ter2/i);
  });
}

for (const message of [
  'password authentication failed for user "postgres"',
  "Pulumi.prod.yaml: b2b-tenants:adminPassword must be encrypted",
  "tenants/acme.yaml:4:3: 'rotation.password' must be an integer, got \"x\"",
  "'frontendUrl' must be https, got \"http://shop.example.com/@x\"",
  "the server says: invalid token: it has expired",
  "adminPassword:\n  secure: v1:x",
  `${"-----BEGIN "}CERTIFICATE-----\nx\n-----END CERTIFICATE-----`,
  "cannot reach https://sts.us-east-1.amazonaws.com: write to ops@example.com",
]) {
  test(`left as it is: ${message}`, () => {
    assert.equal(withoutSecrets(message), message);
  });
}

test("a long message that looks like logins and secrets everywhere is read in linear time", () => {
  const pieces = ["a://", "a://b:", "password=", "password ", "password='", 'password="\\', "a:", '"value":"'];
  const others = [
    "\npassword: ",
    "- ",
    "password:",
    "authorization: ",
    "bearer ",
    "ghp_",
    "eyJaaaaaaaa.",
    "-----BEGIN ",
  ];
  for (const piece of [...pieces, ...others, "A ", "\t", "-----BEGIN PRIVATE KEY-----"]) {
    const text = `${SIGNATURE}${piece.repeat(200_000)}`;
    assert.ok(withoutSecrets(text).length > 0);
  }
});

const VALUES: readonly [string, Step][] = [
  ["a parameter of a secret's name, in clear", changed("-env-SECRET_KEY", "insecureValue", "hunter2-a", "hunter2-b")],
  ["the same of the database's URL", changed("-env-DATABASE_URL", "insecureValue", "hunter2-a", "hunter2-b")],
  ["wrapped as the engine does", changed("-role", "comment", WRAPPED("hunter2-a"), WRAPPED("hunter2-b"))],
  ["wrapped as an output", changed("-role", "comment", OUTPUT("hunter2-a"), OUTPUT("hunter2-b"))],
  [
    "wrapped, inside of a text",
    changed("-role", "comment", JSON.stringify(WRAPPED("hunter2-a")), JSON.stringify(WRAPPED("hunter2-b"))),
  ],
  ["in user data", changed("-instance", "userData", "export SECRET_KEY=hunter2-a", "export SECRET_KEY=hunter2-b")],
  ["in user data that nobody can read", changed("-instance", "userDataBase64", "hunter2-a", "hunter2-b")],
  ["in a list", changed("-role", "parameters", ["x", "password=hunter2-a"], ["x", "password=hunter2-b"])],
  [
    "deep inside",
    changed("-instance", "tags", { a: [{ b: { apiKey: "hunter2-a" } }] }, { a: [{ b: { apiKey: "hunter2-b" } }] }),
  ],
  ["a whole value that comes", changed("-instance", "tags", undefined, { x: { credentials: "hunter2-b" } })],
  [
    "in what was changed by hand",
    of("acme", "update", "-env-SECRET_KEY", {
      before: { insecureValue: "x" },
      outputs: { insecureValue: "hunter2-a" },
      after: { insecureValue: "x" },
      detailed: { insecureValue: "update" },
    }),
  ],
  [
    "of a server that takes another's place",
    of("acme", "create", "-instance-2", { after: { userData: "SECRET_KEY=hunter2-b" } }),
  ],
  [
    "in the name of what is made",
    of("acme", "create", "-role", { after: { name: "postgres://u:hunter2@h", connectionLimit: "password=hunter2" } }),
  ],
  ["where a number is shown", changed("-role", "connectionLimit", WRAPPED("hunter2-a"), "password=hunter2-b")],
  ["where a number is shown, masked", changed("-role", "connectionLimit", "[secret]", "postgres://hunter2-b@x")],
  [
    "where a text is shown",
    changed(
      "-env-ALLOWED_ORIGINS",
      "insecureValue",
      "https://x,https://u:hunter2-a@x",
      "https://x,SECRET_KEY=hunter2-b",
    ),
  ],
  [
    "where a text is shown, wrapped",
    changed("-env-FRONTEND_URL", "insecureValue", "x", JSON.stringify({ [SIGNATURE]: "x", value: 12345 })),
  ],
  [
    "where a value is shown, as the resource's own states say",
    of("acme", "update", "-role", {
      before: { connectionLimit: "hunter2-a" },
      after: { connectionLimit: "hunter2-b" },
      secretOutputs: ["connectionLimit"],
    }),
  ],
  [
    "of the provider",
    platform("update", "database-admin", { before: { pwd: "hunter2-a" }, after: { pwd: "hunter2-b" } }),
  ],
];

for (const [name, step] of VALUES) {
  test(`a secret is kept: ${name}`, () => {
    const old = of("acme", "delete", "-instance", { before: { userData: "SECRET_KEY=hunter2-a" } });
    const whole = [step, ...(step.op === "create" ? [old, of("acme", "create", "", { after: {} })] : [])];
    const comment = commentOf(whole);
    assert.doesNotMatch(comment, /hunter2|12345|\[secret\]/);
    const longer = JSON.parse(JSON.stringify(whole).replaceAll("hunter2", "hunter2".repeat(40)));
    assert.equal(commentOf(longer), comment, "its length is told");
  });
}

test("a secret in what a policy says is kept, of the log and of a rehearsal", () => {
  for (const message of MESSAGES) {
    const comment = previewComment(
      [
        byTenant(
          "prod",
          parsePreviewDigest(preview([root([])], [violated("one", "urn", `${message}\n${message}`)]), "p"),
          violationsIn(
            [policyEvent("two", "urn", message), policyEvent("three", "urn", `aim\n${message}`, "advisory")].join("\n"),
            "log",
          ),
        ),
      ],
      undefined,
    );
    assert.match(comment, /policy `one`(?:.|\n)*policy `two`|policy `two`(?:.|\n)*policy `one`/);
    assert.doesNotMatch(comment, /hun|ter2/i);
  }
});

function changed(purpose: string, property: string, from: unknown, to: unknown): Step {
  return of("acme", "update", purpose, {
    before: { [property]: from },
    after: { [property]: to },
    reasons: [property],
  });
}

function commentOf(steps: readonly Step[], message?: string): string {
  const text = preview([root([]), ...steps], message === undefined ? [] : [error(message)]);
  return previewComment([byTenant("prod", parsePreviewDigest(text, "prod"))], undefined);
}
