import assert from "node:assert/strict";
import { session, type TestServer } from "./postgres-server";

const PATIENCE_MS = 30_000;

/** Returns once another session waits for such a lock in a statement like that. */
export async function untilWaiting({ server }: TestServer, waitEvent: string, statement: string): Promise<void> {
  // A session of its own: within a transaction the view does not change.
  const watcher = await session(server, server.superuser.user, server.superuser.password);
  const deadline = Date.now() + PATIENCE_MS;
  try {
    for (;;) {
      const { rowCount } = await watcher.query(
        "select from pg_stat_activity where wait_event_type = $1 and query ilike $2 and pid <> pg_backend_pid()",
        [waitEvent, statement],
      );
      if (rowCount) return;
      assert.ok(Date.now() < deadline, `nothing waits in: ${statement}`);
    }
  } finally {
    await watcher.end();
  }
}
