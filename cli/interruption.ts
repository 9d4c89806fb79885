/**
 * Calls `stop` at the first Ctrl-C, or other signal to end, and `endAtOnce` at every further one, until `work` is done. A terminal that is
 * closed is no wish to stop: what was agreed to goes on to its end.
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
  const goOn = () => {};
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, interrupt);
  process.on("SIGHUP", goOn);
  try {
    return await work();
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
    process.off("SIGHUP", goOn);
  }
}
