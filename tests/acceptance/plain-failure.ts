import assert from "node:assert/strict";
import type { Run } from "./stack-runs";

/** An error of the user's is told once, in words alone: without a stack trace or the name of an exception. */
export function failedPlainly({ ok, output }: Pick<Run, "ok" | "output">): void {
  assert.equal(ok, false, output);
  assert.doesNotMatch(output, /^\s*at .*:\d+/m);
  assert.doesNotMatch(output, /node_modules|[Uu]nhandled|[A-Z]\w*Error\b/);
  const diagnostics = output.slice(output.indexOf("\nDiagnostics:"));
  const failed = [...diagnostics.matchAll(/^ {2}(\S+ \(\S+\)):\n(?: {4}.*\n)*? {4}error: (?!update failed)/gm)];
  assert.equal(failed.length, 1, output);
}
