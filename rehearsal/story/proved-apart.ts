import { type Proof, proof } from "../../ops/verify/proof";
import { proofText } from "../../ops/verify/show-proof";
import type { Session } from "../session/session";
import { stackAccess } from "../session/stack-access";
import { expect, type Telling } from "./telling";

/** What `npx b2b-tenants verify` does: every tenant tries to get at every other, and must not. */
export async function provedApart(telling: Telling, session: Session): Promise<Proof> {
  telling.output.report("… verify");
  const proved = await proof(stackAccess(session), () => {});
  expect(proved.leaks.length === 0, "the tenants are not shut off from each other", proofText(proved).split("\n"));
  return proved;
}
