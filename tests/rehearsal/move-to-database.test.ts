import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, it } from "node:test";
import type { Client } from "pg";
import { withAdminConnection } from "../../database/connection";
import { markMoved, raiseFence } from "../../database/offboarding/fence";
import { parseUrn } from "../../domain/urn";
import { chooseStacks } from "../../ops/fleet/chosen-stacks";
import type { MovableStacks } from "../../ops/move/movable-stacks";
import { moveTenants } from "../../ops/move/move-tenants";
import { finishMove } from "../../ops/move/to-database/finish-move";
import { adminTarget } from "../../ops/stack/admin-target";
import type { StackExport } from "../../ops/stack/stack-access";
import { boot } from "../../rehearsal/session/boot";
import { withRehearsedStacks } from "../../rehearsal/session/fleet-deployer";
import { rehearsedStacks } from "../../rehearsal/session/movable-stacks";
import type { Session } from "../../rehearsal/session/session";
import { stackAccess } from "../../rehearsal/session/stack-access";
import { tenantLogin } from "../../rehearsal/session/tenant-login";
import { FollowingBackend } from "./following-backend";
import { query } from "./hand-made";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";
import { SHARED } from "./shared-processes";

// The tests are one story of two fleets with a database server each, in this order.

const OTHER = "east2";
/** Of each a move is killed at another moment, or fails. */
const OTHERS = ["bolt", "cruz", "elsa", "flor", "gina"];
const rehearsal = new ScratchRehearsal(Object.fromEntries(["acme", ...OTHERS].map((slug) => [slug, frontend(slug)])));
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
  await query(served(here).postgres, login, "insert into categories (name) values ('pain'), ('cold')");
  await boot(served(here), "acme");
  const unprotected: string[] = [];
  const { status, printed } = await move("acme", OTHER, {
    faulty: (stacks) => ({
      up: async (stack) => {
        // The server has been waited for by then, in which a deployment of files from before could have come by.
        if (stack === "prod") unprotected.push(...unprotectedIn(OTHER, "acme"));
        return stacks.up(stack);
      },
    }),
  });
  assert.equal(status, 0, printed);
  assert.deepEqual(unprotected, []);
  assert.match(
    printed,
    /acme: moves from prod \(.*\) to east2 \(.*\)\.\nIt will be down for about .* s \(a trial copy took that long\), plus/,
  );
  assert.match(
    printed,
    /acme: is in east2, and its server has logged in there\. It was down for [\d.]+ s\.\nThe previews of prod and east2 show no change\./,
  );
  assert.deepEqual(declared("acme"), { prod: `${frontend("acme")}databaseOnly: true\n`, east2: frontend("acme") });
  const moved = await tenantLogin(served(there), "acme");
  await query(served(there).postgres, moved, "insert into categories (name) values ('flu')");
  assert.deepEqual(await query(served(there).postgres, moved, "select id, name from categories order by id"), [
    { id: 1, name: "pain" },
    { id: 2, name: "cold" },
    { id: 3, name: "flu" },
  ]);
  await assert.rejects(query(served(here).postgres, login, "select"), /not permitted to log in/);
});

it("what it left behind goes with --finish, which goes on where it was killed, and nothing lets the tenant in there before", async () => {
  assert.deepEqual((await rehearsal.up()).changes, []);
  assert.equal(await role(here, "acme"), "shut out");
  // What waits besides would be carried out too.
  rmSync(join(rehearsal.tenants, "gina.yaml"));
  await assert.rejects(
    move("acme", OTHER, { finish: true }),
    /^Error: what is declared for prod is not deployed yet\. Nothing was changed; .*\n {2}delete gina\b/s,
  );
  writeFileSync(join(rehearsal.tenants, "gina.yaml"), frontend("gina"));
  const { status } = await move("acme", OTHER, { finish: true, faulty: (_, kill) => ({ up: () => kill() }) });
  assert.equal(status, "killed");
  assert.deepEqual(declared("acme"), { [OTHER]: frontend("acme") });
  const { printed } = await move("acme", OTHER, { finish: true });
  assert.match(printed, /acme: is in east2 alone; its backup from prod is at/);
  assert.deepEqual([await role(here, "acme"), await role(there, "acme")], ["gone", "working"]);
  assert.match(
    (await move("acme", OTHER, { finish: true })).printed,
    /^acme: no stack but east2 has anything of it\.$/,
  );
});

