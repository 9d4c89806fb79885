import { EXIT_AFTER_LOGGED_ERROR } from "../protocol/node-program";
import type { Deployment } from "./deployment";
import type { MonitorServer } from "./monitor";
import type { ProgramOptions, StartProgram } from "./program";
import { type Run, RunStopped } from "./run";

/** Runs the program, and brings about what it registers; what it no longer names is deleted when it has ended. */
export async function runProgram(
  start: StartProgram,
  program: Pick<ProgramOptions, "projectDir" | "project" | "address" | "env">,
  run: Run,
  deployment: Deployment,
  monitor: MonitorServer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { stack, config, preview, parallel, observer } = run.options;
  let finished = false;
  const end = async () => {
    await run.settled();
    process.kill();
  };
  monitor.serve({
    register: (goal) => deployment.register(goal),
    registerOutputs: (urn, outputs) => deployment.registerOutputs(urn, outputs),
    invoke: (invocation) => deployment.invoke(invocation),
    failed: (urn, error) => {
      if (!(error instanceof RunStopped)) run.fail(urn, error.message);
      void end();
    },
    shutdown: async () => {
      await run.settled();
      await deployment.approveStack();
      await deployment.deleteUnregistered();
      finished = true;
    },
    log: (severity, message, urn) => observer.diagnostic?.(severity, message, urn),
  });
  const process = start({ ...program, stack, config, preview, parallel });
  const stop = () => void end();
  signal?.addEventListener("abort", stop);
  const { status, output } = await process.ended();
  signal?.removeEventListener("abort", stop);
  await run.settled();
  await deployment.settleStackOutputs();
  if (run.isStopped || (finished && status === 0)) return;
  const message =
    status === EXIT_AFTER_LOGGED_ERROR
      ? "the program failed; its error is above"
      : `the program ended with status ${status}\n${output}`;
  run.fail("", message.trim());
}
