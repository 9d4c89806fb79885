import assert from "node:assert/strict";
import { test } from "node:test";
import { maskedStatement } from "../../domain/masked-statement";

for (const [text, shown] of [
  ["select * from products where id = $1", "select * from products where id = $1"],
  ["alter role user_acme password 'hunter2'", "alter role user_acme password ?"],
  ["ALTER ROLE a PASSWORD 'it''s hunter2' LOGIN", "ALTER ROLE a PASSWORD ? LOGIN"],
  ["alter role a password E'it\\'s hunter2' login", "alter role a password ? login"],
  ["alter role a password e'hunter2\\\\' login", "alter role a password ? login"],
  ["alter role a password U&'hunter2' login", "alter role a password ? login"],
  ["alter role a password $$hunter2$$ login", "alter role a password ? login"],
  ["alter role a password $x$hunter2$y$ hunter2$x$ login", "alter role a password ? login"],
  ["alter role a password 'hunter2", "alter role a password ?"],
  ["alter role a password $$hunter2", "alter role a password ?"],
  ["alter role a password E'hunter2\\", "alter role a password ?"],
  // With standard_conforming_strings off the literal goes on behind the quote.
  ["alter role a password 'x\\' hunter2' login", "alter role a password ?…"],
  ["select 1 -- it's hunter2\n from t", "select ? from t"],
  ["select /* a /* 'hunter2 */ hunter2 */ 'hunter2' from t", "select ? from t"],
  ["select /* hunter2", "select"],
  ['select "it\'s" from "a""b\'" where x = \'hunter2\'', 'select "it\'s" from "a""b\'" where x = ?'],
  ["select 12, 1.5e-3, .5, 0xFF, 1_000, t1.a2 from t1", "select ?, ?, ?, ?, ?, t1.a2 from t1"],
  ["select a$1 from t where b=$2", "select a$1 from t where b=$2"],
  ["set app.token to hunter2", "set app.token to ?"],
  ["set session app.token = hunter2, hunter2", "set session app.token = ?"],
  ['alter role a set app.token to "hunter2"', "alter role a set app.token to ?"],
  [
    "create function f() returns int set app.token to hunter2 as 'x'",
    "create function f() returns int set app.token to ?",
  ],
  ["update products set price = price * $1", "update products set price = price * $1"],
  ["set transaction read only", "set transaction read only"],
  ["select\n\t a,\r\n b", "select a, b"],
  ["", ""],
] as const) {
  test(`${JSON.stringify(text)} keeps nothing that was written as a value`, () => {
    assert.equal(maskedStatement(text), shown);
  });
}

test("a long text is gone through once", () => {
  const text = `select ${"'x', ".repeat(20_000)}${"/*".repeat(20_000)}`;
  assert.equal(maskedStatement(text), `select ${"?, ".repeat(20_000)}`.trim());
});
