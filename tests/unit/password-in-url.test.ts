import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "pg";
import { connectionString } from "../../domain/connection-string";

const TARGET = {
  user: "user_acme",
  password: "p",
  host: "db.example.com",
  port: 5432,
  database: "postgres",
  sslmode: "require",
} as const;

test("a plain login is spelt as the guide spells it", () => {
  assert.equal(
    connectionString({ ...TARGET, password: "abc123" }),
    "postgresql://user_acme:abc123@db.example.com:5432/postgres?sslmode=require",
  );
});

const passwords = [
  "p@ss:w/o?r#d",
  "100%",
  "%41",
  "a b\tc\nd\re",
  "'\"`$(id)!\\*",
  "#comment",
  "&sslmode=disable",
  "//evil.example.com/",
  "[::1]",
  "+",
  "contraseña",
  "\u2028\u2029",
  "🔑",
  ";{}|^~<>",
  "\0",
];

for (const password of passwords) {
  test(`the password ${JSON.stringify(password)} comes back as it was, on one harmless line`, () => {
    const text = connectionString({ ...TARGET, password });
    assert.match(text, /^[A-Za-z0-9:/@?=.%_~[\]-]+$/);
    const url = new URL(text);
    assert.equal(decodeURIComponent(url.password), password);
    assert.equal(url.searchParams.toString(), "sslmode=require");
    assert.deepEqual(readByClient(text), { ...TARGET, password });
  });
}

test("every part is encoded, and an IPv6 host is put in brackets", () => {
  const text = connectionString({ ...TARGET, user: "u:s@r/x", database: "a/b?c#d" });
  // node-postgres leaves %2F, %3F and %23 of a database's name encoded, so this asks libpq's rule: decode everything.
  assert.equal(decodeURIComponent(new URL(text).pathname), "/a/b?c#d");
  assert.equal(readByClient(text).user, "u:s@r/x");
  assert.equal(new URL(connectionString({ ...TARGET, host: "2001:db8::1" })).host, "[2001:db8::1]:5432");
});

/** What node-postgres understands of a connection string; it does not connect. */
function readByClient(connection: string) {
  const { user, password, host, port, database } = new Client({
    connectionString: connection.replace("sslmode=require", "sslmode=disable"),
  });
  return { user, password, host, port, database, sslmode: new URL(connection).searchParams.get("sslmode") };
}
