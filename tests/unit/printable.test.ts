import assert from "node:assert/strict";
import { it } from "node:test";
import { printable } from "../../domain/printable";

for (const [what, text, shown] of [
  ["names as they are", 'schema_acme."añejo 100%" <b> {x} <{ %', 'schema_acme."añejo 100%" <b> {x} <{ %'],
  ["line ends and colours escaped", "a\n\u001b[2J\u2028b", "a\\u{a}\\u{1b}[2J\\u{2028}b"],
  ["what turns the direction, and half a pair", "a\u202eb\ud83d", "a\\u{202e}b\\u{d83d}"],
  ["no colours of Pulumi's", "<{%x%}><{<{%%<{%fg 1%}>", "\\u{3c}{%x%}><{\\u{3c}{%%\\u{3c}{%fg 1%}>"],
  ["no more than 500 characters", "x".repeat(501), `${"x".repeat(500)}…`],
] as const) {
  it(`shows ${what}`, () => {
    assert.equal(printable(text), shown);
    assert.equal(printable(shown), shown);
  });
}
