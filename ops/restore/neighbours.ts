import { isDeepStrictEqual } from "node:util";
import type { Client } from "pg";
import { differences, type SchemaContents } from "../../components/backup/schema-contents";
import { printable } from "../../domain/printable";
import { readTenant, type TenantContents, type TenantPlace } from "./read-tenant";

/** Another tenant of the same database, of whichever stack. */
interface Neighbour extends TenantPlace {
  readonly slug: string;
}

/** What each neighbour has, by its slug. */
export type Neighbourhood = ReadonlyMap<string, TenantContents>;

/**
 * What became of a neighbour while a backup was restored beside it. `written`: rows have changed, all else has not, and the
 * restored tenant has no rights there; so it was the neighbour itself. `changed` cannot be explained like that.
 */
export interface NeighbourVerdict {
  readonly tenant: string;
  readonly verdict: "unchanged" | "written" | "changed";
  /** Each in one line, fit for a terminal. */
  readonly changes: readonly string[];
}

/** @throws Error that names the neighbour which cannot be read. */
export async function readNeighbours(
  admin: Client,
  target: TenantPlace,
  report: (line: string) => void,
): Promise<Neighbourhood> {
  const found = new Map<string, TenantContents>();
  const neighbours = await neighboursOf(admin, target);
  for (const [index, neighbour] of neighbours.entries()) {
    report(`reading neighbour ${neighbour.slug} (${index + 1} of ${neighbours.length})`);
    found.set(
      neighbour.slug,
      await readTenant(admin, neighbour).catch((error: Error) => {
        throw new Error(
          `tenant ${neighbour.slug} cannot be read, and so not be proved unchanged: ${printable(error.message)}`,
        );
      }),
    );
  }
  return found;
}

/** Compares the neighbours with what they had before. */
export async function judgeNeighbours(
  admin: Client,
  target: TenantPlace,
  before: Neighbourhood,
  report: (line: string) => void,
): Promise<NeighbourVerdict[]> {
  const after = await readNeighbours(admin, target, report);
  const within = await withinReach(admin, target);
  return [...before].map(([tenant, had]) => judge(tenant, had, after.get(tenant), within.has(tenant)));
}

export function judge(
  tenant: string,
  before: TenantContents,
  after: TenantContents | undefined,
  withinReach: boolean,
): NeighbourVerdict {
  if (after === undefined) return { tenant, verdict: "changed", changes: ["the tenant is gone"] };
  if (isDeepStrictEqual(before, after)) return { tenant, verdict: "unchanged", changes: [] };
  const rowsAlone =
    isDeepStrictEqual(before.ownedByOthers, after.ownedByOthers) &&
    isDeepStrictEqual(frame(before.contents), frame(after.contents));
  return { tenant, verdict: rowsAlone && !withinReach ? "written" : "changed", changes: changes(before, after) };
}

/** Everything but the rows and the sequences' values. */
function frame({ tables, sequences, structure }: SchemaContents) {
  return { tables: tables.map(({ name }) => name), sequences: sequences.map(({ name }) => name), structure };
}

function changes(before: TenantContents, after: TenantContents): string[] {
  const added = differences(after.contents, before.contents).filter((line) => line.startsWith("missing: "));
  const owners = after.ownedByOthers.filter((object) => !before.ownedByOthers.includes(object));
  return [
    ...differences(before.contents, after.contents),
    ...added.map((line) => line.replace("missing: ", "new: ")),
    ...owners.map((object) => `other owner: ${object}`),
  ];
}

async function neighboursOf(admin: Client, { schema }: TenantPlace): Promise<Neighbour[]> {
  const { rows } = await admin.query<Neighbour>(
    `select substr(nspname, 8) as slug, nspname::text as schema, rolname::text as role
       from pg_namespace join pg_roles r on r.oid = nspowner
      where starts_with(nspname, 'schema_') and rolname = 'user_' || substr(nspname, 8) and nspname <> $1
      order by nspname`,
    [schema],
  );
  return rows;
}

/** The neighbours in whose schema the target's role may do anything. */
async function withinReach(admin: Client, target: TenantPlace): Promise<ReadonlySet<string>> {
  const neighbours = await neighboursOf(admin, target);
  const { rows } = await admin.query<{ schema: string }>(
    "select s as schema from unnest($2::text[]) s where has_schema_privilege($1, s, 'usage, create')",
    [target.role, neighbours.map(({ schema }) => schema)],
  );
  const reached = new Set(rows.map(({ schema }) => schema));
  return new Set(neighbours.filter(({ schema }) => reached.has(schema)).map(({ slug }) => slug));
}
