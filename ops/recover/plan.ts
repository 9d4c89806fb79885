import type { ExportedOperation, ExportedResource } from "../stack/stack-access";

/** How what an interrupted run was at is found. */
export type Condition = "unknown to the state" | "half-made" | "fine" | "nothing left";

/** One thing that was looked at, and what is to be done about it. */
export interface Finding {
  /** Slug; undefined for what all tenants share. */
  readonly tenant: string | undefined;
  /** As `role user_acme`. */
  readonly thing: string;
  readonly condition: Condition;
  /** What will be done, or why nothing will. */
  readonly plan: string;
  readonly repair?: Repair;
  /** Nothing can be done about it here: a person has to. */
  readonly open?: boolean;
}

export type Repair =
  /** It owned nothing and its schema did not exist when it was looked at. `otherwise`: what holds should that have changed. */
  | { readonly kind: "drop role"; readonly role: string; readonly otherwise?: TakeIn }
  /** It held nothing when it was looked at. */
  | { readonly kind: "drop schema"; readonly schema: string; readonly owner: string; readonly otherwise?: TakeIn }
  | TakeIn
  /** The state must say again what is really there. */
  | { readonly kind: "read again"; readonly urn: string }
  | { readonly kind: "let in"; readonly role: string }
  | { readonly kind: "drop verification"; readonly slug: string };

/** The state gets to know a resource that exists. */
export interface TakeIn {
  readonly kind: "take in";
  readonly resource: ExportedResource;
  readonly id: string;
  /** Whether somebody's data is in it: then nothing but a run that guards it may delete it. */
  readonly holdsData: boolean;
}

export interface Plan {
  /** What the state says was interrupted, all of which the repair takes off the list. */
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
