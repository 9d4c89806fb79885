/**
 * Lets this process go on when nobody takes its output any more: a reader that goes away, such as `head`, a terminal that is closed
 * or a disk that is full must not end a deployment or a repair half-way. What could not be written makes the exit status 1 at least,
 * except where a reader had seen enough.
 */
export function outliveReaders(): void {
  let isLost = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", ({ code }: NodeJS.ErrnoException) => {
      if (code !== "EPIPE") isLost = true;
    });
  }
  process.once("exit", () => {
    if (isLost) process.exitCode ||= 1;
  });
}
