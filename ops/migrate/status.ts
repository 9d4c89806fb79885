import type { MigrationFile } from "../../database/migrations/migration-files";
import type { Output, Status } from "../output";
import type { StackAccess } from "../stack/stack-access";
import { versionsJson, versionsText } from "./show-versions";
import { failsStatus, readVersions } from "./versions";

/** Prints where each tenant of the database stands. @returns 1 when a tenant of this stack is at none of the files' versions. */
export async function printVersions(
  access: StackAccess,
  output: Output,
  { files, json }: { readonly files: readonly MigrationFile[]; readonly json: boolean },
): Promise<Status> {
  const versions = { stack: access.stack, files, tenants: await readVersions(access, files) };
  output.print(json ? versionsJson(versions) : versionsText(versions));
  return versions.tenants.some(failsStatus) ? 1 : 0;
}
