import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ageText,
  amountText,
  countText,
  durationText,
  partOf,
  signedSizeText,
  sizeText,
} from "../../domain/quantities";
import { paragraph } from "../../ops/report/columns";

const CASES: readonly (readonly [(amount: number) => string, readonly (readonly [number, string])[]])[] = [
  [
    sizeText,
    [
      [0, "0 B"],
      [1023, "1023 B"],
      [1024, "1.0 kB"],
      [8192, "8.0 kB"],
      [10_200, "10 kB"],
      [1024 ** 2 - 1, "1.0 MB"],
      [1.5 * 1024 ** 3, "1.5 GB"],
      [2000 * 1024 ** 5, "2000 PB"],
    ],
  ],
  [
    signedSizeText,
    [
      [8192, "8.0 kB"],
      [-1.5 * 1024 ** 3, "−1.5 GB"],
    ],
  ],
  [
    countText,
    [
      [0, "0"],
      [99_999, "99999"],
      [100_000, "100 k"],
      [999_999, "1.0 M"],
      [1_540_000_000, "1.5 G"],
    ],
  ],
  [
    durationText,
    [
      [0.04, "0.0 ms"],
      [12.44, "12.4 ms"],
      [999, "999 ms"],
      [3400, "3.4 s"],
      [60_000, "1 min"],
      [86_400_000 * 3, "3 d"],
    ],
  ],
  [
    ageText,
    [
      [-5, "0 s"],
      [59_999, "59 s"],
      [7_300_000, "2 h"],
    ],
  ],
];

for (const [text, amounts] of CASES) {
  test(text.name, () => {
    for (const [amount, expected] of amounts) assert.equal(text(amount), expected);
  });
}

test("a paragraph breaks at spaces, and not within a word", () => {
  const word = "x".repeat(130);
  assert.equal(
    paragraph(`! ${word} ${"y ".repeat(59).trim()} z`, "  "),
    `!\n  ${word}\n  ${"y ".repeat(59).trim()}\n  z`,
  );
  assert.equal(paragraph(""), "");
});

test("how far a work is: an estimate that was exceeded is left out", () => {
  const rows = { done: 1200, all: 3000, unit: "rows" } as const;
  assert.deepEqual([amountText(rows), partOf(rows)], ["1200 of 3000 rows", 0.4]);
  assert.equal(amountText({ ...rows, about: true }), "1200 of about 3000 rows");
  const exceeded = { ...rows, done: 3001, about: true };
  assert.deepEqual([amountText(exceeded), partOf(exceeded)], ["3001 rows", undefined]);
  assert.equal(amountText({ done: 12 * 1024 ** 2, all: undefined, unit: "bytes" }), "12 MB");
});
