import { isDeepStrictEqual } from "node:util";
import type { Client } from "pg";
import { additions, differences } from "../../database/backup/contents/differences";
import type { SchemaContents } from "../../database/backup/contents/schema-contents";
import { errorMessage } from "../../database/error-message";
import { ROLE_PREFIX, SCHEMA_PREFIX } from "../../domain/names";
import { printable } from "../../domain/printable";
import type { Steps } from "../steps";
import { type OwnedSchema, readTenant, type TenantContents } from "./read-tenant";

/** Another tenant of the same database, of whichever stack. */
interface Neighbour extends OwnedSchema {
  readonly slug: string;
}

interface Known {
  readonly neighbour: Neighbour;
  readonly had: TenantContents;
}

/** What each neighbour had. */
export type Neighbourhood = readonly Known[];

/**
 * How a neighbour has changed while a backup was restored beside it. `written`: only rows have changed, and the restored tenant has no
 * rights there, so the neighbour itself has written them. `changed`: that does not explain it. `unread`: nothing is known.
 */
export interface NeighbourVerdict {
  readonly tenant: string;
  readonly verdict: "unchanged" | "written" | "changed" | "unread";
  /** What has changed, or why it could not be read; each in one line, fit for a terminal. */
  readonly changes: readonly string[];
}

/** @throws Error that names the neighbour which cannot be read. */
export async function readNeighbours(admin: Client, target: OwnedSchema, steps: Steps): Promise<Neighbourhood> {
  const known: Known[] = [];
  const neighbours = await neighboursOf(admin, target);
  for (const [index, neighbour] of neighbours.entries()) {
    steps.nth("reading neighbour", neighbour.slug, index, neighbours.length, index / neighbours.length);
    const had = await readTenant(admin, neighbour).catch((error: unknown) => {
      throw new Error(
        `tenant ${neighbour.slug} cannot be read, so it cannot be proved unchanged: ${errorMessage(error)}`,
      );
    });
    known.push({ neighbour, had });
  }
  return known;
}

/** Compares the neighbours with what they had before. */
export async function judgeNeighbours(
  admin: Client,
  target: OwnedSchema,
  before: Neighbourhood,
  steps: Steps,
): Promise<NeighbourVerdict[]> {
  const verdicts: NeighbourVerdict[] = [];
  for (const [index, { neighbour, had }] of before.entries()) {
    steps.nth("comparing neighbour", neighbour.slug, index, before.length, index / before.length);
    verdicts.push(
      await judged(admin, target, neighbour, had).catch((error: unknown) => ({
        tenant: neighbour.slug,
        verdict: "unread",
        changes: [printable(errorMessage(error))],
      })),
    );
  }
  return verdicts;
}

async function judged(admin: Client, target: OwnedSchema, { slug, ...place }: Neighbour, had: TenantContents) {
  const has = await readTenant(admin, place);
  const { rows } = await admin.query<{ reach: boolean }>(
    "select has_schema_privilege($1, $2, 'usage, create') as reach",
    [target.role, place.schema],
  );
  return judge(slug, had, has, rows[0]?.reach !== false);
}

export function judge(
  tenant: string,
  before: TenantContents,
  after: TenantContents,
  withinReach: boolean,
): NeighbourVerdict {
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
  const owners = after.ownedByOthers.filter((object) => !before.ownedByOthers.includes(object));
  return [
    ...differences(before.contents, after.contents),
    ...additions(before.contents, after.contents).map((object) => `new: ${object}`),
    ...owners.map((object) => `other owner: ${object}`),
  ];
}

async function neighboursOf(admin: Client, { schema }: OwnedSchema): Promise<Neighbour[]> {
  const { rows } = await admin.query<Neighbour>(
    `select slug, nspname::text as schema, rolname::text as role
       from pg_namespace join pg_roles r on r.oid = nspowner, lateral substr(nspname, length($2) + 1) as slug
      where starts_with(nspname, $2) and rolname = $3 || slug and nspname <> $1
      order by nspname`,
    [schema, SCHEMA_PREFIX, ROLE_PREFIX],
  );
  return rows;
}
