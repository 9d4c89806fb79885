import { appendFile } from "node:fs/promises";
import { Client, DatabaseError } from "pg";
import { boot, tick } from "../session/boot";
import type { Session } from "../session/session";
import { expect, type Telling } from "./telling";

/**
 * A tenant's database password is rotated: the old login goes on until the tenant's server uses the new one, and then ends.
 *
 * @param file The tenant's, without a rotation.
 */
export async function rotated(telling: Telling, session: Session, slug: string, file: string): Promise<void> {
  const { env: old } = await boot(session, slug);
  await appendFile(file, "rotation: { password: 2 }\n");
  await telling.upOf(session, [slug]);
  expect(await logsIn(old.DATABASE_URL), `${slug} is shut out before its server has its new login`, []);
  const { env } = await tick(session, slug);
  const backend = new Client({ connectionString: env.DATABASE_URL ?? "" });
  await backend.connect();
  try {
    await telling.upOf(session, [slug]);
  } finally {
    await backend.end();
  }
  expect(await logsIn(env.DATABASE_URL), `${slug} is shut out after a rotation`, []);
  expect(!(await logsIn(old.DATABASE_URL)), `the login that ${slug} had before a rotation still works`, []);
  telling.held(
    `rotation.password raised: ${slug} could log in all the time, and its old login ended once its server had changed over`,
  );
}

async function logsIn(url: string | undefined): Promise<boolean> {
  const client = new Client({ connectionString: url ?? "" });
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (error instanceof DatabaseError) return false;
    throw error;
  } finally {
    await client.end();
  }
}
