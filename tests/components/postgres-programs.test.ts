import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { after, before, it } from "node:test";
import { LastLines } from "../../database/backup/last-lines";
import { programVersion, refuseMixedMajors, startProgram } from "../../database/backup/postgres-programs";
import { TARGET } from "./target";

let folder: string;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "programs-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** An environment in which pg_dump is this shell script. */
function withScript(script: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const bin = mkdtempSync(path.join(folder, "bin-"));
  writeFileSync(path.join(bin, "pg_dump"), `#!/bin/sh\n${script}\n`);
  chmodSync(path.join(bin, "pg_dump"), 0o755);
  return { PATH: `${bin}:/usr/bin:/bin`, ...more };
}

const run = (env: NodeJS.ProcessEnv, onLine?: (line: string) => void) =>
  startProgram("pg_dump", ["--format=custom"], TARGET, env, onLine);

for (const [answer, server, version] of [
  ["pg_dump (PostgreSQL) 16.14", "16.14", "16.14"],
  ["pg_dump (PostgreSQL) 16.2", "16.14", "16.2"],
  ["pg_dump (PostgreSQL) 16.14", "14.24", "16.14"],
  ["pg_dump (PostgreSQL) 18.4 (Debian 18.4-1.pgdg12+1)", "17.10", "18.4"],
  ["pg_dump (PostgreSQL) 19beta1", "18.4", "19beta1"],
] as const) {
  it(`"${answer}" will do for a server ${server}`, async () => {
    assert.equal(await programVersion("pg_dump", server, withScript(`echo '${answer}'`)), version);
  });
}

it("programs of different majors are refused, since the one may not read what the other writes", () => {
  refuseMixedMajors("18.4", "18.1");
  assert.throws(() => refuseMixedMajors("18.4", "17.10"), {
    message:
      "pg_dump 18.4 and pg_restore 17.10 on PATH are of different majors: put one folder with both first on PATH",
  });
});

const ADVICE = "install postgresql-client-16, and put its folder first on PATH";

for (const [why, script, message] of [
  [
    "older than the server",
    "echo 'pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)'",
    `pg_dump 15.18 on PATH is too old for the server's PostgreSQL 16.14; ${ADVICE}`,
  ],
  [
    "newer than a server before 17 stands",
    "echo 'pg_dump (PostgreSQL) 17.2'",
    "pg_dump 17.2 on PATH is too new for the server's PostgreSQL 16.14, which does not know a setting that pg_restore sends from 17 on " +
      `(transaction_timeout); ${ADVICE}`,
  ],
  [
    "something else",
    "printf 'Welcome\\033[31m'",
    `pg_dump on PATH does not tell its version, but says: Welcome\\u{1b}[31m; ${ADVICE}`,
  ],
  ["broken", "echo 'no libpq.so.5' >&2; exit 127", `pg_dump failed with exit status 127: no libpq.so.5; ${ADVICE}`],
] as const) {
  it(`a pg_dump that is ${why} is refused`, async () => {
    await assert.rejects(programVersion("pg_dump", "16.14", withScript(script)), { message });
  });
}

for (const env of [{ PATH: "/nonexistent" }, {}]) {
  it(`a pg_dump that is missing is refused, PATH ${env.PATH}`, async () => {
    const message = `pg_dump is not in any folder of PATH; ${ADVICE}`;
    await assert.rejects(programVersion("pg_dump", "16.14", env), { message });
    await assert.rejects(run(env).ended, { message: "pg_dump is not in any folder of PATH" });
  });
}

it("the program sees the target and nothing else of the person's, and the password in no argument", async () => {
  const mine = {
    HOME: "/home/me",
    PGPASSWORD: "mine",
    PGOPTIONS: "-c x=y",
    PGSERVICE: "mine",
    PGSSLROOTCERT: "/ca",
    AWS_SECRET: "x",
  };
  const { child, ended } = run(withScript(`env | grep -v '^PWD=\\|^_=\\|^PATH=\\|^SHLVL=' | sort; echo "$@"`, mine));
  const seen = (await text(child.stdout)).trim().replace(/(?<=PGAPPNAME=b2b-tenants pg_dump )[0-9a-f-]{36}$/m, "UUID");
  assert.deepEqual(seen.split("\n"), [
    "HOME=/home/me",
    "LC_ALL=C",
    "PGAPPNAME=b2b-tenants pg_dump UUID",
    "PGCONNECT_TIMEOUT=10",
    "PGDATABASE=shared",
    "PGHOST=db.example.com",
    "PGOPTIONS=-c search_path=pg_catalog -c role=none -c exit_on_error=off -c idle_in_transaction_session_timeout=0 " +
      "-c idle_session_timeout=0 -c local_preload_libraries= -c default_transaction_read_only=off -c default_transaction_isolation=read\\ committed -c quote_all_identifiers=off -c standard_conforming_strings=on -c client_encoding=UTF8 -c lock_timeout=0 -c statement_timeout=0",
    "PGPASSWORD=s3cret",
    "PGPORT=6543",
    "PGSSLMODE=require",
    "PGUSER=postgres",
    "TZ=UTC",
    "--format=custom",
  ]);
  await ended;
  assert.ok(!child.spawnargs.join(" ").includes("s3cret"));
});

