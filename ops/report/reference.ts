import type { Output, Status } from "../../cli/run-command";
import { quickReference, type ReferenceFormat, type ReferenceRow } from "../../domain/quick-reference";
import type { StackAccess } from "../stack/stack-access";

const ROOT_TYPE = "pulumi:pulumi:Stack";

/** The rows of the stack's `tenants` output, by slug; none before its first `up`. Nothing in them is secret. */
export async function deployedTenants(
  access: Pick<StackAccess, "exportState">,
): Promise<Readonly<Record<string, ReferenceRow>>> {
  const { deployment } = await access.exportState();
  const root = deployment.resources?.find(({ type }) => type === ROOT_TYPE);
  return (root?.outputs?.tenants ?? {}) as Readonly<Record<string, ReferenceRow>>;
}

/** Prints the guide's quick reference of the tenants that the stack has. */
export async function printReference(
  access: Pick<StackAccess, "stack" | "exportState">,
  output: Output,
  format: ReferenceFormat,
): Promise<Status> {
  const rows = await deployedTenants(access);
  if (Object.keys(rows).length === 0)
    output.report(`Stack ${access.stack} has no tenants: what it has, \`up\` has made.`);
  output.print(quickReference(rows, format));
  return 0;
}
