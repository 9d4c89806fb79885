import { printableList } from "../domain/printable";

/** What was found about some objects, and what to do about it; undefined when there are none. */
export function finding(objects: readonly string[], what: string, remedy: string): string | undefined {
  return objects.length === 0 ? undefined : `${what} ${printableList(objects)} (${remedy})`;
}
