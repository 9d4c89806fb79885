import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { parse } from "yaml";
import { addTenant } from "../../ops/add/add-tenant";
import { nextSettings } from "../../ops/add/next-settings";
import { addedJson, addedText } from "../../ops/add/show-added";

const PROD = readFileSync(join(__dirname, "../../Pulumi.prod.yaml"), "utf8");
const KEYS = { frontendUrl: "https://shop.example.com" };

const project = mkdtempSync(join(tmpdir(), "add-"));
after(() => rmSync(project, { recursive: true }));

beforeEach(() => {
  rmSync(project, { recursive: true });
  mkdirSync(join(project, "tenants"), { recursive: true });
  settings("prod", { room: 2 });
});

test("a tenant goes into the fleet stack as long as it has room, without naming it; what exists already is counted", () => {
  const { file, place, settings: made } = add("acme");
  assert.deepEqual(
    [file, made, place],
    ["tenants/acme.yaml", undefined, { stack: "prod", tenants: 1, room: 2, isNew: false }],
  );
  assert.deepEqual(written("tenants/acme.yaml"), KEYS);
});

test("then into the first other stack that says it has room, by its number; a stack that says nothing is somebody's own", () => {
  tenants("prod", "a", "b");
  settings("prod-10", { room: 1, fleet: false });
  settings("prod-9", { room: 1, fleet: false });
  settings("prod-own", { fleet: false });
  assert.equal(add("acme").place.stack, "prod-9");
  assert.deepEqual(written("tenants/acme.yaml"), { ...KEYS, stack: "prod-9" });
  assert.equal(add("bolt").place.stack, "prod-10");
});

test("where none has room, the next stack's settings are made after the fleet stack's", () => {
  tenants("prod", "a", "b");
  settings("prod-2", { fleet: false });
  const { place, settings: made } = add("acme");
  assert.deepEqual([place, made], [{ stack: "prod-3", tenants: 1, room: 2, isNew: true }, "Pulumi.prod-3.yaml"]);
  const model = parse(PROD).config;
  assert.deepEqual(written("Pulumi.prod-3.yaml").config, {
    ...model,
    "b2b-tenants:fleet": false,
    "b2b-tenants:room": 2,
  });
  assert.equal(add("bolt").place.tenants, 2);
  assert.equal(add("cruz").place.stack, "prod-4");
});

test("a fleet stack whose settings do not say takes ten", () => {
  writeFileSync(join(project, "Pulumi.prod.yaml"), PROD.replace(/^.*b2b-tenants:room.*\n/m, ""));
  tenants("prod", ..."abcdefghi");
  assert.deepEqual(add("acme").place, { stack: "prod", tenants: 10, room: 10, isNew: false });
  assert.equal(add("bolt").place.isNew, true);
});

test("a stack that is named takes the tenant, with room or without; further keys are written", () => {
  settings("own", { fleet: false });
  const keys = { ...KEYS, database: { connectionLimit: 3 }, server: { instanceType: "t3.small" }, adopt: true };
  assert.equal(addTenant({ slug: "acme", keys, stack: "own" }, project).place.stack, "own");
  assert.deepEqual(written("tenants/acme.yaml"), { ...keys, stack: "own" });
});

const REFUSED: readonly [what: string, slug: string, keys: object, stack: string | undefined, message: RegExp][] = [
  ["a slug that is none", "Acme-1", KEYS, undefined, /"Acme-1" is not a slug; allowed: a lower-case letter/],
  ["a path", "../x", KEYS, undefined, /is not a slug/],
  ["a tenant that is there", "taken", KEYS, undefined, /there is a tenant taken already: .*taken\.yaml/],
  [
    "a URL that is not https",
    "acme",
    { frontendUrl: "http://x.example.com" },
    undefined,
    /tenants\/acme\.yaml:1:14: 'frontendUrl' must be https/,
  ],
  [
    "a URL that would be other YAML",
    "acme",
    { frontendUrl: "https://x\nadopt: true" },
    undefined,
    /'frontendUrl' must be plain ASCII/,
  ],
  [
    "a limit that is no number",
    "acme",
    { ...KEYS, database: { connectionLimit: "many" } },
    undefined,
    /connectionLimit/,
  ],
  [
    "connections that the server does not have",
    "acme",
    { ...KEYS, database: { connectionLimit: 1590 } },
    undefined,
    /the connection limits of 2 tenants/,
  ],
  [
    "a stack that is unknown",
    "acme",
    KEYS,
    "prdo",
    /--stack "prdo": there is no Pulumi\.STACK\.yaml of that name; there are: prod/,
  ],
];
for (const [what, slug, keys, stack, message] of REFUSED) {
  test(`${what} is refused, and nothing is left of it`, () => {
    settings("prod", { room: 1 });
    tenants("prod", "taken");
    const before = readdirSync(project, { recursive: true });
    assert.throws(() => addTenant({ slug, keys: { ...keys }, stack }, project), message);
    assert.deepEqual(readdirSync(project, { recursive: true }), before);
  });
}

