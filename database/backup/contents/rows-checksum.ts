import { hash } from "node:crypto";

/** Each sum takes as many bits of a row's hash as a number holds exactly, with room for one carry: 52, or 13 hexadecimal digits. */
const DIGITS = 13;
const MODULUS = 2 ** (4 * DIGITS);

/**
 * Counts rows, and adds up a hash of each: the order of the rows does not matter, and a row that is there twice does. Two
 * different tables have the same sum about once in 2^104.
 */
export class RowsChecksum {
  rows = 0;
  private high = 0;
  private low = 0;

  readonly add = (row: Buffer): void => {
    // A character for each byte: of all forms that Node gives a hash in, the one that costs least, and this is what a gate's time
    // for reading goes into.
    const digest = hash("sha256", row, "binary");
    this.rows += 1;
    this.high =
      (this.high + bits(digest, 0, 3) * 2 ** 28 + bits(digest, 3, 3) * 2 ** 4 + (bits(digest, 6, 1) >> 4)) % MODULUS;
    this.low =
      (this.low + (bits(digest, 6, 1) & 15) * 2 ** 48 + bits(digest, 7, 3) * 2 ** 24 + bits(digest, 10, 3)) % MODULUS;
  };

  get checksum(): string {
    return [this.high, this.low].map((sum) => sum.toString(16).padStart(DIGITS, "0")).join("");
  }
}

/** The number that some bytes, at most three, are. */
function bits(digest: string, first: number, count: number): number {
  let value = 0;
  for (let index = first; index < first + count; index += 1) value = (value << 8) | digest.charCodeAt(index);
  return value;
}
