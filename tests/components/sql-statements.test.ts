import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "libpg-query";
import { sqlStatements } from "../../database/sql-statements";

const FILE = "sql/x.sql";

test("a file is split where PostgreSQL would split it, each statement with the line it begins in", async () => {
  const sql = [
    "-- años: letters of two bytes, so that bytes and characters differ",
    "select 'ñ; no end', $$ ; nor here $$;",
    "",
    "/* several",
    "   lines ; */ create table t (x int); select 2",
    "  -- the last one needs no semicolon",
  ].join("\n");
  const statements = await sqlStatements(sql, FILE);
  assert.deepEqual(
    statements.map(({ line, text }) => [line, text.split("\n")[0]?.trim()]),
    [
      [2, "select 'ñ; no end', $$ ; nor here $$"],
      [5, "create table t (x int)"],
      [5, "select 2"],
    ],
  );
});

const TRANSACTION =
  "begin, commit, rollback and savepoints are not allowed: transactions are begun and ended around the file's statements";
const COPY = "copy is not allowed: there is no client stream, file or program to copy from or to; use insert";
const setting = (name: string) =>
  `setting ${name} is not allowed: the file is run as the tenant's role, in the tenant's schema`;

for (const [statement, reason] of [
  ["begin", TRANSACTION],
  ["start transaction isolation level serializable", TRANSACTION],
  ["commit", TRANSACTION],
  ["end", TRANSACTION],
  ["rollback", TRANSACTION],
  ["abort", TRANSACTION],
  ["savepoint a", TRANSACTION],
  ["release savepoint a", TRANSACTION],
  ["rollback to savepoint a", TRANSACTION],
  ["prepare transaction 'a'", TRANSACTION],
  ["commit and chain", TRANSACTION],
  ["set role postgres", setting("role")],
  ["set local role postgres", setting("role")],
  ["reset role", setting("role")],
  ["set session authorization postgres", setting("session_authorization")],
  ["reset session authorization", setting("session_authorization")],
  ["set search_path to public", setting("search_path")],
  ["set schema 'public'", setting("search_path")],
  ['set "SEARCH_PATH" to public', setting("search_path")],
  ['set local "Role" to postgres', setting("role")],
  ["reset all", "reset all is not allowed: the file is run with settings of its own"],
  ["copy t from stdin", COPY],
  ["copy t to stdout", COPY],
  ["copy t to program 'sh'", COPY],
  ["copy (select 1) to '/tmp/x'", COPY],
] as const) {
  test(`refused, with its line: ${statement}`, async () => {
    await assert.rejects(sqlStatements(`select 1;\n\n${statement};\nselect 2;`, FILE), {
      message: `${FILE}:3: ${reason}`,
    });
  });
}

test("all refusals of a file are reported together", async () => {
  await assert.rejects(sqlStatements("begin;\nselect 1;\ncommit;", FILE), {
    message: `${FILE}:1: ${TRANSACTION}\n${FILE}:3: ${TRANSACTION}`,
  });
});

for (const [name, sql, message] of [
  ["a misspelt word", "select 'ñ';\nselect 2;\ncreate tabel t ();", `${FILE}:3: syntax error at or near "tabel"`],
  ["a quote that is never closed", "select 1;\nselect 'abc", `${FILE}:2: unterminated quoted string at or near "'abc"`],
  ["an unfinished statement", "select 1;\ncreate table t (", `${FILE}:2: syntax error at end of input`],
  [
    "a psql command",
    "select 1;\n\\connect other",
    `${FILE}:2: syntax error at or near "\\" (psql's backslash commands are not SQL)`,
  ],
  ["an empty file", "", `${FILE}:1: holds no statement`],
  ["a file of comments", "-- nothing\n", `${FILE}:1: holds no statement`],
] as const) {
  test(`refused, with its line: ${name}`, async () => {
    await assert.rejects(sqlStatements(sql, FILE), { message });
  });
}

test("sql/tenant_init.sql says exactly what section 5 of the guide says", async () => {
  const ours = readFileSync("sql/tenant_init.sql", "utf8");
  const guides = readFileSync(join(__dirname, "fixtures", "guide-section-5.sql"), "utf8");
  assert.deepEqual(await meaning(ours), await meaning(guides));
  assert.equal((await sqlStatements(ours, "sql/tenant_init.sql")).length, 18);
});

test("sql/tenant_init.sql is in lower case, with a reason above each statement", async () => {
  const ours = readFileSync("sql/tenant_init.sql", "utf8");
  const lines = ours.split("\n");
  for (const { line, text } of await sqlStatements(ours, "sql/tenant_init.sql")) {
    assert.equal(text, text.toLowerCase());
    assert.match(lines[line - 2] ?? "", /^-- .+/, `line ${line}`);
  }
});

/** What a file says to PostgreSQL, whatever its layout. */
async function meaning(sql: string): Promise<unknown> {
  const { stmts } = await parse(sql);
  return JSON.parse(JSON.stringify(stmts, (key, value) => (/location$|^stmt_len$/.test(key) ? undefined : value)));
}
