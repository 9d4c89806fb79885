// Preloaded into the processes that the engine starts but did not write: they end when the engine is gone, however it went.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) {
    process.exit(1);
  }
}, 100).unref();
