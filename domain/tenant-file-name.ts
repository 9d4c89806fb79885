import { isSlug, MAX_SLUG_LENGTH } from "./names";

const ALLOWED = "SLUG.yaml, where SLUG starts with a lower-case letter and goes on with those, digits and _";

/**
 * Whether an entry of the tenants folder is clearly no tenant file: documentation, the editors' schema, hidden files and an
 * editor's backup copies. A hidden file that ends in .yaml is not so clear: it may be a tenant that somebody meant to
 * switch off, and switching one off is offboarding it.
 */
export function isIgnored(name: string): boolean {
  if (/^\.[_#]/.test(name)) return true;
  if (name.startsWith(".")) return !/\.ya?ml$/i.test(name);
  return name.endsWith("~") || name === "tenant.schema.json" || /\.md$/.test(name);
}

/** What is wrong with the name of a file, given all names of its folder; undefined if nothing. */
export function fileNameProblem(name: string, all: readonly string[]): string | undefined {
  const stem = name.replace(/\.[^.]*$/, "");
  const twin = all.find((other) => other !== name && other.toLowerCase() === name.toLowerCase());
  if (twin !== undefined && !isSlug(stem))
    return `the same slug as another file's in different case; allowed: ${ALLOWED}`;
  if (!name.endsWith(".yaml")) return `not the name of a tenant file; allowed: ${ALLOWED}`;
  if (stem.length > MAX_SLUG_LENGTH) {
    return `the slug has ${stem.length} characters; allowed: at most ${MAX_SLUG_LENGTH}, which fit PostgreSQL's names`;
  }
  if (!isSlug(stem)) return `the file's name is not a slug; allowed: ${ALLOWED}`;
  return undefined;
}
