/** The line that the program leaves in the comment of a schema it has initialised. */
const MARKER = /^b2b-tenants: initialised, sha256 ([0-9a-f]{64})$/m;
const MARKER_LINE = new RegExp(`${MARKER.source}\\n?`, "m");

/**
 * The hash of the script that a schema was last initialised with, read from the schema's comment; undefined when this
 * program did not initialise it. The marker is written in the script's own transaction, so it tells the truth even when
 * the process died before the deployment's state was saved; a dump and restore keep it.
 */
export function initialisedWith(comment: string | null): string | undefined {
  return comment === null ? undefined : MARKER.exec(comment)?.[1];
}

/** The schema's comment with the marker in it; what people wrote there stays. */
export function withMarker(comment: string | null, sha256: string): string {
  const marker = `b2b-tenants: initialised, sha256 ${sha256}`;
  if (comment === null || comment.trim() === "") return marker;
  return MARKER.test(comment) ? comment.replace(MARKER, marker) : `${comment.trimEnd()}\n${marker}`;
}

/** The schema's comment without the marker; null when nothing else is in it. */
export function withoutMarker(comment: string | null): string | null {
  const rest = comment?.replace(MARKER_LINE, "").trim();
  return rest ? rest : null;
}
