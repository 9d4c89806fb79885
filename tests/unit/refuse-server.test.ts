import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "pg";
import { Refusal } from "../../database/existing-tenant";
import { refuseServer } from "../../database/refuse-server";

/** A session on a server of that major, which finds nothing else there. */
function sessionOn(major: number): Client {
  const query = async (sql: string) => ({ rows: sql.includes("server_version_num") ? [{ major }] : [] });
  return { host: "db.example.com", user: "postgres", database: "postgres", query } as unknown as Client;
}

test("a server of a major that nothing was tried on is refused by name", async () => {
  for (const [major, advice] of [
    [13, "Upgrade the server"],
    [20, "Use a release of this program that knows it"],
  ] as const) {
    const message = `the server at db.example.com is PostgreSQL ${major}, and this program supports 14 to 19 (docs/versions.md). ${advice}`;
    await assert.rejects(
      refuseServer(sessionOn(major)),
      (error) => error instanceof Refusal && error.message === message,
    );
  }
});

test("every supported major passes", async () => {
  for (const major of [14, 15, 16, 17, 18, 19]) await refuseServer(sessionOn(major));
});
