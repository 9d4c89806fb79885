import { appendFileSync } from "node:fs";
import type { Output, Status } from "../output";
import type { StackAccess } from "../stack/stack-access";
import { proofMarkdown } from "./proof-markdown";
import { holds, verificationJson, verificationText } from "./show-verification";
import { type Verification, verifyIsolation } from "./verification";

export interface ProofOptions {
  readonly json: boolean;
  /** A file that the matrix and the leaks are added to, in Markdown. */
  readonly summary: string | undefined;
}

/** Proves the isolation of a stack's tenants, and prints the proof. */
export async function verify(access: StackAccess, output: Output, options: ProofOptions): Promise<Status> {
  return printProof(await verifyIsolation(access, output), output, options);
}

/** Prints a proof, for people or for programs, and adds it to the summary where there is one. */
export function printProof(proof: Verification, { print }: Output, { json, summary }: ProofOptions): Status {
  print(json ? verificationJson(proof) : verificationText(proof));
  if (summary !== undefined) appendFileSync(summary, proofMarkdown(proof));
  return holds(proof) ? 0 : 1;
}
