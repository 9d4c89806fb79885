import { type Client, type DatabaseError, escapeLiteral } from "pg";

export interface SequenceValue {
  readonly name: string;
  readonly lastValue: string;
  /** Whether `lastValue` has been given out. */
  readonly isCalled: boolean;
}

/** Sequences that one statement reads. */
const AT_ONCE = 100;

/** What the server says about an object that is gone has no code of its own. */
const INTERNAL_ERROR = "XX000";

/**
 * The values of a schema's sequences, sorted by name. For use within `withReadingSession`.
 *
 * A value can only be selected by the sequence's name, and a tenant at work could put a view there, or a table with an index, whose
 * functions a SELECT then runs. So each sequence is locked first by its oid, which names nothing else, and its name is asked for
 * only when it can no longer change hands. A sequence itself has no indexes, rules or policies: selecting from it runs nothing.
 *
 * @throws Error when one is gone since the reading began.
 */
export async function sequenceValues(client: Client, schema: string): Promise<SequenceValue[]> {
  const oids = await lockedSequences(client, schema);
  // The name is the one that goes with the rest of what is read; where the sequence is found, the one that it has by now.
  const { rows: found } = await client.query<{ name: string; place: string }>(
    "select relname::text as name, oid::regclass::text as place from pg_class where oid = any($1::oid[]) order by relname",
    [oids],
  );
  const values: SequenceValue[] = [];
  for (let first = 0; first < found.length; first += AT_ONCE) {
    const selects = found
      .slice(first, first + AT_ONCE)
      .map(
        ({ name, place }, i) =>
          `select ${i} as i, ${escapeLiteral(name)} as name, last_value::text as "lastValue", is_called as "isCalled" from ${place}`,
      );
    const { rows } = await client.query<SequenceValue>(`${selects.join(" union all ")} order by i`);
    values.push(...rows.map(({ name, lastValue, isCalled }) => ({ name, lastValue, isCalled })));
  }
  return values;
}

/**
 * Those of a schema that no extension made. Asking for the value holds ROW EXCLUSIVE to the transaction's end, which neither DROP
 * nor RENAME passes; it leaves out whether the value was given out, so the answer is of no use.
 */
export async function lockedSequences(client: Client, schema: string): Promise<string[]> {
  const { rows } = await client
    .query<{ oid: string }>(
      `select oid::text, pg_sequence_last_value(oid)
         from pg_class c
        where relnamespace = (select oid from pg_namespace where nspname = $1) and relkind = 'S' and relpersistence <> 't'
          and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')`,
      [schema],
    )
    .catch((error: DatabaseError) => {
      if (error.code !== INTERNAL_ERROR) throw error;
      throw new Error(`one of them may be gone since the reading began, so try again (${error.message})`);
    });
  return rows.map(({ oid }) => oid);
}