it("a move that fails before the switch leaves the tenant working where it was, and nothing in the other database", async () => {
  const failures: [string, Faulty, RegExp][] = [
    [
      "bolt",
      (stacks) => ({ up: async (stack) => (stack === OTHER ? FAILED : stacks.up(stack)) }),
      /the `up` of east2 failed/,
    ],
    [
      "cruz",
      (stacks) => ({
        // What the trial did not meet.
        up: async (stack) => {
          await superuser(
            here,
            "create type public.word as enum ('a'); alter table schema_cruz.categories add word public.word",
          );
          return stacks.up(stack);
        },
      }),
      /permission denied for schema public/,
    ],
    [
      "elsa",
      () => ({ moveState: async () => Promise.reject(new Error("incorrect passphrase")) }),
      /^incorrect passphrase/,
    ],
    [
      "bolt",
      () => ({
        // The source's server has committed the end of the move, and its answer is lost.
        up: async () => {
          await asAdmin(here, async (admin) => {
            await raiseFence(admin, "user_bolt", new Date(), "move");
            await markMoved(admin, "user_bolt", new Date(), OTHER);
          });
          throw new Error("the connection is lost");
        },
      }),
      /^the connection is lost/,
    ],
  ];
  for (const [slug, faulty, reason] of failures) {
    let tried = 0;
    const once: Faulty = (stacks, kill) => {
      const changed = faulty(stacks, kill);
      const { up } = changed;
      return { ...changed, ...(up && { up: (stack) => (tried++ === 0 ? up(stack) : stacks.up(stack)) }) };
    };
    await assert.rejects(move(slug, OTHER, { faulty: once }), (error: Error) => {
      assert.match(error.message, reason);
      assert.match(error.message, new RegExp(`${slug} goes on in prod, and east2 has nothing of it$`));
      return true;
    });
    assert.deepEqual(declared(slug), { prod: frontend(slug) });
    assert.deepEqual([await role(here, slug), await role(there, slug)], ["working", "gone"]);
  }
  assert.deepEqual((await rehearsal.up()).changes, []);
});

it("a migration that only the target has run is not lost in the copy; what a failed move cannot remove there is told, with what removes it", async () => {
  let tried = 0;
  const faulty: Faulty = (stacks) => ({
    up: async (stack) => {
      if (tried++ > 0) return FAILED;
      const done = await stacks.up(stack);
      const mark = `b2b-tenants: migrated to 0001, sha256 ${"0".repeat(64)}`;
      await superuser(there, `comment on schema schema_bolt is '${mark}'`);
      return done;
    },
  });
  await assert.rejects(move("bolt", OTHER, { faulty }), (error: Error) => {
    assert.match(
      error.message,
      /^bolt has other migrations behind it in prod \(the last one: 0\) than those of east2 \(1\): /,
    );
    assert.match(
      error.message,
      /\. bolt goes on in prod, and east2 still has what was made of it there, since the `up` of east2 failed: .*\. `npx b2b-tenants fleet up --stack east2` removes that$/,
    );
    return true;
  });
  assert.deepEqual(declared("bolt"), { prod: frontend("bolt") });
  assert.deepEqual([await role(here, "bolt"), await role(there, "bolt")], ["working", "working"]);
  assert.deepEqual((await rehearsal.up("--stack", OTHER)).failures, []);
  assert.equal(await role(there, "bolt"), "gone");
});

it("two tenants of one slug are told apart from one that moves", async () => {
  writeFileSync(join(rehearsal.tenants, "dora.yaml"), frontend("dora"));
  for (const to of ["prod", OTHER]) {
    await assert.rejects(move("dora", to), /declare a tenant dora each, and neither says `databaseOnly`/);
  }
  assert.deepEqual(declared("dora"), { prod: frontend("dora"), [OTHER]: frontend("dora") });
  assert.equal(await role(there, "dora"), "working");
  rmSync(join(rehearsal.tenants, "dora.yaml"));
});

