import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineStatus } from "../../components/dynamic/engine-status";
import { MonitorServer } from "../../rehearsal/engine/monitor";

const MEGABYTE = 1024 ** 2;
const megabytes = (done: number) => ({ done: done * MEGABYTE, all: 40 * MEGABYTE, unit: "bytes" }) as const;

test("how far a removal is reaches the engine as a status, every five seconds; without an engine nothing fails", async () => {
  let now = 0;
  let tellFirst = (_: string) => {};
  const first = new Promise<string>((resolve) => {
    tellFirst = resolve;
  });
  const engine = new MonitorServer("prod", "p", (message) => tellFirst(message));
  const status = new EngineStatus("acme", await engine.listen(), () => now);
  status.tell("restoring the backup", megabytes(0));
  now = 4_000;
  status.tell("restoring the backup", megabytes(2));
  now = 10_000;
  status.tell("restoring the backup", megabytes(10));
  assert.equal(await first, "acme: restoring the backup: 10 MB of 40 MB, about 30 s left");
  status.close();
  engine.close();
  for (const nobody of [undefined, "tests/some.test.ts", "127.0.0.1:1"]) {
    const alone = new EngineStatus("acme", nobody, () => (now += 6_000));
    alone.tell("restoring the backup", megabytes(1));
    alone.close();
  }
});
