import { join } from "node:path";

/** How a program is started under Pulumi's protocol for Node: by the SDK's own script, which is told everything by flag and variable. */

/** A program, and what it is to be told. */
export interface NodeProgram {
  /** Folder that the program runs in, and that its SDK is looked up from. */
  readonly directory: string;
  /** Folder of `Pulumi.yaml`. */
  readonly rootDirectory: string;
  readonly entryPoint: string;
  /** Arguments of Node itself. */
  readonly nodeArgs: readonly string[];
  /** Addresses of the two services that the engine offers to a program. */
  readonly monitor: string;
  readonly engine: string;
  readonly organization?: string;
  readonly project: string;
  readonly stack: string;
  readonly preview: boolean;
  readonly parallel: number;
  /** By full key; structured values as JSON text. */
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  /** Whether the SDK is to compile TypeScript as it loads. */
  readonly typescript: boolean;
}

const PRELOADED = ["exit-with-parent.cjs", "lazy-modules.cjs", "no-debug-log.cjs"];

/**
 * Node's arguments for each process that the rehearsal starts: none of them outlives it, and none loads or says what nobody uses. With
 * the usual room for new objects, a quarter of a large program's time goes into looking for those that are not needed any more; with all
 * of it from the start, a small one saves a tenth of its time too.
 */
export const PRELOADS = [
  "--min-semi-space-size=64",
  "--max-semi-space-size=64",
  ...PRELOADED.flatMap((file) => ["--require", join(__dirname, file)]),
];

/** The exit status of a program that ended because of an error it has already told the engine about. */
export const EXIT_AFTER_LOGGED_ERROR = 32;

/** Arguments of `node`. */
export function programArguments(program: NodeProgram): string[] {
  const { directory, organization } = program;
  return [
    ...program.nodeArgs,
    require.resolve("@pulumi/pulumi/cmd/run", { paths: [directory] }),
    `--monitor=${program.monitor}`,
    `--engine=${program.engine}`,
    ...(organization === undefined ? [] : [`--organization=${organization}`]),
    `--project=${program.project}`,
    `--stack=${program.stack}`,
    `--pwd=${directory}`,
    `--root-directory=${program.rootDirectory}`,
    `--parallel=${program.parallel}`,
    ...(program.preview ? ["--dry-run"] : []),
    program.entryPoint,
  ];
}

/** The variables that a program reads; secrets among the settings are there in clear, as Pulumi hands them over. */
export function programVariables({ config, secretKeys, typescript }: NodeProgram): NodeJS.ProcessEnv {
  return {
    PULUMI_NODEJS_TYPESCRIPT: String(typescript),
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
  };
}

/** The variables of a policy pack, which reads the stack's settings as a program does. */
export function policyPackVariables({
  project,
  stack,
  preview,
  config,
}: Pick<NodeProgram, "project" | "stack" | "preview" | "config">): NodeJS.ProcessEnv {
  return {
    PULUMI_NODEJS_PROJECT: project,
    PULUMI_NODEJS_STACK: stack,
    PULUMI_NODEJS_DRY_RUN: String(preview),
    PULUMI_CONFIG: JSON.stringify(config),
  };
}

/** The words of `nodeargs`, an option of the runtime. */
export function splitNodeArgs(text: string): string[] {
  return text.split(" ").filter((argument) => argument !== "");
}
