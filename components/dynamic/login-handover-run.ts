/** What `LoginHandover` does when a deployment runs. See README.md in this folder: path, names and arguments of the exports are frozen. */
import { setTimeout } from "node:timers/promises";
import type { CreateResult, DiffResult, UpdateResult } from "@pulumi/pulumi/dynamic";
import { withAdminConnection } from "../../database/connection";
import {
  endHandover,
  handoverOf,
  isTakenOver,
  type LoginUse,
  loginUse,
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
    outs: await handedOver(inputs),
  }),
);

/** Due after each rotation, and again in every `up` until the server has changed over. */
export const diff = withPlainErrors(
  async (_id: string, olds: HandoverState, news: HandoverInputs): Promise<DiffResult> => ({
    changes: olds.rotation !== news.rotation || olds.open,
  }),
);

export const update = withPlainErrors(
  async (_id: string, _olds: HandoverState, news: HandoverInputs): Promise<UpdateResult> => ({
    outs: await handedOver(news),
  }),
);

async function handedOver(inputs: HandoverInputs): Promise<HandoverState> {
  return { ...storedInputs(KEYS, inputs), open: !(await handOver(inputs)) };
}

/** @returns Whether the other login has ended. */
async function handOver(inputs: HandoverInputs): Promise<boolean> {
  const turn = turnOf(inputs.tenant, inputs.rotation);
  const deadline = Date.now() + inputs.patience;
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

function stillOpen(
  { tenant }: HandoverInputs,
  { login, previous }: Turn,
  { sessions, previousSessions }: LoginUse,
): string {
  const seen = `${counted(sessions, "session")} of ${login}, and ${counted(previousSessions, "session")} of ${previous}`;
  return (
    `${tenant}: its server has not changed over to ${login} (${seen}), so ${previous} stays valid too and nobody is refused. ` +
    `See that the server runs and reads its parameters; the next \`up\` ends ${previous} once the server uses ${login} alone`
  );
}
