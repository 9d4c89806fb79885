import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { SqlFile } from "../../database/sql-file";

const folder = mkdtempSync(path.join(tmpdir(), "sql-file-"));
after(() => rmSync(folder, { recursive: true }));

function fileOf(text: string): SqlFile<object, string> {
  const file = path.join(folder, "query.sql");
  writeFileSync(file, text);
  return new SqlFile(file);
}

/** The query alone, of a file with these lines as its body. */
function queryOf(body: string, ...names: string[]): string {
  return fileOf(`${names.map((name) => `\\set ${name} 'x'\n`).join("")}${body}\n`).text;
}

describe("a query in a file", () => {
  it("has its parameters in the order in which they first appear", () => {
    const file = fileOf("-- Why.\n\\set b 'x'\n\\set a '{1,2}'\nselect :'a'::int[], :'b',\n  :'a';\n");
    assert.equal(file.text, "-- Why.\n\n\nselect $1::int[], $2,\n  $1");
    assert.deepEqual(file.names, ["a", "b"]);
    assert.deepEqual(file.inOrder({ b: "x", a: [1] }), [[1], "x"]);
  });

  const untouched: readonly (readonly [what: string, sql: string])[] = [
    ["a string", "select ':''a''', 'it''s :a $1 ; /*'"],
    ["a string with escapes", String.raw`select e'\':\'', E'\\'`],
    ["a date, which is not such a string", String.raw`select date'2026-01-01\', ':'`],
    ["a quoted name", `select 1 as ":'a'", 2 as "a"":b;"`],
    ["a comment", "select 1 -- it's :'a', \" and $1; /*\n, 2"],
    ["a dollar-quoted text", "select $$:'a' ; $1$$, $x$ $$ :b $x$"],
    ["a cast", "select x::text, 'a'::\"char\""],
  ];
  for (const [what, sql] of untouched) {
    it(`leaves ${what} alone`, () => {
      assert.equal(queryOf(`${sql};`), sql);
      assert.equal(queryOf(`${sql}\n, :'a';`, "a"), `${sql}\n, $1`);
    });
  }

  it("may set what the next file needs, and have it set by another file", () => {
    assert.equal(queryOf("select 1 as a\n\\gset"), "select 1 as a");
    assert.deepEqual(fileOf("\\ir other.sql\nselect :'a';").names, ["a"]);
  });

  it("has lines for newer servers alone", () => {
    const file = fileOf("select 1\nunion select 2 -- since PostgreSQL 15\nunion select 3 -- since 14\norder by 1;");
    assert.deepEqual(
      [14, 15, 16].map((major) => file.textFor(major).split("\n").length),
      [3, 4, 4],
    );
    assert.equal(file.since, 15);
    assert.equal(fileOf("select 1;").since, 0);
  });

  const refused: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    ["text that would become SQL", "\\set a 'x'\nselect :a;", /query\.sql: :a is not taken here/],
    ["a name that would become SQL", "\\set a 'x'\nselect :\"a\";", /:" is not taken here/],
    ["a parameter by number", "select $1;", /\$1 is not taken here/],
    [
      "a parameter that an older server would not have",
      "\\set a 'x'\nselect 1\nunion select :'a' -- since PostgreSQL 15\norder by 1;",
      /a line that is not for every server has a parameter/,
    ],
    ["a second query", "select 1; drop table x;", /; is not taken here/],
    ["a block comment", "/* ' */ select 1;", /\/\* is not taken here/],
    ["a string without an end", "select 'x;", /' is not taken here/],
    ["a name without an end", 'select "x;', /" is not taken here/],
    ["a parameter that psql has no value for", "select :'a';", /psql has no value for a/],
    ["a value that has no parameter", "\\set a 'x'\nselect 1;", /gives a value to a, which the query does not have/],
    ["another command of psql", "\\! rm -r x\nselect 1;", /not one of .*: \\! rm -r x/],
  ];
  for (const [what, text, message] of refused) {
    it(`refuses ${what}`, () => assert.throws(() => fileOf(text), message));
  }

  it("is not run without all its values, nor with more", () => {
    const file = fileOf("\\set a 'x'\n\\set b 'x'\nselect :'a', :'b';");
    assert.throws(() => file.inOrder({ a: 1 }), /query\.sql: no value for b/);
    assert.throws(() => file.inOrder({ a: 1, b: undefined }), /no value for b/);
    assert.throws(() => file.inOrder({ a: 1, b: null, c: 2 }), /has no parameter c/);
    assert.deepEqual(file.inOrder({ a: 1, b: null }), [1, null]);
  });
});

it("a query of more than ten lines is in a file", () => {
  const root = path.resolve(__dirname, "../..");
  const sources = ["cli", "components", "database", "ops"].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true }).map((file) => path.join(root, folder, String(file))),
  );
  const long = sources
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/`[^`]*`/g)]
        .filter(([text]) => text.split("\n").length > 11 && /\bselect\b[\s\S]*\bfrom\b/.test(text))
        .map(() => path.relative(root, file)),
    );
  assert.deepEqual(long, []);
});
