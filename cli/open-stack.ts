import type { StackAccess } from "../ops/stack/stack-access";
import type { StackOptions } from "../ops/stack/stack-options";

/**
 * Opens the stack that the command line names, for the time of `work`.
 *
 * @throws FileErrors when the stack's settings or the tenant files are not right. @throws UsageError
 */
export async function withStack<Result>(
  options: StackOptions,
  report: (line: string) => void,
  work: (access: StackAccess) => Promise<Result>,
): Promise<Result> {
  if (options.rehearsal === undefined) {
    const { openPulumiStack } = require("../ops/stack/pulumi-stack") as typeof import("../ops/stack/pulumi-stack");
    return work(await openPulumiStack(options.stack));
  }
  // The one place where a command knows of rehearsals: production runs without their code being there.
  const { withRehearsedStack } =
    require("../rehearsal/session/stack-access") as typeof import("../rehearsal/session/stack-access");
  return withRehearsedStack(options.stack, options.rehearsal, report, work);
}
