import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { Client } from "pg";
import { chooseStacks } from "../../ops/fleet/chosen-stacks";
import type { MovableStacks } from "../../ops/move/movable-stacks";
import { moveTenants } from "../../ops/move/move-tenants";
import { boot, tick } from "../../rehearsal/session/boot";
import { withRehearsedStacks } from "../../rehearsal/session/fleet-deployer";
import { rehearsedStacks } from "../../rehearsal/session/movable-stacks";
import type { Session } from "../../rehearsal/session/session";
import { tenantLogin } from "../../rehearsal/session/tenant-login";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";
import { SHARED } from "./shared-processes";

// The tests are one story of two fleets with a database server each, in this order.

const OTHER = "east2";
const rehearsal = new ScratchRehearsal({ acme: frontend("acme"), bolt: frontend("bolt") });
const otherTenants = `${rehearsal.tenants}-${OTHER}`;
let [here, there]: Session[] = [];
after(() => rehearsal.remove());

before(async () => {
  rehearsal.home.makeOwnDatabase(OTHER);
  mkdirSync(otherTenants);
  writeFileSync(join(otherTenants, "dora.yaml"), frontend("dora"));
  assert.deepEqual((await rehearsal.up("--stack", OTHER)).failures, []);
  there = rehearsal.session;
  assert.deepEqual((await rehearsal.up()).failures, []);
  here = rehearsal.session;
});

it("a tenant moves to another database server with its data, and its server follows", async () => {
  const login = await tenantLogin(served(here), "acme");
  await query(served(here), login, "insert into categories (name) values ('pain'), ('cold')");
  await boot(served(here), "acme");
  const { status, printed } = await move("acme", OTHER);
  assert.equal(status, 0, printed);
  assert.match(printed, /acme: moves from prod \(.*\) to east2 \(.*\)\.\nIt will be down for about .* s,/);
  assert.match(
    printed,
    /acme: is in east2, and its server has logged in there\. It was down for [\d.]+ s\.\nThe previews of prod and east2 show no change\./,
  );
  assert.deepEqual(declared(), { prod: `${frontend("acme")}databaseOnly: true\n`, east2: frontend("acme") });
  const moved = await tenantLogin(served(there), "acme");
  await query(served(there), moved, "insert into categories (name) values ('flu')");
  assert.deepEqual(await query(served(there), moved, "select id, name from categories order by id"), [
    { id: 1, name: "pain" },
    { id: 2, name: "cold" },
    { id: 3, name: "flu" },
  ]);
  await assert.rejects(query(served(here), login, "select"), /not permitted to log in/);
});

/** What acme's files say, by the stack in whose folder they are. */
function declared(): Record<string, string> {
  const files = { prod: rehearsal.tenants, [OTHER]: otherTenants };
  return Object.fromEntries(
    Object.entries(files).flatMap(([stack, folder]) => {
      const file = join(folder, "acme.yaml");
      return existsSync(file) ? [[stack, readFileSync(file, "utf8")]] : [];
    }),
  );
}

/** @param faulty What of the stacks does otherwise. */
async function move(
  slug: string,
  to: string,
  faulty: (stacks: MovableStacks) => Partial<MovableStacks> = () => ({}),
): Promise<{ status: number; printed: string }> {
  const names = ["prod", OTHER];
  const fleet = chooseStacks({}, { tenants: rehearsal.tenants, stack: to, ownDatabases: [OTHER] });
  const printed: string[] = [];
  const output = {
    print: (text: string) => void printed.push(text),
    report: (line: string) => void printed.push(line),
  };
  const place = { home: rehearsal.home.path, tenants: rehearsal.tenants };
  const status = await withRehearsedStacks(
    names,
    place,
    () => {},
    (sessions) => {
      // The tests' kept policy pack has the settings of the one stack.
      const unasked = sessions.map(
        (session): Session => ({
          ...session,
          engine: (...args) => ({ ...session.engine(...args), policyPack: undefined }),
        }),
      );
      const stacks = withBackend(rehearsedStacks(unasked), slug);
      const options = { slugs: [slug], to, fleet, consent: async () => true, json: false, place: "" };
      return moveTenants({ ...options, stacks: { ...stacks, ...faulty(stacks) } }, output);
    },
    SHARED,
  ).finally(() => Promise.all(backends.splice(0).map((client) => client.end())));
  return { status, printed: printed.join("\n") };
}

const backends: Client[] = [];

/** The tenant's server fetches its parameters after each `up`, and its backend logs in by what it got. */
function withBackend(stacks: MovableStacks, slug: string): MovableStacks {
  const { deployer } = stacks;
  return {
    ...stacks,
    deployer: {
      ...deployer,
      deploy: async (stack, operation, tell) => {
        const deployed = await deployer.deploy(stack, operation, tell);
        if (operation !== "up") return deployed;
        const { env } = await tick(served(here), slug);
        const client = new Client({ connectionString: env.DATABASE_URL ?? "" });
        client.on("error", () => {});
        await client.connect().then(
          () => void backends.push(client),
          () => {},
        );
        return deployed;
      },
    },
  };
}

function served(session: Session | undefined): Session {
  return session ?? assert.fail("no session");
}

async function query({ postgres }: Session, login: { user: string; password: string }, text: string) {
  const { host, port, database } = postgres;
  const client = new Client({ host, port, database, ...login });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
