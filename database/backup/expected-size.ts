import type { Client } from "pg";

/** About how much a schema holds, by the server's estimates; 0 where it has none. */
export interface ExpectedSize {
  readonly rows: number;
  /** Of its tables, without indexes. */
  readonly bytes: number;
}

/** Reads what the server has noted, so that it waits for no lock and needs nothing that a backup does not need. */
export async function expectedSize(client: Client, schema: string): Promise<ExpectedSize> {
  const { rows } = await client.query<ExpectedSize>(
    `select coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 as rows,
            coalesce(sum(c.relpages + coalesce(toast.relpages, 0)), 0) * current_setting('block_size')::float8 as bytes
       from pg_class c left join pg_class toast on toast.oid = c.reltoastrelid
      where c.relnamespace = (select oid from pg_namespace where nspname = $1) and c.relkind in ('r', 'm')`,
    [schema],
  );
  return rows[0] ?? { rows: 0, bytes: 0 };
}
