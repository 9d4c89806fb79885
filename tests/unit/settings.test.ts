import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { FileErrors } from "../../domain/file-errors";
import { checkSettings, type RawSettings } from "../../domain/settings-file";

const FILE = join(__dirname, "..", "..", "Pulumi.prod.yaml");
const SECRET = "hunter2-admin-password";

type Config = Record<string, unknown>;

/** The production stack's own file, with the password that it leaves to whoever deploys. */
function prod(): Config {
  return { ...parse(readFileSync(FILE, "utf8")).config, "b2b-tenants:adminPassword": SECRET };
}

function raw(config: Config, more: Partial<RawSettings> = {}): RawSettings {
  // As the engine hands it over: texts as they are, everything else as JSON.
  const entries = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return {
    stack: "prod",
    config: Object.fromEntries(entries),
    isSecret: () => true,
    environmentPassword: undefined,
    ...more,
  };
}

function errorsOf(settings: RawSettings): readonly string[] {
  try {
    checkSettings(settings);
  } catch (error) {
    assert.ok(error instanceof FileErrors);
    assert.doesNotMatch(error.message, /hunter2/);
    return error.errors.map((error) => error.replace(/^Pulumi\.prod\.yaml: /, ""));
  }
  return [];
}

/** The production settings with one value changed; `undefined` takes it away. */
function changed(path: string, value: unknown): RawSettings {
  const config = structuredClone(prod());
  const [key = "", ...rest] = path.split(".");
  const keys = [key.includes(":") ? key : `b2b-tenants:${key}`, ...rest];
  const last = keys.pop() ?? "";
  const holder = keys.reduce<Config>((at, part) => at[part] as Config, config);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return raw(config);
}

/** The guide's "When to scale up", as the defaults have it. */
const GUIDE = {
  cpuPercent: 80,
  freeableMemory: 100,
  freeStoragePercent: 10,
  connectionsWarning: 15,
  connectionsAlarm: 18,
};

test("the production stack's file is complete and valid", () => {
  const { spec, adminPassword } = checkSettings(raw(prod()));
  assert.equal(adminPassword, SECRET);
  assert.deepEqual(spec.database, {
    host: "b2b-platform.ccn22ys0s7ya.us-east-1.rds.amazonaws.com",
    port: 5432,
    name: "postgres",
    adminUser: "postgres",
    sslmode: "require",
  });
  assert.deepEqual(spec.limits, {
    connectionLimit: 10,
    statementTimeout: 30_000,
    idleInTransactionTimeout: 60_000,
    maxConnections: 1600,
    reserve: 10,
  });
  assert.deepEqual(spec.alarms?.thresholds, GUIDE);
  assert.deepEqual(
    [spec.environment, spec.aws.region, spec.tenantsDir, spec.fleet],
    ["prod", "us-east-1", "tenants", true],
  );
  assert.doesNotMatch(JSON.stringify(spec), /hunter2/);
});

