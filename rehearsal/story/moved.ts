import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { escapeIdentifier } from "pg";
import { withConnection } from "../../database/connection";
import { databaseAddress } from "../../domain/connection-string";
import { schemaName } from "../../domain/names";
import { chooseStacks } from "../../ops/fleet/chosen-stacks";
import type { MoveOptions } from "../../ops/move/move-options";
import { moveTenants } from "../../ops/move/move-tenants";
import { deployed } from "../../ops/move/to-database/deployed";
import { finishMove } from "../../ops/move/to-database/finish-move";
import type { Output } from "../../ops/output";
import { Home } from "../session/home";
import { rehearsedStacks } from "../session/movable-stacks";
import { fromWhereItWasTyped } from "../session/places";
import { type Session, stopServers, withSessions } from "../session/session";
import type { SessionOptions } from "../session/session-options";
import { stackAccess } from "../session/stack-access";
import { tenantLogin } from "../session/tenant-login";
import { expect } from "./telling";

const SLUG = "story_mover";
const NEXT = "prod-2";
const ELSEWHERE = "east2";
const STACKS = ["prod", NEXT, ELSEWHERE];

/**
 * A tenant changes stacks, which touches nothing, and then database servers, which takes its data along. In a home of its own, which has two
 * database servers.
 */
export async function moved(args: SessionOptions, output: Output): Promise<void> {
  const home = new Home(join(new Home(fromWhereItWasTyped(args.home)).path, "story-moves"));
  const tenants = join(home.path, "tenants");
  const own = { ...args, home: home.path, tenants, cli: false };
  home.makeOwnDatabase(ELSEWHERE);
  for (const folder of [tenants, `${tenants}-${ELSEWHERE}`]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(tenants, `${SLUG}.yaml`), "frontendUrl: https://mover.example.com\n");
  try {
    await withSessions(own, STACKS, output.report, (sessions) => tell(sessions, tenants, output));
  } finally {
    await stopServers(own, output.report);
    rmSync(home.path, { recursive: true, force: true });
  }
}

async function tell(sessions: readonly Session[], tenants: string, output: Output): Promise<void> {
  const stacks = rehearsedStacks(sessions);
  for (const stack of STACKS) {
    output.report(`… up of ${stack}`);
    await deployed(stacks, stack);
  }
  const said: string[] = [];
  const quiet = { print: (text: string) => void said.push(text), report: output.report };
  const options = (to: string): MoveOptions => ({
    ...{ slugs: [SLUG], to, stacks, json: true, place: "", consent: async () => true },
    fleet: chooseStacks({}, { tenants, stack: to, ownDatabases: [ELSEWHERE] }),
  });
  await inSchema(sessions[0], "insert into categories (name) values ('pain')");
  const status = await moveTenants(options(NEXT), quiet);
  expect(status === 0, "a move to another stack leaves something to be done", said);
  output.print(`✓ ${SLUG} moved from prod to ${NEXT}: nothing of it was touched, and no preview shows a change`);
  said.length = 0;
  await moveTenants(options(ELSEWHERE), quiet);
  const rows = await inSchema(sessions[2], "select name from categories");
  expect(rows.length === 1, "a move to another database server does not take the data along", said);
  const { waiting } = JSON.parse(said[0] ?? "{}") as { waiting?: readonly string[] };
  expect(waiting?.length === 0, "a preview shows a change", said);
  output.print(
    `✓ ${SLUG} moved on to ${ELSEWHERE}, another database server: its data were copied and compared, and its .env names that one`,
  );
  expect((await finishMove(options(ELSEWHERE), quiet)) === 0, "what the move left behind stays", said);
  output.print("✓ what it left behind was dropped, behind a proved backup");
}

/** As the tenant, by the login that its server has. */
async function inSchema(session: Session | undefined, text: string): Promise<unknown[]> {
  if (session === undefined) return [];
  const target = { ...databaseAddress(stackAccess(session).settings.database), ...(await tenantLogin(session, SLUG)) };
  return withConnection(target, async (client) => {
    await client.query(`set search_path to ${escapeIdentifier(schemaName(SLUG))}`);
    return (await client.query(text)).rows;
  });
}
