import type { MoveRequest } from "./plan-move";

export interface MoveOptions extends MoveRequest {
  /** Asks whether to do it. */
  readonly consent: () => Promise<boolean>;
  readonly json: boolean;
  /** The options that name a rehearsal, each after a space; empty for production. */
  readonly place: string;
}
