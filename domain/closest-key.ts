/** More edits than this, and a suggestion is a guess. */
const MAX_EDITS = 2;

/**
 * The key that somebody who wrote `key` most likely meant: one spelt nearly the same among those allowed in its place, else
 * one of that name elsewhere. Undefined when nothing is close.
 *
 * @param allowed Keys that may stand where `key` does.
 * @param elsewhere Full dotted keys of the whole file, for example `database.connectionLimit`.
 */
export function closestKey(
  key: string,
  allowed: readonly string[],
  elsewhere: readonly string[] = [],
): string | undefined {
  // Without this bound, a hostile key of thousands of characters would cost its length squared.
  if (key.length > 60) return undefined;
  const wanted = simplified(key);
  const ranked = allowed
    .map((candidate) => ({ candidate, edits: editDistance(wanted, simplified(candidate)) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  if (best && best.edits <= Math.min(MAX_EDITS, Math.floor(wanted.length / 3))) return best.candidate;
  return elsewhere.find((full) => simplified(full.slice(full.lastIndexOf(".") + 1)) === wanted);
}

/** `frontend_url`, `Frontend-URL` and `frontendUrl` are the same word to whoever writes them. */
function simplified(key: string): string {
  return key.toLowerCase().replace(/[-_ ]/g, "");
}

/** Levenshtein's: insertions, deletions and substitutions that turn one text into the other. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    for (let j = 1; j <= to.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
