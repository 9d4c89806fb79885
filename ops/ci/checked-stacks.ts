import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { quoted } from "../../domain/fault";
import { STACK_PATTERN } from "../../domain/names";
import { UsageError } from "../../domain/usage-error";
import type { CheckedStack, CheckResult } from "./drift-report";

/**
 * What the nightly checks of the stacks have left in a folder: for each stack a folder of its name with `preview.txt`,
 * `preview.status`, `verify.txt` and `verify.status`.
 *
 * @param stacks A JSON array of names. @throws UsageError when it is none.
 */
export function checkedStacksIn(folder: string, stacks: string): CheckedStack[] {
  return names(stacks).map((stack) => checkedStack(folder, stack));
}

function names(stacks: string): string[] {
  try {
    return z.array(z.string().regex(STACK_PATTERN)).parse(JSON.parse(stacks));
  } catch {
    throw new UsageError(`not a JSON array of stacks: ${quoted(stacks)}`);
  }
}

function checkedStack(folder: string, stack: string): CheckedStack {
  const result = (name: string): CheckResult | undefined => {
    const status = text(join(folder, stack, `${name}.status`));
    const printed = text(join(folder, stack, `${name}.txt`)) ?? "";
    return status === undefined ? undefined : { status: Number.parseInt(status, 10), output: printed };
  };
  return { stack, preview: result("preview"), verify: result("verify") };
}

/** Undefined when the check has not left that file: it was not made. */
function text(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
