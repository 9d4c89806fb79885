/** What reads all of a tenant's rows: of a whole stack at once it would be too much for the server that its neighbours live on. */
const AT_ONCE = 2;

const turns = Array.from({ length: AT_ONCE }, () => Promise.resolve());
let next = 0;

/** Does the work when one of the few places is free. */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const place = next++ % AT_ONCE;
  const turn = (turns[place] ?? Promise.resolve()).then(work);
  turns[place] = turn.then(
    () => {},
    () => {},
  );
  return turn;
}
