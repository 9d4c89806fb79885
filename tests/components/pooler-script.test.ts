import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { poolerValue } from "../../domain/pooler";
import { ARGS, Machine, STARTS_THE_RUN, VALUES } from "./machine";

const DATABASE_URL = "postgresql://user_acme:0123abcXYZ@db.example.com:5432/postgres?sslmode=require";
const SECOND = DATABASE_URL.replace("user_acme:0123", "user2_acme:9876");
const FOLDER = "/etc/b2b-tenants-pooler";
const INI = `${FOLDER}/pgbouncer.ini`;
const UNIT = "b2b-tenants-pooler.service";

const TRANSACTION = { ...VALUES, DATABASE_URL, POOLER: poolerValue("transaction", 10) ?? "" };
const SESSION = { ...TRANSACTION, POOLER: poolerValue("session", 10) ?? "" };

let machine: Machine;

beforeEach(() => {
  machine = new Machine();
  machine.parameters(TRANSACTION);
});

afterEach(() => machine.remove());

const read = (path: string) => readFileSync(machine.path(path), "utf8");
const urlOf = () => /^DATABASE_URL=(.*)$/m.exec(read(ARGS.envFile))?.[1];
const systemctl = () => machine.calls().flatMap((call) => /^systemctl (.*) region=.*$/.exec(call)?.[1] ?? []);
const toPooler = () => systemctl().filter((call) => call.includes(UNIT) && !call.startsWith("is-active"));
const restarts = (calls: string[]) => calls.filter((call) => call === `restart --no-block ${ARGS.service}`).length;

/** The first start, without what it did. */
function booted(values: Record<string, string> = TRANSACTION): void {
  machine.parameters(values);
  const { status, output } = machine.boot();
  assert.equal(status, 0, output);
  machine.runAgain();
  machine.calls();
}

test("a server with a pooler: its .env names the pooler, whose files hold what PgBouncer needs, for it and root alone", () => {
  const { status, output } = machine.boot();
  assert.equal(status, 0, output);
  const [, word = ""] = /^"backend" "([0-9a-f]{64})"\n$/.exec(read(`${FOLDER}/userlist.txt`)) ?? [];
  assert.equal(urlOf(), `postgresql://backend:${word}@127.0.0.1:6433/postgres?sslmode=disable`);
  assert.doesNotMatch(read(ARGS.envFile), /POOLER|0123abcXYZ/);
  const folder = machine.path(FOLDER);
  assert.equal(
    read(INI),
    `[databases]
postgres = host='db.example.com' port=5432 dbname='postgres' user='user_acme' password='0123abcXYZ' pool_size=8 min_pool_size=1
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = 6433
unix_socket_dir = ${machine.path("/run/b2b-tenants-pooler")}
auth_type = scram-sha-256
auth_file = ${folder}/userlist.txt
pool_mode = transaction
max_client_conn = 1000
max_db_connections = 8
query_wait_timeout = 60
server_login_retry = 1
server_tls_sslmode = require
ignore_startup_parameters = extra_float_digits
log_connections = 0
log_stats = 0
track_extra_parameters = IntervalStyle, search_path
max_prepared_statements = 200
`,
  );
  assert.deepEqual(readdirSync(folder).sort(), ["pgbouncer.ini", "userlist.txt"]);
  assert.deepEqual(
    [FOLDER, INI, `${FOLDER}/userlist.txt`].map((path) => (statSync(machine.path(path)).mode & 0o777).toString(8)),
    ["750", "640", "640"],
  );
  const calls = readFileSync(join(machine.root, "calls"), "utf8");
  assert.match(calls, /^useradd --system .* b2b-pooler /m);
  assert.equal(calls.match(/^chgrp -- b2b-pooler /gm)?.length, 3);
  for (const secret of [word, "0123abcXYZ", VALUES.SECRET_KEY]) assert.ok(!(calls + output).includes(secret));
});

test("the pooler runs before the backend is told of it, and a run that finds nothing new touches neither", () => {
  machine.boot();
  const calls = systemctl().filter((call) => !/^(daemon-reload|is-active|cat)/.test(call));
  assert.deepEqual(calls.slice(2), [
    `reset-failed ${UNIT}`,
    `enable ${UNIT}`,
    `restart ${UNIT}`,
    `reset-failed ${ARGS.service}`,
    `restart --no-block ${ARGS.service}`,
  ]);
  machine.runAgain();
  const before = [read(INI), read(ARGS.envFile)];
  machine.calls();
  assert.deepEqual(machine.runAgain(), { status: 0, output: "" });
  assert.deepEqual(systemctl(), [`is-active ${UNIT}`]);
  assert.deepEqual([read(INI), read(ARGS.envFile)], before);
});

