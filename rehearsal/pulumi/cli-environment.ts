import { type PulumiCli, pulumiHome, pulumiPath } from "./find-cli";

/** Where a CLI keeps its states, and what it is given. */
export interface CliPlace {
  readonly cli: PulumiCli;
  /** Folder of the file backend. */
  readonly backend: string;
  readonly passphrase: string;
  /** Value of `PULUMI_DEBUG_PROVIDERS`. */
  readonly debugProviders: string;
}

/** What the CLI is told by its environment: it asks for no login, and fetches nothing by itself. */
export function cliEnvironment({ cli, backend, passphrase, debugProviders }: CliPlace, path: string | undefined) {
  return {
    PATH: pulumiPath(cli, path),
    PULUMI_HOME: pulumiHome(),
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_DEBUG_PROVIDERS: debugProviders,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}