test("the production stack's file carries no secret", () => {
  const text = readFileSync(FILE, "utf8").replace(/#.*$/gm, "");
  assert.doesNotMatch(text, /password|secure:|encryptionsalt/i);
});

test("what has a default may be left out", () => {
  const config = structuredClone(prod()) as Record<string, Record<string, unknown>>;
  delete config["b2b-tenants:alarms"]?.thresholds;
  delete config["b2b-tenants:database"]?.port;
  delete config["b2b-tenants:database"]?.sslmode;
  delete config["b2b-tenants:network"]?.ingress;
  delete config["b2b-tenants:tenantsDir"];
  const { spec } = checkSettings(raw(config));
  assert.deepEqual(
    [spec.database.port, spec.database.sslmode, spec.network.ingress, spec.tenantsDir],
    [5432, "require", [], "tenants"],
  );
  assert.deepEqual(spec.alarms?.thresholds, GUIDE);
});

test("without the section there are no alarms; of the thresholds each may be given alone", () => {
  assert.equal("alarms" in checkSettings(changed("alarms", undefined)).spec, false);
  const { alarms } = checkSettings(changed("alarms.thresholds", { connectionsAlarm: 500 })).spec;
  assert.deepEqual(alarms?.thresholds, { ...GUIDE, connectionsAlarm: 500 });
});

test("the placeholders that are left are refused, each at its line, where the stack is used as its file says", () => {
  const folder = join(FILE, "..");
  const marked = readFileSync(FILE, "utf8").split("\n");
  const errors = errorsOf(raw(prod(), { folder })).map((error) => {
    const [, line, key] =
      /^Pulumi\.prod\.yaml:(\d+):\d+: '(\S+)' must be a value of your own, got the placeholder "/.exec(error) ?? [];
    // Its comment stands above it, or above the list that it is in.
    const comment = marked
      .slice(0, Number(line))
      .filter((text) => /^ *#.*[A-Z]{5}/.test(text))
      .at(-1);
    return [key, comment?.match(/[A-Z]{5,}/)?.[0]];
  });
  assert.deepEqual(errors, [
    ["b2b-tenants:network.vpcId", "PLACEHOLDER"],
    ["b2b-tenants:network.subnetIds[0]", "PLACEHOLDERS"],
    ["b2b-tenants:network.subnetIds[1]", "PLACEHOLDERS"],
    ["b2b-tenants:network.databaseSecurityGroupId", "PLACEHOLDER"],
    ["b2b-tenants:server.ami", "PLACEHOLDER"],
    ["b2b-tenants:backups.destination", "PLACEHOLDER"],
    ["b2b-tenants:alarms.addresses[0]", "PLACEHOLDER"],
  ]);
  const marks = marked.filter((text) => /^ +# PLACEHOLDERS?:/.test(text));
  assert.equal(marks.length, errors.length - 1, "a value that is marked is not refused");
  // Set by another file, or not at this place: without a line.
  const elsewhere = errorsOf(
    raw({ ...prod(), "b2b-tenants:backups": { destination: "s3://replace-with-your-backups" } }, { folder }),
  );
  assert.match(
    elsewhere[5] ?? "",
    /^'b2b-tenants:backups\.destination' must be a value of your own, got the placeholder "s3:/,
  );
  assert.deepEqual(errorsOf(raw(prod(), { folder: join(folder, "missing") })).length, errors.length);
});

test("a default that other settings rule out is told as one", () => {
  const config = prod() as Record<string, Record<string, unknown>>;
  config["b2b-tenants:limits"] = { ...config["b2b-tenants:limits"], maxConnections: 18, reserve: 0 };
  delete config["b2b-tenants:alarms"]?.thresholds;
  assert.deepEqual(errorsOf(raw(config)), [
    "'b2b-tenants:alarms.thresholds.connectionsAlarm' is missing, and its default is 18; it must be less than limits.maxConnections, 18",
  ]);
});

const COMMAND = "npx pulumi config set --secret b2b-tenants:adminPassword --stack prod";

test("no admin password is one error that names both ways and the command", () => {
  assert.deepEqual(errorsOf(changed("adminPassword", undefined)), [
    `'b2b-tenants:adminPassword' is missing, and so is PGPASSWORD in the environment; allowed: one of them. To set it: ${COMMAND}`,
  ]);
  assert.equal(errorsOf({ ...changed("adminPassword", ""), environmentPassword: "" }).length, 1);
});

test("PGPASSWORD takes the place of the setting, and the setting goes first", () => {
  const environmentPassword = "from-the-environment";
  const without = { ...changed("adminPassword", undefined), environmentPassword };
  assert.equal(checkSettings(without).adminPassword, environmentPassword);
  assert.equal(checkSettings(raw(prod(), { environmentPassword })).adminPassword, SECRET);
});

test("an admin password in plain text is refused, and not shown", () => {
  assert.deepEqual(errorsOf(raw(prod(), { isSecret: () => false })), [
    `'b2b-tenants:adminPassword' must be encrypted, got plain text; change the password of the admin, then: ${COMMAND}`,
  ]);
});

const rule = (over: object) => [{ port: 443, cidr: "0.0.0.0/0", description: "HTTPS", ...over }];
const CIDR = "must be an address range without host bits, for example 203.0.113.0/24 or 2001:db8::/32";
const PATH = "must be a path that starts with / or ~/, of letters, digits, _, -, . and /";
const ADDRESS =
  "must be an e-mail address, for example ops@example.com: letters, digits and ._+- before the @, and a domain name after it";
const ENVIRONMENT = "must be a name of lower-case letters, digits and _, of at most 30 characters, for example prod";
const INSTANCE = "must be the identifier of an RDS instance in lower case, for example b2b-platform";

// biome-ignore format: one setting a line is a table; broken up it is none
const bad: [path: string, value: unknown, error: string][] = [
  ["environment", undefined, `'b2b-tenants:environment' is missing; it ${ENVIRONMENT}`],
  ["environment", "prod-eu", `'b2b-tenants:environment' ${ENVIRONMENT}, got "prod-eu"`],
  ["environment", "Prod", `'b2b-tenants:environment' ${ENVIRONMENT}, got "Prod"`],
  ["environment", "1234", `'b2b-tenants:environment' ${ENVIRONMENT}, got "1234"`],
  ["database", undefined, "'b2b-tenants:database' is missing; it must be a mapping of keys and values"],
  ["database", "postgresql://u:hunter2@h/d", "'b2b-tenants:database' must be a mapping of keys and values, got a text"],
  ["database.host", "db.example.com;x", `'b2b-tenants:database.host' must be a host name or an IP address, got "db.example.com;x"`],
  ["database.port", "5432", `'b2b-tenants:database.port' must be an integer from 1 to 65535, got "5432"`],
  ["database.port", 0, "'b2b-tenants:database.port' must be an integer from 1 to 65535, got 0"],
  ["database.name", `a"b`, `'b2b-tenants:database.name' must be a database's name of letters, digits, _ and -, got "a\\"b"`],
  ["database.adminUser", "", `'b2b-tenants:database.adminUser' must be a role's name of letters, digits, _ and -, got ""`],
  ["database.sslmode", "prefer", `'b2b-tenants:database.sslmode' must be require, verify-ca, verify-full or disable, got "prefer"`],
  ["database.password", "hunter2", `unknown key "password" in 'b2b-tenants:database'; allowed: host, port, name, adminUser, sslmode`],
  ["network.vpcId", "vpc-x", `'b2b-tenants:network.vpcId' must be a VPC id, for example vpc-0123456789abcdef0, got "vpc-x"`],
  ["network.subnetIds", [], "'b2b-tenants:network.subnetIds' must be a list of at least one subnet id, got a list"],
  ["network.subnetIds", ["a"], `'b2b-tenants:network.subnetIds[0]' must be a subnet id, for example subnet-0123456789abcdef0, got "a"`],
  ["network.databaseSecurityGroupId", undefined, "'b2b-tenants:network.databaseSecurityGroupId' is missing; it must be a security group's id, for example sg-0123456789abcdef0"],
  ["network.ingress", rule({ port: 22 }), "'b2b-tenants:network.ingress[0].port' must not be 22: servers have no SSH, Session Manager is the way in, got 22"],
  ["network.ingress", rule({ cidr: "10.0.0.1/8" }), `'b2b-tenants:network.ingress[0].cidr' ${CIDR}, got "10.0.0.1/8"`],
  ["network.ingress", rule({ cidr: "10.0.0.0/33" }), `'b2b-tenants:network.ingress[0].cidr' ${CIDR}, got "10.0.0.0/33"`],
  ["network.ingress", rule({ cidr: "10.0.0.0" }), `'b2b-tenants:network.ingress[0].cidr' ${CIDR}, got "10.0.0.0"`],
  ["network.ingress", rule({ cidr: "2001:db8::1/64" }), `'b2b-tenants:network.ingress[0].cidr' ${CIDR}, got "2001:db8::1/64"`],
  ["network.ingress", rule({ description: "línea" }), `'b2b-tenants:network.ingress[0].description' must be 1 to 255 of the characters that AWS allows in a rule's description: letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*, got "línea"`],
  ["network.ingress", [...rule({}), ...rule({ description: "again" })], "'b2b-tenants:network.ingress[1]' must not repeat the port and cidr of another rule, got a mapping"],
  ["server.ami", "latest", `'b2b-tenants:server.ami' must be an AMI's id, for example ami-0123456789abcdef0, got "latest"`],
  ["server.envFile", "backend/.env", `'b2b-tenants:server.envFile' ${PATH}, got "backend/.env"`],
  ["server.envFile", "~/../.env", `'b2b-tenants:server.envFile' ${PATH}, got "~/../.env"`],
  ["server.envFile", "/a b/.env", `'b2b-tenants:server.envFile' ${PATH}, got "/a b/.env"`],
  ["server.envFile", "/$(id)/.env", `'b2b-tenants:server.envFile' ${PATH}, got "/$(id)/.env"`],
  ["server.owner", "root; id", `'b2b-tenants:server.owner' must be the name of a login, for example ubuntu, got "root; id"`],
  ["server.service", "-x", `'b2b-tenants:server.service' must be the name of a systemd unit, for example backend.service, got "-x"`],
  ["backups.destination", "gs://bucket", `'b2b-tenants:backups.destination' must be a folder, or s3://BUCKET/PREFIX, got "gs://bucket"`],
  ...["s3//bucket/tenants", " s3://bucket/x", "gs+x://y", "~/backups", "  ", "backups ", "a//b"].map((place): [string, unknown, string] => [
    "backups.destination",
    place,
    `'b2b-tenants:backups.destination' must be a folder, or s3://BUCKET/PREFIX, got "${place}"`,
  ]),
  ...["..", "::::::", "999.999.999.999", "db..example.com", "-db.example.com", "db_1.example.com"].map((host): [string, unknown, string] => [
    "database.host",
    host,
    `'b2b-tenants:database.host' must be a host name or an IP address, got "${host}"`,
  ]),
  ...["2001:0db8::1", "2001:DB8::1", "::FFFF:10.0.0.1"].map((host): [string, unknown, string] => [
    "database.host",
    host,
    `'b2b-tenants:database.host' must be spelt as URLs have it, ${new URL(`http://[${host}]`).hostname.slice(1, -1)}, got "${host}"`,
  ]),
  ["limits.defaults.statementTimeout", 30, "'b2b-tenants:limits.defaults.statementTimeout' must be a whole number and ms, s, min or h, for example 30s or 5min, at most 596h; 0s means no limit, got 30"],
  ["limits.reserve", 1595, "'b2b-tenants:limits.defaults.connectionLimit' must be at most maxConnections less reserve, 5, got 10"],
  ["limits.reserve", 1600, "'b2b-tenants:limits.reserve' must be less than maxConnections, 1600, got 1600"],
  ["alarms", "ops@example.com", "'b2b-tenants:alarms' must be a mapping of keys and values, got a text"],
  ["alarms.adress", "x", `unknown key "adress" in 'b2b-tenants:alarms'; allowed: addresses, databaseInstance, allocatedStorage, thresholds`],
  ["alarms.addresses", undefined, "'b2b-tenants:alarms.addresses' is missing; it must be a list of e-mail addresses"],
  ["alarms.addresses", "ops@example.com", "'b2b-tenants:alarms.addresses' must be a list of e-mail addresses, got a text"],
  ["alarms.addresses", [], "'b2b-tenants:alarms.addresses' must be a list of at least one e-mail address, got a list"],
  ["alarms.addresses", ["ops"], `'b2b-tenants:alarms.addresses[0]' ${ADDRESS}, got "ops"`],
  ["alarms.addresses", ["josé@example.com"], `'b2b-tenants:alarms.addresses[0]' ${ADDRESS}, got "***@example.com"`],
  ["alarms.addresses", ["a@b.com,c@d.com"], `'b2b-tenants:alarms.addresses[0]' ${ADDRESS}, got "***@d.com"`],
  ["alarms.addresses", ["ops@example.com\n"], `'b2b-tenants:alarms.addresses[0]' ${ADDRESS}, got "***@example.com\\n"`],
  ["alarms.addresses", ["ops@example.com", "OPS@Example.com"], `'b2b-tenants:alarms.addresses[1]' must not repeat another address, got "***@Example.com"`],
  ["alarms.databaseInstance", undefined, `'b2b-tenants:alarms.databaseInstance' is missing; it ${INSTANCE}`],
  ["alarms.databaseInstance", "B2B-platform", `'b2b-tenants:alarms.databaseInstance' ${INSTANCE}, got "B2B-platform"`],
  ["alarms.databaseInstance", "b2b--platform", `'b2b-tenants:alarms.databaseInstance' ${INSTANCE}, got "b2b--platform"`],
  ["alarms.allocatedStorage", undefined, "'b2b-tenants:alarms.allocatedStorage' is missing; it must be an integer from 5 to 65536"],
  ["alarms.allocatedStorage", "20 GiB", `'b2b-tenants:alarms.allocatedStorage' must be an integer from 5 to 65536, got "20 GiB"`],
  ["alarms.thresholds", null, "'b2b-tenants:alarms.thresholds' must be a mapping of keys and values, got an empty value"],
  ["alarms.thresholds.cpu", 80, `unknown key "cpu" in 'b2b-tenants:alarms.thresholds'; allowed: cpuPercent, freeableMemory, freeStoragePercent, connectionsWarning, connectionsAlarm`],
  ["alarms.thresholds.cpuPercent", 100, "'b2b-tenants:alarms.thresholds.cpuPercent' must be an integer from 1 to 99, got 100"],
  ["alarms.thresholds.freeableMemory", 0, "'b2b-tenants:alarms.thresholds.freeableMemory' must be an integer from 1 to 16777216, got 0"],
  ["alarms.thresholds.freeStoragePercent", 9.5, "'b2b-tenants:alarms.thresholds.freeStoragePercent' must be an integer from 1 to 99, got 9.5"],
  ["alarms.thresholds.connectionsWarning", 18, "'b2b-tenants:alarms.thresholds.connectionsAlarm' must be more than connectionsWarning, 18, got 18"],
  ["alarms.thresholds.connectionsAlarm", 15, "'b2b-tenants:alarms.thresholds.connectionsAlarm' must be more than connectionsWarning, 15, got 15"],
  ["alarms.thresholds", { connectionsWarning: 20 }, "'b2b-tenants:alarms.thresholds.connectionsAlarm' is missing, and its default is 18; it must be more than connectionsWarning, 20"],
  ["alarms.thresholds.connectionsAlarm", 1600, "'b2b-tenants:alarms.thresholds.connectionsAlarm' must be less than limits.maxConnections, 1600, got 1600"],
  ["tenantsDir", "", `'b2b-tenants:tenantsDir' must be a folder, relative to the project folder or absolute, got ""`],
  ["fleet", "yes", `'b2b-tenants:fleet' must be true or false, got "yes"`],
  ["fleet", undefined, "'b2b-tenants:fleet' is missing; it must be true or false"],
  ["tenantDir", "x", `unknown key "tenantDir" in 'b2b-tenants', did you mean 'tenantsDir'? allowed: environment, database, network, server, backups, limits, migrations, alarms, tenantsDir, room, fleet`],
  ["aws:region", undefined, "'aws:region' is missing; it must be an AWS region, for example us-east-1"],
  ["aws:region", "Virginia", `'aws:region' must be an AWS region, for example us-east-1, got "Virginia"`],
];

for (const [path, value, error] of bad) {
  test(`${path} = ${JSON.stringify(value)?.slice(0, 60)} is refused`, () => {
    assert.deepEqual(errorsOf(changed(path, value)), [error]);
  });
}

test("hosts are names or addresses, backups go to folders or buckets", () => {
  for (const host of ["db", "DB-1.example.com", "10.0.0.1", "2001:db8::1", "::1", "xn--a.example"]) {
    assert.deepEqual(errorsOf(changed("database.host", host)), []);
  }
  for (const place of [
    "b",
    "backups",
    "./backups",
    "../b/c",
    "/srv//backups",
    "/srv/my backups",
    "s3://my-bucket/a/b_c/",
  ]) {
    assert.deepEqual(errorsOf(changed("backups.destination", place)), []);
  }
});

test("IPv4 and IPv6 ranges are taken", () => {
  for (const cidr of ["203.0.113.7/32", "10.0.0.0/8", "::/0", "2001:db8::/32", "2001:db8::1/128"]) {
    assert.deepEqual(errorsOf(changed("network.ingress", rule({ cidr }))), []);
  }
});

test("all errors arrive together, each with the stack's file before it", () => {
  const settings = raw({ "b2b-tenants:fleet": "maybe" }, { stack: "prod-acme" });
  assert.throws(
    () => checkSettings(settings),
    (error: FileErrors) =>
      error.errors.length === 9 && error.errors.every((error) => error.startsWith("Pulumi.prod-acme.yaml: '")),
  );
});
