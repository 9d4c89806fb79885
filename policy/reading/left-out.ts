/**
 * Whether a resource is a new one that a run with `--target` leaves out: the engine tells of it without properties, and of what they
 * are made from. No resource that the policies look at can be made without any.
 */
export function isLeftOut(props: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(props).length === 0;
}
