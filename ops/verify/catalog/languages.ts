import { escapeLiteral } from "pg";
import type { Leak } from "../leak";
import { quoted } from "../quoted";
import { type Scene, WHO } from "./scene";

/**
 * Languages whose functions do what the server's own account may, read its files among it. PostgreSQL leaves them to superusers,
 * unless somebody calls them trusted: then whoever may use the language may write such functions in a schema of its own. Those with a
 * trusted twin have a `u` at their name's end.
 */
export const UNTRUSTED = "lanname in ('internal', 'c', 'plsh', 'plr') or lanname ~ '^pl.*u$'";

const TRUSTED = `
  with ${WHO}
  select lanname::text as name, pg_get_userbyid(10)::text as superuser from pg_language where lanpltrusted and (${UNTRUSTED}) order by 1`;

/** Languages without a fence that everybody is trusted with. */
export async function languages(scene: Scene): Promise<Leak[]> {
  return (await scene.rows<{ name: string; superuser: string }>(TRUSTED)).map(({ name, superuser }) => ({
    check: "system object" as const,
    role: "public",
    victim: undefined,
    object: `language ${quoted(name)}`,
    statement: `select lanpltrusted from pg_language where lanname = ${escapeLiteral(name)}`,
    closes: [
      {
        as: superuser,
        statement: `update pg_catalog.pg_language set lanpltrusted = false where lanname = ${escapeLiteral(name)}`,
      },
    ],
    hint: "a function in it can do whatever the server's own account can, and everybody may write one",
  }));
}