test("several databases, each with its own fleet stack, are refused: the file is written by hand", () => {
  writeFileSync(join(project, "Pulumi.east2.yaml"), PROD.replace("tenantsDir: tenants", "tenantsDir: tenants-east2"));
  assert.throws(
    () => add("acme"),
    /add works where one stack .*, and Pulumi\.east2\.yaml, Pulumi\.prod\.yaml have: write the tenant's file by hand, in/,
  );
});

test("a file whose name differs in case alone is the same tenant", () => {
  tenants("prod", "Acme");
  assert.throws(() => add("acme"), /there is a tenant acme already: .*Acme\.yaml/);
});

test("secrets are copied with the salt or the key that opens them, and not without", () => {
  const secret = { secure: "v1:x:y" };
  const text = (head: string) =>
    `${head}config:\n  a:plain: x\n  b2b-tenants:adminPassword:\n    secure: v1:x:y\n  a:list: [{ "secure": "z" }]\n`;
  const made = (head: string) => {
    const { text: next, ...rest } = nextSettings("Pulumi.prod.yaml", text(head), 5);
    return { ...rest, ...parse(next) };
  };
  const own = { "b2b-tenants:fleet": false, "b2b-tenants:room": 5 };
  const all = { "a:plain": "x", "b2b-tenants:adminPassword": secret, "a:list": [{ secure: "z" }], ...own };
  assert.deepEqual(made("encryptionsalt: v1:salt\n"), {
    encryptionsalt: "v1:salt",
    config: all,
    missing: [],
    secretsProvider: undefined,
    samePassphrase: true,
  });
  assert.deepEqual(made("secretsprovider: awskms://k?region=r\nencryptedkey: k\n"), {
    secretsprovider: "awskms://k?region=r",
    encryptedkey: "k",
    config: all,
    missing: [],
    secretsProvider: "awskms://k?region=r",
    samePassphrase: false,
  });
  assert.deepEqual(made(""), {
    config: { "a:plain": "x", ...own },
    missing: ["b2b-tenants:adminPassword", "a:list"],
    secretsProvider: undefined,
    samePassphrase: false,
  });
});

test("what to do next is told, for a new stack too; what a shell would act on is quoted", () => {
  const first = addedText(add("acme"));
  assert.match(
    first,
    /^tenants\/acme\.yaml: written\. Its stack is prod, which now has 1 of the 2 tenants that it takes\.\n\nNext:\n {2}git add tenants\/acme\.yaml /,
  );
  assert.doesNotMatch(first, /stack init/);
  writeFileSync(
    join(project, "Pulumi.prod.yaml"),
    `secretsprovider: "awskms://k'; rm x"\nencryptedkey: k\n${PROD.replace("room: 10", "room: 1")}`,
  );
  const next = add("bolt");
  assert.match(addedText(next), /\n {2}npx pulumi stack init prod-2 --secrets-provider 'awskms:\/\/k'\\''; rm x'\n/);
  assert.match(addedText(next), /\n {2}npx b2b-tenants fleet up --stack prod-2 /);
  assert.equal(JSON.parse(addedJson(next)).settings, "Pulumi.prod-2.yaml");
  const missing = {
    missing: ["b2b-tenants:adminPassword"],
    text: "",
    secretsProvider: undefined,
    samePassphrase: false,
  };
  assert.match(addedText({ ...next, next: missing }), /config set --secret b2b-tenants:adminPassword --stack prod-2 /);
});

function add(slug: string) {
  return addTenant({ slug, keys: KEYS, stack: undefined }, project);
}

/** The repository's own settings, with these of the namespace instead. */
function settings(stack: string, { room, fleet = true }: { room?: number; fleet?: boolean }): void {
  const text = PROD.replace(/^.*b2b-tenants:room.*\n/m, room === undefined ? "" : `  b2b-tenants:room: ${room}\n`);
  writeFileSync(
    join(project, `Pulumi.${stack}.yaml`),
    text.replace("b2b-tenants:fleet: true", `b2b-tenants:fleet: ${fleet}`),
  );
}

function tenants(stack: string, ...slugs: string[]): void {
  const more = stack === "prod" ? "" : `stack: ${stack}\n`;
  for (const slug of slugs)
    writeFileSync(join(project, "tenants", `${slug}.yaml`), `frontendUrl: https://x.example.com\n${more}`);
}

function written(path: string) {
  return parse(readFileSync(join(project, path), "utf8"));
}
