import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Output, Status } from "../../ops/output";
import { tenantsFolder } from "../session/checked-stack";
import { Home } from "../session/home";
import { fromWhereItWasTyped } from "../session/places";
import { stopServers } from "../session/session";
import type { SessionOptions } from "../session/session-options";
import { migrated } from "./migrated";
import { moved } from "./moved";
import { newcomer } from "./newcomer";
import { shutIn } from "./shut-in";
import { changesOf, expect, StoryFailure, summary, Telling } from "./telling";

/**
 * The main job from end to end, on real servers: the tenants are brought to life, each server boots and its `.env` logs in; one more
 * comes, has its password rotated, is removed with a proved backup, comes back from that under another name, and goes. A migration reaches the canary first. A tenant changes stacks, and database servers. Every tenant is shut off from every
 * other, with the one more and without. Ends at the first claim that does not hold.
 */
export async function runStory(args: SessionOptions, output: Output, signal: AbortSignal): Promise<Status> {
  const home = new Home(fromWhereItWasTyped(args.home));
  home.make();
  // Its own: the newcomer's file must reach no other command's run.
  const folder = mkdtempSync(join(home.path, "story-tenants-"));
  cpSync(tenantsFolder(args), folder, { recursive: true });
  try {
    await tell(new Telling({ ...args, tenants: folder }, args.tenants, output, signal), folder);
    await migrated(args, output, signal);
    await moved(args, output);
  } catch (error) {
    if (error instanceof StoryFailure) {
      output.print(`✗ ${error.message}`);
      return 1;
    }
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await stopServers(args, output.report);
    output.print("The servers have stopped; the data stay.");
  }
  output.print("Every step held.");
  return 0;
}

async function tell(telling: Telling, folder: string): Promise<void> {
  await telling.inSession(async (session) => {
    const first = await telling.up(session);
    telling.held(`brought to life: ${Object.keys(first.tenants).join(", ")} (${summary(first.steps)})`);
    telling.held(`none of the ${first.policies} policies is violated`);
    const second = await telling.up(session);
    const changes = changesOf(second.steps);
    expect(changes.length === 0, "a second `up` changes something", changes);
    telling.held("a second `up` changes nothing");
    await shutIn(telling, session, Object.keys(second.tenants));
  });
  await newcomer(telling, folder);
}
