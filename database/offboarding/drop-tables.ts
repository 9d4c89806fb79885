import { createHash } from "node:crypto";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Client, escapeIdentifier } from "pg";
import { printable } from "../../domain/printable";
import { whatABackupMisses } from "../backup/beyond-schema";
import {
  readContents,
  readTables,
  type StoredTable,
  storedTables,
  type TableContents,
} from "../backup/contents/schema-contents";
import { lockTable, lockTables } from "../backup/lock-tables";
import { ownComment, writeSchemaComment } from "../foreign-objects";
import { LEDGER } from "../migrations/ledger-table";
import { objectsIn } from "../schema-objects";
import { SqlFile } from "../sql-file";
import { asOwner, dropInPortions, dropStatements } from "./drop-in-portions";
import { changeProof } from "./fence";
import { type Droppable, portions, roomForLocks } from "./portions";

interface DroppableTable extends Droppable {
  readonly name: string;
}

const DROP_ORDER = new SqlFile<DroppableTable, "schema">(path.join(__dirname, "drop-order.sql"));

/** Tables whose file is not empty, but for the ledger of migrations. No row is looked at here: a query could run the tenant's code, with the admin's rights. */
export async function tablesWithStoredData(admin: Client, schema: string): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = (select oid from pg_namespace where nspname = $1)
        and relkind in ('r', 'm') and relname <> $2 and pg_relation_size(oid) > 0 order by relname`,
    [schema, LEDGER],
  );
  return rows.map(({ name }) => printable(name));
}

/** The tables of a schema, in an order in which each can be dropped by itself. */
export function tablesToDrop(admin: Client, schema: string): Promise<DroppableTable[]> {
  return DROP_ORDER.rows(admin, { schema });
}

/** What was found to be in a schema, and is proved. */
interface Proved {
  readonly stored: readonly StoredTable[];
  readonly contents: readonly TableContents[];
}

/**
 * Drops the tables of a schema in the transaction that has found them to hold what `proof` stands for, and in which nobody can write.
 * A neighbour with rights of its own there, whom no fence shuts out, may have written since the backup: then nothing is dropped.
 *
 * Where the server has no room for the locks of all tables, they are dropped some at a time, each time with those found unchanged that are
 * dropped; the fence's proof then stands for the others, so that a run which is killed in between can be repeated.
 */
export async function dropTables(admin: Client, schema: string, role: string, proof: string): Promise<void> {
  const [tables, room] = [await tablesToDrop(admin, schema), await roomForLocks(admin)];
  const atOnce = tables.reduce((sum, { locks }) => sum + locks, 0) <= room;
  let proved: Proved = await asOwner(admin, role, async () => {
    await lockTables(admin, schema, "access exclusive");
    const missed = await whatABackupMisses(admin, schema, role);
    if (missed.length > 0) throw new Error(missed.join("; "));
    const stored = await storedTables(admin, schema);
    const { tables: contents } = await readContents(admin, schema);
    if (proofOf(contents) !== proof) throw new Error(WRITTEN_SINCE);
    if (atOnce) {
      await drop(admin, schema, namesOf(tables));
      await forgetInitialised(admin, schema);
    }
    return { stored, contents };
  });
  if (atOnce) return;
  // A table takes along all views that read it, of which it may have more than there is room for.
  const views = (await objectsIn(admin, schema)).filter(({ type }) => /^(materialized )?view$/.test(type));
  await dropInPortions(admin, role, dropStatements(views));
  for (const part of portions(tables, room)) proved = await dropPart(admin, schema, role, proved, namesOf(part));
  await asOwner(admin, role, () => forgetInitialised(admin, schema));
}

const WRITTEN_SINCE =
  "it does not hold what its proved backup holds: somebody else who has rights in it has written since. Put the tenant's " +
  "file back and run `up`, then remove it again, which takes a new backup";

/** @returns What is left, which is proved still. */
async function dropPart(
  admin: Client,
  schema: string,
  role: string,
  { stored, contents }: Proved,
  names: ReadonlySet<string>,
): Promise<Proved> {
  const isNamed = ({ name }: { readonly name: string }) => names.has(name);
  const rest = {
    stored: stored.filter((table) => !isNamed(table)),
    contents: contents.filter((table) => !isNamed(table)),
  };
  const alsoChanged = await asOwner(admin, role, async () => {
    const there = namesOf(await tablesToDrop(admin, schema));
    const present = new Set([...names].filter((name) => there.has(name)));
    for (const name of present) await lockTable(admin, schema, name, "access exclusive");
    const found = await readTables(admin, schema, stored.filter(isNamed));
    if (proofOf(found) !== proofOf(contents.filter(isNamed))) throw new Error(WRITTEN_SINCE);
    await drop(admin, schema, present);
    const left = await storedTables(admin, schema);
    const changed = rest.stored.filter((table) => !left.some((one) => isDeepStrictEqual(one, table)));
    // Whatever else a table takes along (a column of its row type) is dropped with it or not at all.
    if (changed.length > 0) throw new TakenAlong(namesOf(changed));
    await changeProof(admin, role, proofOf(rest.contents));
    return undefined;
  }).catch((error: unknown) => {
    if (error instanceof TakenAlong) return error.tables;
    throw error;
  });
  if (alsoChanged === undefined) return rest;
  return dropPart(admin, schema, role, { stored, contents }, new Set([...names, ...alsoChanged]));
}

/** A table's row type is used by other tables: all of them go together. */
class TakenAlong extends Error {
  constructor(readonly tables: ReadonlySet<string>) {
    super();
  }
}

function namesOf(tables: readonly { readonly name: string }[]): Set<string> {
  return new Set(tables.map(({ name }) => name));
}

async function drop(admin: Client, schema: string, names: ReadonlySet<string>): Promise<void> {
  if (names.size === 0) return;
  const tables = [...names].map((name) => `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`);
  await admin.query(`drop table ${tables.join(", ")} cascade`);
}

async function forgetInitialised(admin: Client, schema: string): Promise<void> {
  await writeSchemaComment(admin, schema, await ownComment(admin, schema));
}

/** Stands for every row of a schema, 64 hexadecimal digits: another row anywhere gives another proof. */
export function proofOf(tables: readonly TableContents[]): string {
  const rows = tables.map(({ name, rows, checksum }) => [name, rows, checksum]);
  return createHash("sha256").update(JSON.stringify(rows)).digest("hex");
}
