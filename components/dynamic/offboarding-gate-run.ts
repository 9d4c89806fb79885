/**
 * What `OffboardingGate` does when a deployment runs. See README.md in this folder: path, names and arguments of the exports are
 * frozen.
 */
import type { CreateResult, DiffResult, UpdateResult } from "@pulumi/pulumi/dynamic";
import type { GateInputs } from "../../database/offboarding/offboard";
import { removals } from "../../database/offboarding/offboarding-lock";
import type { Amount } from "../../domain/quantities";
import { EngineStatus } from "./engine-status";
import { withPlainErrors } from "./plain-errors";
import { lookups } from "./server-lookups";
import { changedKeys, LOGIN_KEYS, type StoredKeys, storedInputs } from "./stored-inputs";

const KEYS: StoredKeys<GateInputs> = {
  tenant: true,
  schema: true,
  role: true,
  ...LOGIN_KEYS,
  destination: true,
  kmsKeyId: true,
  region: true,
  backup: true,
};

export const create = withPlainErrors(
  async (inputs: GateInputs): Promise<CreateResult> => ({
    id: `${inputs.database}.${inputs.schema}`,
    outs: storedInputs(KEYS, inputs),
  }),
);

/**
 * Due when something has changed of what a removal needs. Replaced only where the schema is to be replaced, whose name is unknown
 * then: Pulumi deletes the gate before the schema.
 */
export const diff = withPlainErrors(async (_id: string, olds: GateInputs, news: GateInputs): Promise<DiffResult> => {
  const changed = changedKeys(KEYS, olds, news);
  return { changes: changed.length > 0, replaces: changed.filter((key) => key === "schema") };
});

/** Stores what a removal will need. */
export const update = withPlainErrors(
  async (_id: string, _olds: GateInputs, news: GateInputs): Promise<UpdateResult> => ({
    outs: storedInputs(KEYS, news),
  }),
);

/** The removal's first step. Returns when the tenant's data may be dropped. Pulumi shows what this process prints. */
export const remove = withPlainErrors((_id: string, props: GateInputs) =>
  removals(async () => {
    // Loaded where it is needed: whoever looks at a gate, as every preview does, needs neither pg_dump nor a bucket.
    const {
      offboard,
    }: typeof import("../../database/offboarding/offboard") = require("../../database/offboarding/offboard");
    const done = (step: string) => console.log(`${props.tenant}: ${step}`);
    const status = new EngineStatus(props.tenant, process.argv[2]);
    const at = (step: string, amount: Amount) => status.tell(step, amount);
    await offboard(props, { env: process.env, done, at }).finally(() => {
      status.close();
      lookups.forgetFences();
    });
  }),
);

/** As the SDK calls it. */
export { remove as delete };
