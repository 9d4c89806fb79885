/** The lines that the program leaves in the comment of a schema: with what it was initialised, and which migrations it has behind it. */
import { digits } from "./migrations/migration-files";

const MARKER = /^b2b-tenants: initialised, sha256 ([0-9a-f]{64})$/m;
/** What the second line begins with. */
export const MIGRATED_PREFIX = "b2b-tenants: migrated to ";
const MIGRATED = new RegExp(`^${MIGRATED_PREFIX}(\\d{4}), sha256 ([0-9a-f]{64})$`, "m");
const MARKER_LINES = [MARKER, MIGRATED].map((marker) => new RegExp(`${marker.source}\\n?`, "m"));

/** Where a schema stands among the migrations. */
export interface MigratedTo {
  /** Number of the last migration; 0 before the first. */
  readonly number: number;
  /** Of all migrations up to it: see `chainHash`. */
  readonly chain: string;
}

/**
 * The hash of the script that a schema was last initialised with, read from the schema's comment; undefined when this
 * program did not initialise it. The marker is written in the script's own transaction, so it tells the truth even when
 * the process died before the deployment's state was saved; a dump and restore keep it.
 */
export function initialisedWith(comment: string | null): string | undefined {
  return comment === null ? undefined : MARKER.exec(comment)?.[1];
}

/** The same of the schema's migrations; undefined when none were ever looked at. */
export function migratedTo(comment: string | null): MigratedTo | undefined {
  const [, number, chain] = MIGRATED.exec(comment ?? "") ?? [];
  return number === undefined || chain === undefined ? undefined : { number: Number(number), chain };
}

/** The schema's comment with the marker in it; what people wrote there stays. */
export function withMarker(comment: string | null, sha256: string): string {
  return withLine(comment, MARKER, `b2b-tenants: initialised, sha256 ${sha256}`);
}

/** The schema's comment with the place among the migrations in it; what people wrote there stays. */
export function withMigratedTo(comment: string | null, { number, chain }: MigratedTo): string {
  return withLine(comment, MIGRATED, `${MIGRATED_PREFIX}${digits(number)}, sha256 ${chain}`);
}

function withLine(comment: string | null, marker: RegExp, line: string): string {
  if (comment === null || comment.trim() === "") return line;
  return marker.test(comment) ? comment.replace(marker, line) : `${comment.trimEnd()}\n${line}`;
}

/** The schema's comment without the markers; null when nothing else is in it. */
export function withoutMarker(comment: string | null): string | null {
  const rest = MARKER_LINES.reduce((text, marker) => text?.replace(marker, ""), comment ?? undefined)?.trim();
  return rest ? rest : null;
}
