import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { Client } from "pg";
import { destroy, InterruptedRun, refreshState, up } from "../../rehearsal/engine/engine";
import type { DeploymentState, ResourceState } from "../../rehearsal/engine/state";
import { StateFile } from "../../rehearsal/engine/state-file";
import type { Step } from "../../rehearsal/engine/step";
import { isProviderType, nameOf, typeOf, type Urn } from "../../rehearsal/engine/urn";
import { findInterrupted } from "../../rehearsal/session/find-interrupted";
import { tenantLogin } from "../../rehearsal/session/tenant-login";
import { hostedCommand } from "./command-host";
import { Killed, KilledRuns } from "./killed-runs";
import { LiveBackend } from "./live-backend";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";
import { inTheState, inTheWorld, NOTHING } from "./tenant-counts";

const SLUG = "farma";
/** So many that a kill hits half of the kinds of operation there are: while one tenant is held, the next comes to what follows. */
const NEIGHBOURS = ["acme", "bolt", "cargo", "delta", "ember", "fjord"];

/** Should the program die while steps are held, nobody would let go of them. */
const timeout = 15 * 60_000;

// One story of one stack, in this order.
describe("a run that is killed", { timeout }, () => {
  let rehearsal: ScratchRehearsal;
  let runs: KilledRuns;

  before(async () => {
    rehearsal = new ScratchRehearsal({ [SLUG]: frontend(SLUG) });
    runs = new KilledRuns(await rehearsal.open());
  });
  after(() => rehearsal.remove());

  test("before each kind of operation of an `up`: recover leads back to where it began", async () => {
    const { killed, state } = await runs.killedBeforeEachKind(up);
    assert.deepEqual(typesOf(killed), typesOf(urnsOf(state, isProvided)));
  });

  test("after each kind of operation of a `destroy`: recover, then `destroy`, leave nothing, and `up` brings all of it back", async () => {
    const before = await recorded();
    const { killed, state } = await runs.destroyKilledAfterEachKind(async (hit) => {
      // The backup is taken by then, and the gate is still on record: its tenant goes on living until it is taken again.
      if (hit.has(`${SLUG}-gate`)) return assertLogsIn(SLUG);
      if (!hit.has(`${SLUG}-schema`) && !hit.has(`${SLUG}-connect`)) return;
      assert.deepEqual((await runs.up()).failures, []);
      await assertLogsIn(SLUG);
      assert.deepEqual(await inTheWorld(rehearsal.session), inTheState(before.resources));
    });
    assert.deepEqual(typesOf(killed), typesOf(urnsOf(before, isDeletedByCall)));
    assert.deepEqual(state.resources, []);
    assert.deepEqual(await inTheWorld(rehearsal.session), NOTHING);
  });

  test("after each kind of operation of an `up`: recover, then `up`, converge with nothing twice and nothing lost", async () => {
    for (const slug of NEIGHBOURS) rehearsal.declare(slug, neighbour(slug));
    const { killed, state } = await runs.upKilledAfterEachKind((await runs.preview()).state);
    assert.deepEqual(typesOf(killed), typesOf(urnsOf(state, isProvided)));
    assert.deepEqual(await inTheWorld(rehearsal.session), inTheState(state.resources));
    assert.deepEqual(await changesOfUp(), []);
    for (const slug of [SLUG, ...NEIGHBOURS]) await assertLogsIn(slug);
  });

  test("before and after each kind of operation of an `up` that changes and replaces: the same", async () => {
    const changed = "database: {connectionLimit: 7}\nrotation: {password: 2, secretKey: 2}\n";
    const changeAll = (text: string) => {
      rehearsal.declare(SLUG, frontend(SLUG).replace("farma.", "other.").concat(text));
      for (const slug of NEIGHBOURS) rehearsal.declare(slug, neighbour(slug).concat(text));
    };
    const backend = await LiveBackend.start(rehearsal.session, SLUG);
    changeAll(changed);
    // A second password, login and handover are made; a secret is made anew and then deleted; guard, role, script, migrations, secret and
    // open parameters change; and so does a handover that an earlier run has made.
    const { killed, state } = await runs.upKilledAfterEachKind((await runs.preview()).state);
    assert.equal(killed.length, 12);
    const urns = urnsOf(state, () => true);
    assert.deepEqual(urns, [...new Set(urns)]);
    assert.deepEqual(await inTheWorld(rehearsal.session), inTheState(state.resources));
    for (const slug of [SLUG, ...NEIGHBOURS]) await assertLogsIn(slug);
    await backend.tick();
    assert.ok((await changesOfUp()).includes(`${SLUG}-handover`));
    rehearsal.declare(SLUG, frontend(SLUG).replace("farma.", "third.").concat(changed.replaceAll("2", "3")));
    // The first password is made anew too, and the handovers change.
    assert.equal((await runs.killedBeforeEachKind(up)).killed.length, 11);
    await backend.tick();
    assert.ok((await changesOfUp()).includes(`${SLUG}-handover`));
    await backend.stop();
    assert.deepEqual(backend.failures, []);
    assert.deepEqual([...backend.served.keys()].sort(), [`user2_${SLUG}`, `user_${SLUG}`]);
  });

  test("before each kind of operation of a `destroy`: recover leads back to where it began", async () => {
    const before = await recorded();
    const { killed } = await runs.killedBeforeEachKind(destroy);
    assert.deepEqual(typesOf(killed), typesOf(urnsOf(before, isDeletedByCall)));
    assert.deepEqual(await inTheWorld(rehearsal.session), NOTHING);
    for (const slug of NEIGHBOURS) rehearsal.withdraw(slug);
  });

  test("`refresh` sorts it out too, and one that stops half-way keeps on record what it has not resolved", async () => {
    const kill = async ({ urn }: Step) => {
      if (nameOf(urn) === `${SLUG}-role`) throw new Killed();
    };
    await runs.up({ afterCall: kill });
    const unable = async () => {
      throw new Error("no answer");
    };
    assert.equal((await refreshState(rehearsal.session.engine({}), unable)).ok, false);
    await assert.rejects(runs.up(), InterruptedRun);
    assert.deepEqual(
      (await refreshState(rehearsal.session.engine({}), findInterrupted(rehearsal.session))).failures,
      [],
    );
    assert.deepEqual((await runs.up()).failures, []);
    assert.deepEqual((await runs.destroy()).failures, []);
  });

  test("by SIGKILL, with everything under way: the command says what to run, and that heals it", async () => {
    const killed = rehearsal.start(["up"]);
    let said = "";
    killed.stdout?.on("data", (chunk: Buffer) => {
      said += chunk;
      if (said.includes(`${SLUG}-role: created`)) killed.kill("SIGKILL");
    });
    const [, signal] = await once(killed, "close");
    assert.equal(signal, "SIGKILL");
    JSON.parse(readFileSync(rehearsal.home.statePath("prod"), "utf8"));
    const again = await rehearsal.command(["up"]);
    if (again.status !== 0) {
      assert.match(again.stderr, /The last run was interrupted in the middle of/);
      assert.match(
        again.stderr,
        new RegExp(`npx b2b-tenants recover --stack prod --home ${rehearsal.home.path} --tenants`),
      );
      const place = ["--home", rehearsal.home.path, "--tenants", rehearsal.tenants];
      const recovered = await hostedCommand("recover", ...place, "--yes");
      assert.equal(recovered.status, 0, recovered.stdout + recovered.stderr);
    }
    assert.deepEqual((await runs.up()).failures, []);
    assert.deepEqual(await inTheWorld(rehearsal.session), inTheState((await recorded()).resources));
    assert.deepEqual(await changesOfUp(), []);
  });

  async function recorded(): Promise<DeploymentState> {
    return (await StateFile.open(rehearsal.home.statePath("prod"), rehearsal.home.passphrase)).initial;
  }

  async function changesOfUp(): Promise<string[]> {
    const steps: Step[] = [];
    const { failures } = await runs.up({ done: (step) => void steps.push(step) });
    assert.deepEqual(failures, []);
    return steps.filter(({ op }) => op !== "same").map(({ urn }) => nameOf(urn));
  }

  async function assertLogsIn(slug: string): Promise<void> {
    const { host, port, database } = rehearsal.session.postgres;
    const client = new Client({ host, port, database, ...(await tenantLogin(rehearsal.session, slug)) });
    await client.connect();
    await client.end();
  }
});

/** That its backup would be proved as SLUG's is takes time alone. */
function neighbour(slug: string): string {
  return `${frontend(slug)}offboarding: {backup: false}\n`;
}

function urnsOf({ resources }: DeploymentState, which: (resource: ResourceState) => boolean): readonly Urn[] {
  return resources.filter(which).map(({ urn }) => urn);
}

function typesOf(urns: readonly Urn[]): readonly string[] {
  return [...new Set(urns.map(typeOf))].sort();
}

function isProvided({ custom, type }: ResourceState): boolean {
  return custom && !isProviderType(type);
}

/** Grants and default privileges go with what they are on, without a call of their own. */
function isDeletedByCall(resource: ResourceState): boolean {
  return isProvided(resource) && resource.deletedWith === undefined;
}
