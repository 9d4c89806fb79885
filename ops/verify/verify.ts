import type { Output, Status } from "../output";
import type { StackAccess } from "../stack/stack-access";
import { holds, verificationJson, verificationText } from "./show-verification";
import { verifyIsolation } from "./verification";

/** Proves the isolation of a stack's tenants, and prints the proof. */
export async function verify(access: StackAccess, output: Output, json: boolean): Promise<Status> {
  const proved = await verifyIsolation(access, output.report);
  output.print(json ? verificationJson(proved) : verificationText(proved));
  return holds(proved) ? 0 : 1;
}
