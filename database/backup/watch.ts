/** Who looks on while a schema is read, written to an archive, copied or restored. */
export interface Watch {
  /** Told before each table is read. */
  table?(name: string, index: number, total: number): void;
  /** Told now and then how many rows have been read so far, of all tables; 0 at first. */
  rows?(done: number): void;
  /** Told now and then how many bytes have gone through so far; 0 at first. */
  bytes?(done: number): void;
  /** Told what pg_restore reports of its work; each line is fit for a terminal. */
  line?(text: string): void;
}
