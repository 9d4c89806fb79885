import { resolve } from "node:path";
import type { AwsClientSettings } from "../../domain/aws-access";
import { loadTenants } from "../../domain/load-tenants";
import { STACK_TYPE } from "../../domain/resource-types";
import { checkSettings } from "../../domain/settings-file";
import { servedBy } from "../../domain/tenants-of";
import { PROJECT_DIR, pulumi } from "./pulumi-cli";
import type { StackAccess, StackExport } from "./stack-access";

/** One setting as `pulumi config --json` prints it. */
interface PrintedSetting {
  readonly value: string;
  readonly secret: boolean;
}

/**
 * A stack of production, reached through the Pulumi CLI, with the settings that the CLI has for it.
 *
 * @throws FileErrors when the settings or the tenant files are not right.
 */
export async function openPulumiStack(stack: string): Promise<StackAccess> {
  const printed: Record<string, PrintedSetting> = JSON.parse(
    await pulumi(stack, ["config", "--json", "--show-secrets"]),
  );
  const config = Object.fromEntries(Object.entries(printed).map(([key, { value }]) => [key, value]));
  const { spec, adminPassword } = checkSettings({
    stack,
    config,
    isSecret: (key) => printed[key]?.secret ?? false,
    environmentPassword: process.env.PGPASSWORD,
    folder: PROJECT_DIR,
  });
  const everyStack = loadTenants(resolve(PROJECT_DIR, spec.tenantsDir), { stack, ...spec });
  return {
    stack,
    settings: spec,
    adminPassword,
    declared: servedBy(stack, spec.fleet, everyStack),
    everyStack,
    aws: awsClientSettings(config),
    env: process.env,
    ...stateThrough((args, input) => pulumi(stack, args, input)),
  };
}

/** What of a stack's access goes through the Pulumi CLI, which is called for that stack. */
export function stateThrough(
  call: (args: readonly string[], input?: string) => Promise<string>,
): Pick<StackAccess, "exportState" | "assertUnlocked" | "importState" | "refresh"> {
  const exportState = async (): Promise<StackExport> => JSON.parse(await call(["stack", "export"]));
  return {
    exportState,
    assertUnlocked: async () => {
      const { deployment } = await exportState();
      const root = deployment.resources?.find(({ type }) => type === STACK_TYPE);
      // An edit that changes nothing takes the lock for a moment, as a deployment does. An import would take it too, but it clears the
      // list of interrupted operations.
      if (root !== undefined) await call(["state", "unprotect", root.urn, "--yes"]);
    },
    importState: async (state) => {
      await call(["stack", "import"], JSON.stringify(state));
    },
    refresh: async (urns) => {
      if (urns.length === 0) return;
      const targets = urns.flatMap((urn) => ["--target", urn]);
      await call(["refresh", "--yes", "--skip-preview", "--skip-pending-creates", ...targets]);
    },
  };
}

/** The account that the stack's aws provider uses. What the stack's settings leave out, the environment provides. */
function awsClientSettings(config: Readonly<Record<string, string>>): AwsClientSettings {
  const [accessKeyId, secretAccessKey] = [config["aws:accessKey"], config["aws:secretKey"]];
  const endpoint = endpointOf(config["aws:endpoints"]);
  const profile = config["aws:profile"];
  // The SDK's clients read the variable when they are given no credentials.
  if (profile !== undefined) process.env.AWS_PROFILE ??= profile;
  return {
    region: config["aws:region"] ?? "",
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
  };
}

/** The clients take one endpoint for all services: that of an emulator. */
function endpointOf(setting: string | undefined): string | undefined {
  if (setting === undefined) return undefined;
  const endpoints: Record<string, string>[] = JSON.parse(setting);
  const [one, ...others] = new Set(endpoints.flatMap((services) => Object.values(services)));
  return others.length === 0 ? one : undefined;
}
