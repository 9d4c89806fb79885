import assert from "node:assert/strict";
import { test } from "node:test";
import { quickReference, type ReferenceRow } from "../../domain/quick-reference";

function row(slug: string, server = `ec2-${slug}.example.com`): ReferenceRow {
  return { databaseUser: `user_${slug}`, schema: `schema_${slug}`, server };
}

const TWO = { farmacruz: row("farmacruz"), acme: row("acme") };

test("as text: aligned, by slug", () => {
  assert.equal(
    quickReference(TWO, "text"),
    [
      "Tenant     Database user   Schema            Server",
      "acme       user_acme       schema_acme       ec2-acme.example.com",
      "farmacruz  user_farmacruz  schema_farmacruz  ec2-farmacruz.example.com",
    ].join("\n"),
  );
});

test("as Markdown: the guide's table", () => {
  assert.equal(
    quickReference(TWO, "markdown"),
    [
      "| Tenant | Database user | Schema | Server |",
      "| :--- | :--- | :--- | :--- |",
      "| `acme` | `user_acme` | `schema_acme` | `ec2-acme.example.com` |",
      "| `farmacruz` | `user_farmacruz` | `schema_farmacruz` | `ec2-farmacruz.example.com` |",
    ].join("\n"),
  );
});

test("as JSON: a list, and nothing of a row but the four columns", () => {
  const rows = { acme: { ...row("acme"), password: "hunter2" } };
  assert.deepEqual(JSON.parse(quickReference(rows, "json")), [
    { slug: "acme", databaseUser: "user_acme", schema: "schema_acme", server: "ec2-acme.example.com" },
  ]);
});

test("as JSON: nothing in it that a terminal acts on, and it reads back as it was", () => {
  const server = "ec2\u009b2J\u202e\u2028.example.com";
  const text = quickReference({ acme: row("acme", server) }, "json");
  assert.doesNotMatch(text, /(?!\n)[\p{C}\u2028]/u);
  assert.equal(JSON.parse(text)[0].server, server);
});

test("without tenants there is the head alone", () => {
  assert.equal(quickReference({}, "text"), "Tenant  Database user  Schema  Server");
  assert.equal(
    quickReference({}, "markdown"),
    "| Tenant | Database user | Schema | Server |\n| :--- | :--- | :--- | :--- |",
  );
  assert.equal(quickReference({}, "json"), "[]");
});

for (const [server, cell] of [
  ["a|b`c", "`abc`"],
  ["a\nb\u001b[2J", "`a\\u{a}b\\u{1b}[2J`"],
  ["", ""],
] as const) {
  test(`the cell of ${JSON.stringify(server)} stays one cell`, () => {
    const last = quickReference({ acme: row("acme", server) }, "markdown")
      .split("\n")
      .at(-1);
    assert.equal(last, `| \`acme\` | \`user_acme\` | \`schema_acme\` | ${cell} |`);
  });
}