for (const [sslmode, env, certificates] of [
  ["verify-full", { PGSSLROOTCERT: "/mine.pem", NODE_EXTRA_CA_CERTS: "/node.pem" }, "/mine.pem"],
  ["verify-ca", { NODE_EXTRA_CA_CERTS: "/node.pem" }, "/node.pem"],
  ["verify-full", {}, "system"],
  ["verify-ca", {}, ""],
  ["require", { NODE_EXTRA_CA_CERTS: "/node.pem" }, ""],
] as const) {
  it(`${sslmode} with ${JSON.stringify(env)} trusts ${certificates || "as libpq does by itself"}`, async () => {
    const script = withScript('echo "$PGSSLROOTCERT"', env);
    const { child } = startProgram("pg_dump", [], { ...TARGET, sslmode }, script);
    assert.equal((await text(child.stdout)).trim(), certificates);
  });
}

it("a failure is told in the program's own last words, fit for a terminal, line by line as they come", async () => {
  const told: string[] = [];
  const script = `i=0; while [ $i -lt 20 ]; do echo "line $i" >&2; i=$((i + 1)); done; printf 'table \\033[31m\\377 is gone' >&2; exit 3`;
  const { ended } = run(withScript(script), (line) => told.push(line));
  const lines = [...Array.from({ length: 20 }, (_, i) => `line ${i}`), "table \\u{1b}[31m\ufffd is gone"];
  await assert.rejects(ended, { message: `pg_dump failed with exit status 3: ${lines.slice(-12).join("; ")}` });
  assert.deepEqual(told, lines);
});

it("what a server's message quotes of the rows is neither told nor part of the failure", async () => {
  const told: string[] = [];
  const words = [
    'pg_dump: error: query failed: ERROR:  row violates check constraint "fine"',
    "HINT:  Look at it.",
    `DETAIL:  Failing row contains (${"4111 ".repeat(2000)}`,
    "HINT:  1111",
    " pg_dump: 2222).",
    "CONTEXT:  3333",
    "Command was: 4444",
    "pg_dump: warning: and so on",
    "QUERY:  select '5555'",
    "pg_dump: detail: told",
    "CONTEXT:  6666",
  ];
  const script = withScript(`cat >&2 <<'END'\n${words.join("\n")}\nEND\nexit 1`);
  const lines = words.filter((line) => /^(pg_dump|HINT: {2}L)/.test(line));
  await assert.rejects(run(script, (line) => told.push(line)).ended, {
    message: `pg_dump failed with exit status 1: ${lines.join("; ")}`,
  });
  assert.deepEqual(told, lines);
});

for (const [program, statement, shown] of [
  ["pg_dump", "pg_dump: detail: Query was: SELECT 1", []],
  ["pg_restore", "Command was: CREATE FUNCTION f()", ["Command was: CREATE FUNCTION f()"]],
] as const) {
  it(`${program}'s own statement, of however many lines, leaves room for the server's words and hint`, () => {
    const words = new LastLines(program, 12, () => {});
    const said = [`${program}: error: query failed: ERROR:  out of shared memory`, "HINT:  Raise it."];
    words.add(Buffer.from([...said, statement, ...Array.from({ length: 50 }, (_, i) => `  line ${i}`)].join("\n")));
    assert.deepEqual(words.end(), [...said, ...shown]);
  });
}

it("nor is a later piece of a line that is cut, whatever it begins with", () => {
  const told: string[] = [];
  const words = new LastLines("pg_dump", 12, (line) => told.push(line));
  for (const chunk of ["DETAIL:  ".padEnd(4096, "x"), "pg_dump: 1111", "\npg_dump: told\n"])
    words.add(Buffer.from(chunk));
  assert.deepEqual([told, words.end()], [["pg_dump: told"], ["pg_dump: told"]]);
});

it("a line without end is told in pieces", async () => {
  const told: string[] = [];
  await run(withScript("head -c 100000 /dev/zero | tr '\\0' x >&2"), (line) => told.push(line)).ended;
  assert.equal(told.length, Math.ceil(100_000 / 4096));
});

it("a program that is stopped fails with the signal's name", async () => {
  const { child, ended } = run(withScript("exec sleep 1000"));
  assert.ok(child.kill());
  await assert.rejects(ended, { message: "pg_dump was killed (SIGTERM)" });
});

it("a program that ends before it has read everything breaks no more than its own pipe", async () => {
  const { child, ended } = run(withScript("echo 'bad archive' >&2; exit 1"));
  const archive = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(100_000)));
  await assert.rejects(pipeline(archive, child.stdin), /EPIPE|ECONNRESET|premature/i);
  // Awaited this late, it has not ended the process either.
  await assert.rejects(ended, { message: "pg_dump failed with exit status 1: bad archive" });
});