test("a rotated password is a reload of the pooler: the .env and the backend stay as they are", () => {
  booted();
  const before = read(ARGS.envFile);
  machine.parameters({ ...TRANSACTION, DATABASE_URL: SECOND });
  assert.deepEqual(machine.runAgain(), { status: 0, output: "" });
  const calls = systemctl();
  assert.ok(calls.includes(`reload-or-restart ${UNIT}`));
  assert.equal(restarts(calls), 0);
  assert.match(read(INI), /user='user2_acme' password='9876abcXYZ'/);
  assert.equal(read(ARGS.envFile), before);
});

test("in session mode the backend is restarted too: its sessions would keep the login that they began with", () => {
  booted(SESSION);
  machine.parameters({ ...SESSION, DATABASE_URL: SECOND });
  assert.equal(machine.runAgain().status, 0);
  const calls = systemctl();
  assert.ok(calls.indexOf(`reload-or-restart ${UNIT}`) < calls.indexOf(`restart --no-block ${ARGS.service}`));
  assert.equal(restarts(calls), 1);
});

test("a reload that a run did not get to is made up for by the next one", () => {
  booted();
  machine.parameters({ ...TRANSACTION, DATABASE_URL: SECOND });
  writeFileSync(join(machine.root, "systemctl-fails-enable"), "");
  assert.equal(machine.runAgain().status, 1);
  rmSync(join(machine.root, "systemctl-fails-enable"));
  machine.calls();
  assert.equal(machine.runAgain().status, 0);
  assert.ok(toPooler().includes(`reload-or-restart ${UNIT}`));
});

