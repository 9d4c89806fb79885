import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { RowsChecksum } from "../../database/backup/contents/table-rows";

/** What it has to be, in plain arithmetic: manifests of earlier versions are compared with it. */
function expected(rows: readonly string[]): string {
  const digests = rows.map((row) => createHash("sha256").update(row).digest("hex"));
  const sum = (from: number) => {
    const total = digests.reduce((sum, digest) => sum + BigInt(`0x${digest.slice(from, from + 13)}`), 0n);
    return (total % 2n ** 52n).toString(16).padStart(13, "0");
  };
  return sum(0) + sum(13);
}

function checksum(rows: readonly string[]): string {
  const sum = new RowsChecksum();
  for (const row of rows) sum.add(Buffer.from(row));
  assert.equal(sum.rows, rows.length);
  return sum.checksum;
}

describe("the checksum of a table's rows", () => {
  const rows = Array.from({ length: 1000 }, (_, i) => `${i}\tNº ${i % 7}\t\\N\n`);

  it("is the sum of the first 104 bits of each row's SHA-256, in two halves", () => {
    for (const row of rows) assert.equal(checksum([row]), createHash("sha256").update(row).digest("hex").slice(0, 26));
    assert.equal(checksum(rows), expected(rows));
  });

  it("of no rows is zero", () => {
    assert.equal(checksum([]), "0".repeat(26));
  });

  it("does not depend on the order of the rows, and does on how often each is there", () => {
    assert.equal(checksum([...rows].reverse()), checksum(rows));
    assert.notEqual(checksum([...rows, "1\n", "1\n"]), checksum([...rows, "1\n"]));
  });
});
