import type { Tasks } from "../../ops/live-lines";

/** What a terminal's live lines are told, a text for each; those of parts end with the part. */
export function recordedTasks(): { readonly tasks: Tasks; readonly lines: string[] } {
  const lines: string[] = [];
  const tasks: Tasks = {
    begun: (task) => void lines.push(`${task} begun`),
    at: (task, what, part) => void lines.push(`${task}: ${what}${part === undefined ? "" : `, ${part.toFixed(2)}`}`),
    ended: (task) => void lines.push(`${task} ended`),
  };
  return { tasks, lines };
}

/** @throws Error with all lines, unless the expressions match some of them, in their order. */
export function assertInOrder(lines: readonly string[], expected: readonly RegExp[]): void {
  let from = 0;
  for (const one of expected) {
    const found = lines.findIndex((line, index) => index >= from && one.test(line));
    if (found < 0) throw new Error(`no line from ${from} on is ${one}:\n${lines.join("\n")}`);
    from = found + 1;
  }
}
