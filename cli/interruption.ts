/**
 * Calls `stop` at the first Ctrl-C, or other signal to end, and `endAtOnce` at every further one, until `work` is done.
 */
export async function interruptible<Result>(
  { stop, endAtOnce }: { readonly stop: () => void; readonly endAtOnce: () => void },
  work: () => Promise<Result>,
): Promise<Result> {
  let times = 0;
  const interrupt = () => {
    times += 1;
    if (times === 1) stop();
    else endAtOnce();
  };
  // A terminal that is closed is no reason to leave a deployment half-way either.
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await work();
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}
