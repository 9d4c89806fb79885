/** pg_restore's own word, with `--verbose`, for the beginning of a table's rows. */
const TABLE = /^pg_restore: processing data for table "(.*)"$/;

/**
 * Picks each table out of what pg_restore reports.
 *
 * @param tell Told `orders (3 of 14)`.
 * @returns Takes the report line by line, fit for a terminal.
 */
export function tableProgress(schema: string, total: number, tell: (table: string) => void): (line: string) => void {
  let begun = 0;
  return (line) => {
    const name = TABLE.exec(line)?.[1];
    if (name === undefined) return;
    begun += 1;
    tell(`${name.startsWith(`${schema}.`) ? name.slice(schema.length + 1) : name} (${begun} of ${total})`);
  };
}
