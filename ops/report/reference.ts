import { quickReference, type ReferenceFormat, type ReferenceRow } from "../../domain/quick-reference";
import { STACK_TYPE } from "../../domain/resource-types";
import type { Output, Status } from "../output";
import type { StackAccess } from "../stack/stack-access";

/** The rows of the stack's `tenants` output, by slug; none before its first `up`. Nothing in them is secret. */
export async function deployedTenants(
  access: Pick<StackAccess, "exportState">,
): Promise<Readonly<Record<string, ReferenceRow>>> {
  const { deployment } = await access.exportState();
  const root = deployment.resources?.find(({ type }) => type === STACK_TYPE);
  return (root?.outputs?.tenants ?? {}) as Readonly<Record<string, ReferenceRow>>;
}

/** Prints the quick reference of the stack's tenants: what section 8 of docs/guia.es.md lists. */
export async function printReference(
  access: Pick<StackAccess, "stack" | "exportState">,
  output: Output,
  format: ReferenceFormat,
): Promise<Status> {
  const rows = await deployedTenants(access);
  if (Object.keys(rows).length === 0)
    output.report(`Stack ${access.stack} has no tenants yet: the first \`up\` creates them.`);
  output.print(quickReference(rows, format));
  return 0;
}
