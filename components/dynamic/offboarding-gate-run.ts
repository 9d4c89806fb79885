/**
 * What `OffboardingGate` does when a deployment runs. The provider code stored in every stack's state loads this file by its
 * path, so neither path nor the names and arguments of its exports may change.
 */
import type { CreateResult, DiffResult, UpdateResult } from "@pulumi/pulumi/dynamic";
import { inTurn } from "../../database/limiter";
import { offboard } from "../../database/offboarding/offboard";
import type { ConnectionTarget } from "../../domain/connection-string";
import { plainly } from "./plain-error";

export interface GateInputs extends ConnectionTarget {
  readonly tenant: string;
  readonly schema: string;
  readonly role: string;
  /** A folder, or `s3://bucket/prefix`. */
  readonly destination: string;
  readonly kmsKeyId?: string;
  readonly region: string;
  readonly backup: boolean;
}

export async function create(inputs: GateInputs): Promise<CreateResult> {
  return { id: `${inputs.database}.${inputs.schema}`, outs: state(inputs) };
}

/**
 * An update is due when something of what a removal needs has changed. A replacement only where the schema is to be replaced, whose
 * name is unknown then: Pulumi asks, and deletes the gate before the schema.
 */
export async function diff(_id: string, olds: GateInputs, news: GateInputs): Promise<DiffResult> {
  const [before, after] = [state(olds), state(news)];
  const changed = (Object.keys({ ...before, ...after }) as (keyof GateInputs)[]).filter((k) => before[k] !== after[k]);
  return { changes: changed.length > 0, replaces: changed.filter((key) => key === "schema") };
}

/** Takes note of what a removal will need. */
export async function update(_id: string, _olds: GateInputs, news: GateInputs): Promise<UpdateResult> {
  return { outs: state(news) };
}

/** The removal's first step. Returns when the tenant's data may be dropped. */
export function remove(_id: string, props: GateInputs): Promise<void> {
  return plainly(() => inTurn(() => offboard(state(props), { env: process.env, done: (step) => tell(props, step) })));
}

/** What this process prints, Pulumi shows. */
function tell({ tenant }: GateInputs, step: string): void {
  console.log(`${tenant}: ${step}`);
}

/** Named one by one: the SDK's own `__provider` comes along in the inputs, and must not be stored twice. */
function state(inputs: GateInputs): GateInputs {
  const { tenant, schema, role, host, port, database, sslmode, user, password } = inputs;
  const { destination, kmsKeyId, region, backup } = inputs;
  const key = kmsKeyId === undefined ? {} : { kmsKeyId };
  return { tenant, schema, role, host, port, database, sslmode, user, password, destination, ...key, region, backup };
}
