import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withAdminConnection } from "../../database/connection";
import { schemaComment } from "../../database/foreign-objects";
import { digits, migrationFiles } from "../../database/migrations/migration-files";
import { migratedTo } from "../../database/schema-marker";
import { schemaName } from "../../domain/names";
import type { Output } from "../../ops/output";
import { adminTarget } from "../../ops/stack/admin-target";
import { migrationsFolder } from "../session/checked-stack";
import { Home } from "../session/home";
import { fromWhereItWasTyped, PROJECT_DIR } from "../session/places";
import type { Session } from "../session/session";
import { stopServers } from "../session/session";
import type { SessionOptions } from "../session/session-options";
import { stackAccess } from "../session/stack-access";
import { changesOf, expect, Telling } from "./telling";

const CANARY = "story_canary";
const OTHER = "story_other";

const GOOD =
  "create table loyalty (customer_id integer references customers (id), points integer not null default 0);\n";
/** No tenant's data bear it: there is a row already. */
const BAD =
  "insert into loyalty (customer_id) values (null);\nalter table loyalty alter column customer_id set not null;\n";

/**
 * A migration reaches the canary first and then the other tenant; one that the canary's data do not bear reaches nobody. In a home of
 * its own, since what a tenant has run cannot be taken back.
 */
export async function migrated(args: SessionOptions, output: Output, signal: AbortSignal): Promise<void> {
  const home = join(new Home(fromWhereItWasTyped(args.home)).path, "story-migrations");
  const [tenants, migrations] = [join(home, "tenants"), join(home, "migrations")];
  const own = { ...args, home, tenants, migrations };
  rmSync(home, { recursive: true, force: true });
  mkdirSync(tenants, { recursive: true });
  const given = migrationsFolder(args);
  if (existsSync(given)) cpSync(given, migrations, { recursive: true });
  else mkdirSync(migrations);
  writeFileSync(join(tenants, `${CANARY}.yaml`), "frontendUrl: https://canary.example.com\ncanary: true\n");
  writeFileSync(join(tenants, `${OTHER}.yaml`), "frontendUrl: https://other.example.com\n");
  const before = migrationFiles(migrations, PROJECT_DIR).length;
  const write = (number: number, sql: string) => writeFileSync(join(migrations, `${digits(number)}_loyalty.sql`), sql);
  try {
    const telling = new Telling(own, tenants, output, signal);
    await telling.inSession((session) => telling.up(session));
    write(before + 1, GOOD);
    await telling.inSession(async (session) => {
      const changes = changesOf((await telling.up(session)).steps);
      const wanted = [CANARY, OTHER].map((slug) => `${slug}-migrations`);
      expect(
        changes.join() === wanted.join(),
        `a migration is not run for ${CANARY} first, and then for ${OTHER} alone`,
        changes,
      );
      await expectNumbers(session, before + 1);
    });
    telling.held(`a new file in sql/migrations/: run for the canary ${CANARY} first, then for ${OTHER}`);
    write(before + 2, BAD);
    await telling.inSession(async (session) => {
      const { said, changes } = await telling.failingUp(session);
      const isTold = said.includes('_loyalty.sql:2: column "customer_id" of relation "loyalty" contains null values');
      expect(isTold, "a migration that does not fit the canary's data fails with something else", said.split("\n"));
      expect(changes.length === 0, "somebody is touched although the canary fails", changes);
      await expectNumbers(session, before + 1);
    });
    telling.held("one that does not fit the canary's data: nothing of it was kept, and nobody else was touched");
  } finally {
    await stopServers(own, output.report);
    rmSync(home, { recursive: true, force: true });
  }
}

async function expectNumbers(session: Session, number: number): Promise<void> {
  const found = await withAdminConnection(adminTarget(stackAccess(session)), async (admin) => {
    const lines: string[] = [];
    for (const slug of [CANARY, OTHER]) {
      const at = migratedTo((await schemaComment(admin, schemaName(slug))) ?? null)?.number;
      if (at !== number) lines.push(`${slug} is at ${at}, not at ${number}`);
    }
    return lines;
  });
  expect(found.length === 0, "a tenant is not where its migrations should have brought it", found);
}
