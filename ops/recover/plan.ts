import type { ExportedOperation, ExportedResource } from "../stack/stack-access";

/** In what condition something is found that an interrupted run was working on. */
export type Condition = "unknown to the state" | "half-made" | "fine" | "nothing left";

/** One thing that was looked at, and what is to be done about it. */
export interface Finding {
  /** Slug; undefined for what all tenants share. */
  readonly tenant: string | undefined;
  /** For example `role user_acme`. */
  readonly thing: string;
  readonly condition: Condition;
  /** What will be done, or why nothing will. */
  readonly plan: string;
  readonly repair?: Repair;
  /** A person has to deal with it. */
  readonly open?: boolean;
}

export type Repair =
  /** It owned nothing, and its schema did not exist, when the plan was made. `otherwise`: what to do if that has changed. */
  | { readonly kind: "drop role"; readonly role: string; readonly otherwise?: TakeIn }
  /** It was empty when the plan was made. */
  | { readonly kind: "drop schema"; readonly schema: string; readonly owner: string; readonly otherwise?: TakeIn }
  | TakeIn
  /** The state is refreshed from what is really there. */
  | { readonly kind: "read again"; readonly urn: string }
  | { readonly kind: "lift fence"; readonly role: string }
  | { readonly kind: "drop scratch database"; readonly slug: string };

/** A resource that exists is added to the state. */
export interface TakeIn {
  readonly kind: "take in";
  readonly resource: ExportedResource;
  readonly id: string;
  /** Whether it holds data: then it is protected, so that only a deployment with a gate can delete it. */
  readonly holdsData: boolean;
}

export interface Plan {
  /** What the state lists as interrupted; the repair clears the list. */
  readonly interrupted: readonly ExportedOperation[];
  readonly findings: readonly Finding[];
}

export function repairsOf({ findings }: Plan): readonly Repair[] {
  return findings.flatMap(({ repair }) => (repair === undefined ? [] : [repair]));
}

/** Whether there is anything to do that needs consent. */
export function changesAnything(plan: Plan): boolean {
  return plan.interrupted.length > 0 || repairsOf(plan).length > 0;
}
