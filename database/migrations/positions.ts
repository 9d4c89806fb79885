/** Where the schemas of a database stand among the migrations, as their markers say. */
import type { QueryResultRow } from "pg";
import { SCHEMA_PREFIX } from "../../domain/names";
import { printable } from "../../domain/printable";
import { COMMENT_LENGTH } from "../foreign-objects";
import { MIGRATED_PREFIX, type MigratedTo, migratedTo } from "../schema-marker";
import { chainHash, digits, lastOf, type MigrationFile } from "./migration-files";

/** A schema's place among the migrations of a commit. */
export interface Position {
  /**
   * `ahead`: it has run more files than there are. `other files`: it has run files that differ from these. `unknown`: this program
   * has run no migration there, not even an empty list of them.
   */
  readonly condition: "current" | "behind" | "ahead" | "other files" | "unknown";
  /** The last migration that it has run: `0007_add_tax`, or `0007` where the files do not tell its name; null before the first. */
  readonly at: string | null;
  /** Its number; 0 before the first. */
  readonly number: number;
  /** How many of the files it has not run. */
  readonly behind: number;
}

type Read = <Row extends QueryResultRow>(sql: string, values: readonly unknown[]) => Promise<Row[]>;

/** A schema's comment is its owner's: of what else is in it, nothing leaves the server. Lines are compared, since a pattern takes longer. */
const MARKERS = `
  select nspname as schema,
         (select string_agg(line, E'\\n' order by place) from unnest(string_to_array(left(description, $2), E'\\n')) with ordinality as l (line, place)
           where starts_with(line, $3)) as marker
    from pg_namespace n
    left join pg_description d on d.objoid = n.oid and d.classoid = 'pg_namespace'::regclass and d.objsubid = 0
   where starts_with(nspname, $1)
   order by nspname collate "C"`;

/** Asks one query, however many tenants there are. @returns The position of each schema that has a tenant's name. */
export async function readPositions(read: Read, files: readonly MigrationFile[]): Promise<Map<string, Position>> {
  const rows = await read<{ schema: string; marker: string | null }>(MARKERS, [
    SCHEMA_PREFIX,
    COMMENT_LENGTH,
    MIGRATED_PREFIX,
  ]);
  const chains = Array.from({ length: files.length + 1 }, (_, count) => chainHash(files, count));
  return new Map(rows.map(({ schema, marker }) => [schema, positionOf(files, chains, migratedTo(marker))]));
}

function positionOf(
  files: readonly MigrationFile[],
  chains: readonly string[],
  found: MigratedTo | undefined,
): Position {
  if (found === undefined) return { condition: "unknown", at: null, number: 0, behind: files.length };
  const { number } = found;
  const behind = Math.max(0, files.length - number);
  if (number <= files.length && chains[number] !== found.chain) {
    return { condition: "other files", at: digits(number), number, behind };
  }
  const at = number === 0 ? null : (files[number - 1]?.name ?? digits(number));
  if (number > files.length) return { condition: "ahead", at, number, behind };
  return { condition: behind > 0 ? "behind" : "current", at, number, behind };
}

/** Whether a deployment of the tenant would be refused for it. */
export function isOutOfStep({ condition }: Position): boolean {
  return condition === "ahead" || condition === "other files";
}

/** What is wrong with a tenant of which that is so, and what to do; fit for a terminal. */
export function outOfStep(tenant: string, { condition, at }: Position, files: readonly MigrationFile[]): string {
  const who = `Tenant ${printable(tenant)} is`;
  if (condition === "ahead") {
    return `${who} ahead: it has run ${at}, and ${lastOf(files.at(-1)?.name)}. Deploy a commit that has that file.`;
  }
  return `${who} at ${at}, and has run other files than these up to there: one was changed after that. Put it back as it was.`;
}