test("another port is a restart, which a reload would not move it to", () => {
  booted();
  machine.parameters({ ...TRANSACTION, POOLER: TRANSACTION.POOLER.replace("6433", "6434") });
  // The run that finds it out does not get to it.
  writeFileSync(join(machine.root, "systemctl-fails-restart"), "");
  assert.equal(machine.runAgain().status, 1);
  rmSync(join(machine.root, "systemctl-fails-restart"));
  machine.calls();
  assert.equal(machine.runAgain().status, 0);
  assert.ok(toPooler().includes(`restart ${UNIT}`));
  assert.match(urlOf() ?? "", /@127\.0\.0\.1:6434\//);
});

test("a server that is to have none any more gets its database's URL, and the pooler goes once the backend has left it", () => {
  booted();
  machine.parameters({ ...VALUES, DATABASE_URL });
  assert.equal(machine.runAgain().status, 0);
  assert.equal(urlOf(), DATABASE_URL);
  assert.deepEqual(toPooler(), []);
  for (const gone of [false, true]) {
    assert.equal(existsSync(machine.path(FOLDER)), true, String(gone));
    assert.equal(machine.runAgain().status, 0);
  }
  assert.deepEqual(toPooler(), [`disable --now ${UNIT}`]);
  assert.ok(!existsSync(machine.path(FOLDER)));
});

for (const [what, prepare, message] of [
  [
    "is not installed",
    () => rmSync(join(machine.root, "bin", "pgbouncer")),
    "there is no PgBouncer on this server. Put it into the AMI (docs/backend.md), or set the tenant's server.pooler to none",
  ],
  [
    "is too old",
    () => writeFileSync(join(machine.root, "pgbouncer-version"), "1.15.0"),
    "PgBouncer 1.16 or later is needed, got 1.15",
  ],
  [
    "does not start",
    () => machine.stub("systemctl", `[[ "$*" != *"restart ${UNIT}" ]] || exit 1\n${STARTS_THE_RUN}`),
    "PgBouncer does not start; why: journalctl -u b2b-tenants-pooler.service",
  ],
] as const) {
  test(`a PgBouncer that ${what}: customers are served without it, and the run fails with what to do`, () => {
    prepare();
    const { status, output } = machine.boot();
    assert.equal(status, 1);
    assert.ok(output.includes(`b2b-tenants-pooler: ${message}\n`), output);
    assert.ok(output.includes("the .env names the database itself until there is a pooler"), output);
    assert.equal(urlOf(), DATABASE_URL);
    assert.equal(restarts(systemctl()), 1);
    // Said again by every run; the backend is left alone.
    machine.runAgain();
    machine.calls();
    assert.equal(machine.runAgain().status, 1);
    assert.equal(restarts(systemctl()), 0);
  });
}

for (const [what, values, message] of [
  [
    "a mode that PgBouncer does not have here",
    { POOLER: "pool_mode=statement pool_size=8 listen_port=6433" },
    "POOLER",
  ],
  ["a pooler of two lines' worth", { POOLER: `${TRANSACTION.POOLER} host=elsewhere` }, "POOLER"],
  [
    "a URL without a password",
    { DATABASE_URL: "postgresql://user_acme@db:5432/postgres?sslmode=require" },
    "DATABASE_URL",
  ],
  ["a URL with an option", { DATABASE_URL: `${DATABASE_URL}&user=other` }, "DATABASE_URL"],
  ["a line break in a password", { DATABASE_URL: DATABASE_URL.replace("0123", "hunter2%0Auser=x") }, "DATABASE_URL"],
  ["a NUL in a password", { DATABASE_URL: DATABASE_URL.replace("0123", "hunter2%00") }, "DATABASE_URL"],
  [
    "a database whose name is PgBouncer's console's",
    { DATABASE_URL: DATABASE_URL.replace("/postgres", "/pgbouncer") },
    "database of this name",
  ],
  [
    "a database's name that is a setting",
    { DATABASE_URL: DATABASE_URL.replace("/postgres", "/x%20%3D%20y") },
    "database of this name",
  ],
] as const) {
  test(`${what} makes no pooler, by its name and without its value`, () => {
    machine.parameters({ ...TRANSACTION, ...values });
    const { status, output } = machine.boot();
    assert.equal(status, 1);
    assert.ok(output.includes(message), output);
    assert.doesNotMatch(output, /hunter2|elsewhere/);
    assert.ok(!existsSync(machine.path(INI)));
  });
}

test("a password of whatever characters is quoted as PgBouncer reads it", () => {
  machine.parameters({ ...TRANSACTION, DATABASE_URL: DATABASE_URL.replace("0123", "%27%22%20%25s%3B%23%5C") });
  assert.equal(machine.boot().status, 0);
  assert.ok(read(INI).includes(`password='''" %s;#\\abcXYZ'`));
});

test("an IPv6 address has no brackets", () => {
  machine.parameters({ ...TRANSACTION, DATABASE_URL: DATABASE_URL.replace("db.example.com", "[fd00::5]") });
  assert.equal(machine.boot().status, 0);
  assert.ok(read(INI).includes("host='fd00::5'"));
});

test("an older PgBouncer gets no setting that it would refuse", () => {
  writeFileSync(join(machine.root, "pgbouncer-version"), "1.18.0");
  assert.equal(machine.boot().status, 0);
  assert.doesNotMatch(read(INI), /track_extra_parameters|max_prepared_statements/);
});

test("TLS that asks who signed takes the authorities that the backend's own driver would, and says where they are missing", () => {
  machine.parameters({ ...TRANSACTION, DATABASE_URL: DATABASE_URL.replace("=require", "=verify-full") });
  const file = machine.path(join(userInfo().homedir, ".postgresql/root.crt"));
  const { status, output } = machine.boot();
  assert.equal(status, 1);
  assert.ok(output.includes(`cannot read ${file}, which sslmode verify-full needs`), output);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "the bundle\n");
  assert.equal(machine.runAgain().status, 0);
  assert.equal(read(`${FOLDER}/root.crt`), "the bundle\n");
  assert.match(
    read(INI),
    new RegExp(`server_tls_sslmode = verify-full\n(.*\n)+server_tls_ca_file = .*${FOLDER}/root\\.crt\n`),
  );
});

test("an image of another tenant's server keeps neither that tenant's pooler nor its password", () => {
  booted();
  writeFileSync(join(machine.root, "aws-fails"), "");
  const other = { parameterPath: "/b2b-tenants/prod/other/env" };
  assert.equal(machine.boot(other).status, 1);
  assert.ok(toPooler().includes(`disable --now ${UNIT}`));
  assert.ok(!existsSync(machine.path(FOLDER)));
});
