/** What `LoginHandover` does when a deployment runs. See README.md in this folder: path, names and arguments of the exports are frozen. */
import { setTimeout } from "node:timers/promises";
import type { CreateResult, DiffResult, UpdateResult } from "@pulumi/pulumi/dynamic";
import { withAdminConnection } from "../../database/connection";
import {
  endHandover,
  type HandoverStanding,
  handoverOf,
  isTakenOver,
  type LoginUse,
  loginUse,
  standingOf,
  type Turn,
  turnOf,
} from "../../database/rotation/handover";
import type { ConnectionTarget } from "../../domain/connection-string";
import { counted } from "../../domain/counted";
import { withPlainErrors } from "./plain-errors";
import { LOGIN_KEYS, type StoredKeys, storedInputs } from "./stored-inputs";

/** The tenant, the generation of its password, and the admin's login. */
export interface HandoverInputs extends ConnectionTarget {
  readonly tenant: string;
  readonly rotation: number;
  /** Milliseconds. */
  readonly patience: number;
}

/** `open`: the server was not seen to use the login, and both are valid. */
type HandoverState = HandoverInputs & { readonly open: boolean };

const KEYS: StoredKeys<HandoverInputs> = { tenant: true, rotation: true, patience: true, ...LOGIN_KEYS };

const LOOK_EVERY_MS = 1_000;

export const create = withPlainErrors(
  async (inputs: HandoverInputs): Promise<CreateResult> => ({
    id: `${inputs.database}.${inputs.tenant}`,
    outs: await handedOver(inputs, inputs.patience),
  }),
);

/** Due after each rotation, and again in every `up` until the server has changed over. */
export const diff = withPlainErrors(
  async (_id: string, olds: HandoverState, news: HandoverInputs): Promise<DiffResult> => ({
    changes: olds.rotation !== news.rotation || olds.open,
  }),
);

export const update = withPlainErrors(
  async (_id: string, olds: HandoverState, news: HandoverInputs): Promise<UpdateResult> => {
    // An `up` has waited already. What its server has not done since then, it does when somebody has seen to it.
    const patience = olds.rotation === news.rotation ? 0 : news.patience;
    return { outs: await handedOver(news, patience) };
  },
);

async function handedOver(inputs: HandoverInputs, patience: number): Promise<HandoverState> {
  return { ...storedInputs(KEYS, inputs), open: !(await handOver(inputs, patience)) };
}

/** @returns Whether the other login has ended. */
async function handOver(inputs: HandoverInputs, patience: number): Promise<boolean> {
  const turn = turnOf(inputs.tenant, inputs.rotation);
  const deadline = Date.now() + patience;
  for (;;) {
    // A session for each look: the wait may be longer than the network keeps one.
    const use = await withAdminConnection(inputs, async (admin) => {
      // A tenant that is made anew has a server that never knew another login.
      const found = (await handoverOf(admin, turn.role)) === undefined ? undefined : await loginUse(admin, turn);
      if (found === undefined || isTakenOver(found)) await endHandover(admin, turn);
      return found;
    });
    if (use === undefined || isTakenOver(use)) return true;
    const left = deadline - Date.now();
    if (left <= 0) {
      // Pulumi shows what this process prints.
      console.log(stillOpen(inputs, turn, use));
      return false;
    }
    await setTimeout(Math.min(LOOK_EVERY_MS, left));
  }
}

function stillOpen({ tenant }: HandoverInputs, { login, previous }: Turn, use: LoginUse): string {
  const old = `${counted(use.previousSessions, "session")} of ${previous}`;
  const waitsFor: Record<HandoverStanding, string> = {
    changedOver: "",
    holdsOld: `It uses ${login} and still has ${old}: restart what holds them (pg_stat_activity shows where they come from)`,
    usesOld: `It still uses ${previous} (${old}): see that it runs and reads its parameters`,
    unseen:
      "Neither login has a session: see that the server runs. A backend that logs in only when it is asked for something has to be asked: " +
      "open its frontend",
  };
  return (
    `${tenant}: its server has not been seen to change over to ${login}, so ${previous} stays valid too and nobody is refused. ` +
    `${waitsFor[standingOf(use)]}. The next \`up\` ends ${previous} once the server uses ${login} alone`
  );
}
