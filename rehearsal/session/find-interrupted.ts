import { findInAws } from "../../ops/recover/aws-leftovers";
import type { FindInterrupted } from "../engine/refresh";
import type { Session } from "./session";

/**
 * Where to look for what an interrupted creation may have left. Types that are looked for neither here nor in AWS leave nothing
 * that a second creation would meet: random values exist in the state only, grants, scripts and subscriptions come out the same
 * when they are carried out again.
 */
export function findInterrupted({ moto, region }: Session): FindInterrupted {
  const find = findInAws({ region, endpoint: moto.endpoint, credentials: moto.credentials });
  return async ({ type, inputs = {} }, known) => {
    if (type === "postgresql:index/role:Role") return String(inputs.name);
    if (type === "postgresql:index/schema:Schema") return `${inputs.database}.${inputs.name}`;
    return (await find(type, inputs)).find((id) => !known.has(id));
  };
}