it("a move that is killed while it copies can be taken back, and goes on otherwise", async () => {
  const { status } = await move("bolt", OTHER, {
    faulty: (stacks, kill) => ({ up: (stack) => stacks.up(stack).then(kill) }),
  });
  assert.equal(status, "killed");
  // As a run leaves it that is killed between the copy and its proof.
  await asAdmin(here, (admin) => raiseFence(admin, "user_bolt", new Date(), "move"));
  await superuser(there, "insert into schema_bolt.categories (name) values ('half')");
  const { status: back, printed } = await move("bolt", "prod");
  assert.equal(back, 0, printed);
  assert.deepEqual(declared("bolt"), { prod: frontend("bolt") });
  assert.deepEqual([await role(here, "bolt"), await role(there, "bolt")], ["working", "gone"]);

  const login = await tenantLogin(served(here), "bolt");
  await query(served(here).postgres, login, "insert into categories (name) values ('whole')");
  await move("bolt", OTHER, { faulty: (stacks, kill) => ({ up: (stack) => stacks.up(stack).then(kill) }) });
  await superuser(there, "insert into schema_bolt.categories (name) values ('half')");
  await move("bolt", OTHER);
  await isThereAlone("bolt");
  assert.deepEqual(await superuser(there, "select name from schema_bolt.categories"), [{ name: "whole" }]);
});

it("a move that is killed after the copy goes on, and nothing takes it back", async () => {
  const kills: [string, Faulty][] = [
    ["elsa", (_, kill) => ({ moveState: kill })],
    [
      "flor",
      (stacks, kill) => ({
        moveState: async (...args) => {
          const source = readFileSync(rehearsal.home.statePath("prod"));
          await stacks.moveState(...args);
          writeFileSync(rehearsal.home.statePath("prod"), source);
          return kill();
        },
      }),
    ],
    [
      "gina",
      (stacks, kill) => {
        let ups = 0;
        return { up: async (stack) => (ups++ === 0 ? stacks.up(stack) : kill()) };
      },
    ],
  ];
  for (const [slug, faulty] of kills) {
    assert.equal((await move(slug, OTHER, { faulty })).status, "killed");
    assert.deepEqual([await role(here, slug), await role(there, slug)], ["shut out", "working"]);
    await assert.rejects(move(slug, "prod"), /has moved to east2, and what prod has of it is old: end that move first/);
    await assert.rejects(move(slug, OTHER, { finish: true }), /has not moved to east2 yet/);
    // Between the one file and the other.
    if (slug === "gina") writeFileSync(join(otherTenants, "gina.yaml"), `${frontend("gina")}databaseOnly: true\n`);
    await move(slug, OTHER);
    await isThereAlone(slug);
  }
  assert.deepEqual((await rehearsal.up()).changes, []);
  assert.deepEqual((await rehearsal.up("--stack", OTHER)).changes, []);
});

it("is refused, and changes nothing, where the other database has a role of that name", async () => {
  await superuser(there, "create role user_cruz");
  await assert.rejects(move("cruz", OTHER), /^Error: the database of east2 has a role user_cruz already/);
  await assert.rejects(move("cruz,bolt", OTHER), /cruz, bolt: to another database tenants move one by one/);
  assert.deepEqual(declared("cruz"), { prod: frontend("cruz") });
  assert.equal(await role(here, "cruz"), "working");
});

async function isThereAlone(slug: string): Promise<void> {
  assert.deepEqual(declared(slug), { prod: `${frontend(slug)}databaseOnly: true\n`, [OTHER]: frontend(slug) });
  assert.deepEqual([await role(here, slug), await role(there, slug)], ["shut out", "working"]);
  await query(served(there).postgres, await tenantLogin(served(there), slug), "select");
}

