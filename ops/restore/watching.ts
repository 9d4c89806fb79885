// What is told of a restore while it goes on. How many bytes and rows there are, the manifest says.
import type { Watch } from "../../database/backup/watch";
import type { Steps } from "../steps";
import type { Backup } from "./open-backup";

/** What pg_restore writes under `--verbose` when it begins with the rows of a table. */
const TABLE = /^pg_restore: processing data for table "(.*)"$/;

/** Tells of each table that pg_restore begins with, for example `restoring orders (3 of 14)`, and how much of the archive it has read. */
export function watchRestore(steps: Steps, doing: string, { manifest }: Backup, schema: string): Watch {
  const { archive, tables } = manifest;
  const own = `${schema}.`;
  let begun = 0;
  steps.begin(`${doing} the backup`);
  return {
    line: (text) => {
      const name = TABLE.exec(text)?.[1];
      if (name === undefined) return;
      steps.nth(doing, name.startsWith(own) ? name.slice(own.length) : name, begun, tables.length);
      begun += 1;
    },
    bytes: (done) => steps.at({ done, all: archive.bytes, unit: "bytes" }),
  };
}

/** Tells of each table whose rows are read, and how many of all rows were. */
export function watchReading(steps: Steps, doing: string, { manifest }: Backup): Watch {
  const all = manifest.tables.reduce((sum, { rows }) => sum + rows, 0);
  return {
    table: (name, index, total) => steps.nth(doing, name, index, total),
    rows: (done) => steps.at({ done, all, unit: "rows" }),
  };
}
