import { verificationText } from "../../ops/verify/show-verification";
import { type Verification, verifyIsolation } from "../../ops/verify/verification";
import type { Session } from "../session/session";
import { stackAccess } from "../session/stack-access";
import { expect, type Telling } from "./telling";

/** What `npx b2b-tenants verify` does: every tenant tries to get at every other, and must not. */
export async function provedApart(telling: Telling, session: Session): Promise<Verification> {
  telling.output.report("… verify");
  const proved = await verifyIsolation(stackAccess(session), { report: () => {} });
  expect(
    proved.leaks.length === 0,
    "the tenants are not shut off from each other",
    verificationText(proved).split("\n"),
  );
  return proved;
}