/** What of a tenant a deployment that does not declare it would delete, by the state of a stack. */
function unprotectedIn(stack: string, slug: string): string[] {
  const { deployment } = JSON.parse(readFileSync(rehearsal.home.statePath(stack), "utf8")) as StackExport;
  const its = (deployment.resources ?? []).filter(({ urn, custom }) => custom && parseUrn(urn)?.name.startsWith(slug));
  assert.ok(its.length > 10);
  return its.flatMap(({ urn, protect }) => (protect ? [] : [urn]));
}

/** What a server says of a tenant's role. */
async function role(session: Session | undefined, slug: string): Promise<"working" | "shut out" | "gone"> {
  const [found] = await superuser(session, `select rolcanlogin from pg_roles where rolname = 'user_${slug}'`);
  return found === undefined ? "gone" : found.rolcanlogin ? "working" : "shut out";
}

function superuser(session: Session | undefined, text: string) {
  return query(served(session).postgres, served(session).postgres.superuser, text);
}

function asAdmin(session: Session | undefined, work: (admin: Client) => Promise<void>) {
  return withAdminConnection(adminTarget(stackAccess(served(session))), work);
}

/** What a tenant's files say, by the stack in whose folder they are. */
function declared(slug: string): Record<string, string> {
  const files = { prod: rehearsal.tenants, [OTHER]: otherTenants };
  return Object.fromEntries(
    Object.entries(files).flatMap(([stack, folder]) => {
      const file = join(folder, `${slug}.yaml`);
      return existsSync(file) ? [[stack, readFileSync(file, "utf8")]] : [];
    }),
  );
}

const FAILED = { ok: false, stopped: false, reason: "" };

/** What a move changes stacks by. */
interface Changes {
  readonly up: (stack: string) => ReturnType<MovableStacks["deployer"]["deploy"]>;
  readonly moveState: MovableStacks["moveState"];
}

/** What of that does otherwise; `kill` ends the move there and then, as SIGKILL does. */
type Faulty = (stacks: Changes, kill: () => Promise<never>) => Partial<Changes>;

async function move(
  slugs: string,
  to: string,
  { faulty, finish = false }: { faulty?: Faulty; finish?: boolean } = {},
): Promise<{ status: number | "killed"; printed: string }> {
  const fleet = chooseStacks({}, { tenants: rehearsal.tenants, stack: to, ownDatabases: [OTHER] });
  const backend = new FollowingBackend(served(here), "acme");
  const printed: string[] = [];
  const note = (line: string) => void printed.push(line);
  let die: (status: "killed") => void = () => {};
  const dead = new Promise<"killed">((resolve) => {
    die = resolve;
  });
  const kill = () => {
    die("killed");
    return new Promise<never>(() => {});
  };
  const status = await withRehearsedStacks(
    ["prod", OTHER],
    { home: rehearsal.home.path, tenants: rehearsal.tenants },
    () => {},
    (sessions) => {
      const stacks = changed(backend.behind(rehearsedStacks(sessions.map(withoutPolicies))), faulty, kill);
      const options = { slugs: slugs.split(","), to, fleet, stacks, consent: async () => true, json: false, place: "" };
      const output = { print: note, report: note };
      return Promise.race([finish ? finishMove(options, output) : moveTenants(options, output), dead]);
    },
    SHARED,
  ).finally(() => backend.stop());
  return { status, printed: printed.join("\n") };
}

/** The tests' kept policy pack has the settings of one stack. */
function withoutPolicies(session: Session): Session {
  return { ...session, engine: (...args) => ({ ...session.engine(...args), policyPack: undefined }) };
}

function changed(stacks: MovableStacks, faulty: Faulty | undefined, kill: () => Promise<never>): MovableStacks {
  const { deployer, moveState } = stacks;
  const sound: Changes = { up: (stack) => deployer.deploy(stack, "up", () => {}), moveState };
  const faults = faulty?.(sound, kill) ?? {};
  return {
    ...stacks,
    moveState: faults.moveState ?? moveState,
    deployer: {
      ...deployer,
      deploy: async (stack, operation, tell) => {
        if (operation === "up" && faults.up) return faults.up(stack);
        return deployer.deploy(stack, operation, tell);
      },
    },
  };
}

function served(session: Session | undefined): Session {
  return session ?? assert.fail("no session");
}
