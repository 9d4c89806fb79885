import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { Client } from "pg";
import { destroy, InterruptedRun, refreshState, up } from "../../rehearsal/engine/engine";
import { type ResourceState, StateFile } from "../../rehearsal/engine/state";
import type { Step } from "../../rehearsal/engine/step";
import { isProviderType, nameOf } from "../../rehearsal/engine/urn";
import { findInterrupted } from "../../rehearsal/find-interrupted";
import { PROJECT_DIR } from "../../rehearsal/session";
import { tenantLogin } from "../../rehearsal/tenant-login";
import { Killed, KilledRuns } from "./killed-runs";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";
import { inTheState, inTheWorld, NOTHING } from "./tenant-counts";

const SLUG = "farma";

// One story of one stack, in this order.
describe("a run that is killed", () => {
  let rehearsal: ScratchRehearsal;
  let runs: KilledRuns;

  before(async () => {
    rehearsal = new ScratchRehearsal({ [SLUG]: frontend(SLUG) });
    runs = new KilledRuns(await rehearsal.open());
  });
  after(() => rehearsal.remove());

  test("before each operation of an `up`: recover leads back to where it began", async () => {
    const calls = await runs.killedBeforeEachCall(up);
    const { state } = await runs.up();
    assert.equal(calls.length, state.resources.filter(isProvided).length);
  });

  test("before each operation of a `destroy`: the same", async () => {
    const { resources } = (await runs.up()).state;
    const calls = await runs.killedBeforeEachCall(destroy);
    assert.equal(calls.length, resources.filter(isDeletedByCall).length);
    assert.deepEqual(await inTheWorld(rehearsal.session, SLUG), NOTHING);
  });

  test("after each operation of an `up`: recover, then `up`, converge with nothing twice and nothing lost", async () => {
    const calls = await runs.killedAfterEachCall(up, async () => {});
    const { state } = await runs.up();
    assert.equal(calls.length, state.resources.filter(isProvided).length);
    assert.deepEqual(await inTheWorld(rehearsal.session, SLUG), inTheState(state.resources));
    assert.deepEqual(await changesOfUp(), []);
  });

  test("before and after each operation of an `up` that changes and replaces: the same", async () => {
    const changed = "database: {connectionLimit: 7}\nrotation: {password: 2, secretKey: 2}\n";
    rehearsal.declare(SLUG, `frontendUrl: https://other.example.com\n${changed}`);
    // Two secrets are replaced (made and deleted); role, script and four parameters change.
    const count = 8;
    assert.equal((await runs.killedAfterEachCall(up, async () => {})).length, count);
    const { state } = await runs.up();
    const urns = state.resources.map(({ urn }) => urn);
    assert.deepEqual(urns, [...new Set(urns)]);
    assert.deepEqual(await inTheWorld(rehearsal.session, SLUG), inTheState(state.resources));
    await assertLogsIn();
    rehearsal.declare(SLUG, frontend(SLUG).replace("farma.", "third.").concat(changed.replaceAll("2", "3")));
    // Made before the old one is deleted, each of the two is met twice.
    assert.equal((await runs.killedBeforeEachCall(up)).length, count + 2);
    assert.deepEqual(await changesOfUp(), []);
  });

  test("after each operation of a `destroy`: recover, then `destroy`, leave nothing, and `up` brings all of it back", async () => {
    const { resources } = (await runs.up()).state;
    const calls = await runs.killedAfterEachCall(destroy, async (hit) => {
      // The backup is taken by then, and the gate is still on record: its tenant goes on living until it is taken again.
      if (hit.has(`${SLUG}-gate`)) return assertLogsIn();
      if (!hit.has(`${SLUG}-schema`) && !hit.has(`${SLUG}-connect`)) return;
      assert.deepEqual((await runs.up()).failures, []);
      await assertLogsIn();
      assert.deepEqual(await inTheWorld(rehearsal.session, SLUG), inTheState(resources));
    });
    assert.equal(calls.length, resources.filter(isDeletedByCall).length);
    assert.deepEqual((await runs.destroy()).state.resources, []);
    assert.deepEqual(await inTheWorld(rehearsal.session, SLUG), NOTHING);
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
    const statePath = rehearsal.home.statePath("prod");
    JSON.parse(readFileSync(statePath, "utf8"));
    const again = await rehearsal.run(["up"]);
    if (again.status !== 0) {
      assert.match(again.stderr, /The last run was interrupted in the middle of/);
      assert.match(again.stderr, new RegExp(`npm run recover -- --stack prod --home ${rehearsal.home.path} --tenants`));
      const recovered = await recoverCommand("--yes");
      assert.equal(recovered.status, 0, recovered.output);
    }
    const healed = await rehearsal.run(["up"]);
    assert.equal(healed.status, 0, healed.stdout + healed.stderr);
    const { initial } = await StateFile.open(statePath, rehearsal.home.passphrase);
    assert.deepEqual(await inTheWorld(rehearsal.session, SLUG), inTheState(initial.resources));
    assert.deepEqual(await changesOfUp(), []);
  });

  async function changesOfUp(): Promise<string[]> {
    const steps: Step[] = [];
    const { failures } = await runs.up({ done: (step) => void steps.push(step) });
    assert.deepEqual(failures, []);
    return steps.filter(({ op }) => op !== "same").map(({ urn }) => nameOf(urn));
  }

  async function assertLogsIn(): Promise<void> {
    const { host, port, database } = rehearsal.session.postgres;
    const client = new Client({ host, port, database, ...(await tenantLogin(rehearsal.session, SLUG)) });
    await client.connect();
    await client.end();
  }

  async function recoverCommand(...options: string[]): Promise<{ status: number | null; output: string }> {
    const place = ["--home", rehearsal.home.path, "--tenants", rehearsal.tenants];
    const child = spawn(process.execPath, ["--import", "tsx", "ops/recover.ts", ...place, ...options], {
      cwd: PROJECT_DIR,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, INIT_CWD: undefined },
    });
    let output = "";
    const collect = (chunk: Buffer) => {
      output += chunk;
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    const [status] = await once(child, "close");
    return { status, output };
  }
});

function isProvided({ custom, type }: ResourceState): boolean {
  return custom && !isProviderType(type);
}

/** Grants and default privileges go with what they are on, without a call of their own. */
function isDeletedByCall(resource: ResourceState): boolean {
  return isProvided(resource) && resource.deletedWith === undefined;
}
