import assert from "node:assert/strict";
import { it } from "node:test";
import { DatabaseError } from "pg";
import { errorMessage } from "../../database/error-message";

const HOSTILE = "a\u001b[2Jb\u202e<{%fg 1%}>\r";
const ESCAPED = "a\\u{1b}[2Jb\\u{202e}\\u{3c}{%fg 1%}>\\u{d}";

const bare = (error: Error, fields: object) => Object.assign(error, fields);

for (const [what, error, message] of [
  ["the server's words on one line", new DatabaseError(`${HOSTILE}\nnext`, 0, "error"), `${ESCAPED}\\u{a}next`],
  [
    "the server's hint",
    bare(new DatabaseError("out of shared memory", 0, "error"), { hint: `Raise ${HOSTILE}.`, detail: "a row" }),
    `out of shared memory; hint: Raise ${ESCAPED}`,
  ],
  ["the server's words at a bounded length", new DatabaseError("x".repeat(501), 0, "error"), `${"x".repeat(500)}…`],
  [
    "our own lines, of any length, and nothing in them that acts",
    new Error(`${HOSTILE}\n${"x".repeat(501)}`),
    `${ESCAPED}\n${"x".repeat(501)}`,
  ],
  ["what is no error", HOSTILE, ESCAPED],
  ["the code of an error without words", bare(new Error(""), { code: "ECONNRESET" }), "ECONNRESET"],
  ["the name of an error without either", bare(new Error(""), { name: "TimeoutError" }), "TimeoutError"],
  ["the first of several errors", new AggregateError([new Error(HOSTILE), new Error("b")]), ESCAPED],
  ["the words of several errors, if they have any of their own", new AggregateError([new Error("a")], "both"), "both"],
] as const) {
  it(`tells ${what}`, () => {
    assert.equal(errorMessage(error), message);
    assert.equal(errorMessage(new Error(message)), message, "what is printable stays as it is");
  });
}
