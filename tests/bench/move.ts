import { mkdirSync } from "node:fs";
import path from "node:path";
import { chooseStacks } from "../../ops/fleet/chosen-stacks";
import { moveTenants } from "../../ops/move/move-tenants";
import { boot } from "../../rehearsal/session/boot";
import { withRehearsedStacks } from "../../rehearsal/session/fleet-deployer";
import { rehearsedStacks } from "../../rehearsal/session/movable-stacks";
import { FollowingBackend } from "../rehearsal/following-backend";
import { frontend, ScratchRehearsal } from "../rehearsal/scratch-rehearsal";
import { BIG, fillBigTenant } from "./big-tenant";
import { timeBare } from "./gate";
import { asSuperuser } from "./measuring";

const OTHER = "east2";

/** A move to another database server, in a rehearsal, where the tenant's server fetches its new `.env` at once. Seconds. */
export interface MeasuredMove {
  /** What the schema takes up on the server's disk, indexes included, in MiB. */
  readonly schema: number;
  /** What it was said to be down for beforehand, and what it was. */
  readonly foretold: number;
  readonly down: number;
  /** `pg_dump --format=custom` to a file, and `pg_restore` of it into a new database of the same server. */
  readonly dump: number;
  readonly restore: number;
}

export async function measureMove(mebibytes: number): Promise<MeasuredMove> {
  const rehearsal = new ScratchRehearsal({ [BIG.tenant]: frontend(BIG.tenant) });
  try {
    rehearsal.home.makeOwnDatabase(OTHER);
    mkdirSync(`${rehearsal.tenants}-${OTHER}`);
    for (const stack of [OTHER, "prod"]) {
      const { failures } = await rehearsal.up("--stack", stack);
      if (failures.length > 0) throw new Error(`the run failed: ${failures[0]}`);
    }
    const { postgres } = rehearsal.session;
    const schema = await asSuperuser(postgres, (client) => fillBigTenant(client, mebibytes));
    const bare = await timeBare(postgres, path.join(rehearsal.folder, "bare.dump"));
    return { schema, ...bare, ...(await timeMove(rehearsal)) };
  } finally {
    await rehearsal.remove();
  }
}

async function timeMove(rehearsal: ScratchRehearsal): Promise<Pick<MeasuredMove, "foretold" | "down">> {
  const { session } = rehearsal;
  await boot(session, BIG.tenant);
  const backend = new FollowingBackend(session, BIG.tenant);
  const fleet = chooseStacks({}, { tenants: rehearsal.tenants, stack: OTHER, ownDatabases: [OTHER] });
  const printed: string[] = [];
  const output = { print: (text: string) => void printed.push(text), report: () => {} };
  const place = { home: rehearsal.home.path, tenants: rehearsal.tenants };
  const work = (sessions: Parameters<typeof rehearsedStacks>[0]) => {
    const stacks = backend.behind(rehearsedStacks(sessions));
    const request = { slugs: [BIG.tenant], to: OTHER, fleet, stacks };
    return moveTenants({ ...request, consent: async () => true, json: false, place: "" }, output);
  };
  try {
    const status = await withRehearsedStacks(["prod", OTHER], place, () => {}, work);
    const seconds = (pattern: RegExp) => Number(pattern.exec(printed.join("\n"))?.[1]);
    if (status !== 0) throw new Error(`the move ended with status ${status}:\n${printed.join("\n")}`);
    return { foretold: seconds(/down for about ([\d.]+) s/), down: seconds(/was down for ([\d.]+) s/) };
  } finally {
    await backend.stop();
  }
}
