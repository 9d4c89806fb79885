import { hash } from "node:crypto";

/** Hexadecimal digits of a row's hash that are added up at once: as many as a number holds exactly, with room for one carry. */
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
    const digest = hash("sha256", row, "hex");
    this.rows += 1;
    this.high = (this.high + Number.parseInt(digest.slice(0, DIGITS), 16)) % MODULUS;
    this.low = (this.low + Number.parseInt(digest.slice(DIGITS, 2 * DIGITS), 16)) % MODULUS;
  };

  get checksum(): string {
    return [this.high, this.low].map((sum) => sum.toString(16).padStart(DIGITS, "0")).join("");
  }
}
