/** What is still to be made, by `defaclobjtype`, in the words of `alter default privileges ... on`. */
export const DEFAULT_PRIVILEGE_KINDS: Readonly<Record<string, string>> = {
  r: "tables",
  S: "sequences",
  f: "routines",
  T: "types",
  n: "schemas",
  L: "large objects",
};
