import { createHash } from "node:crypto";
import type { TableContents } from "../backup/contents/schema-contents";

/** Stands for every row of a schema, 64 hexadecimal digits: another row anywhere is another proof. */
export function proofOf(tables: readonly TableContents[]): string {
  const rows = tables.map(({ name, rows, checksum }) => [name, rows, checksum]);
  return createHash("sha256").update(JSON.stringify(rows)).digest("hex");
}
