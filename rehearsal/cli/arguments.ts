import { parseArgs } from "node:util";
import { UsageError } from "../../domain/usage-error";
import { checkedStackName, majorVersion, type SessionOptions } from "../session/session-options";

export const COMMANDS = ["story", "up", "preview", "refresh", "destroy", "outputs", "boot", "psql", "stop"] as const;
export type Command = (typeof COMMANDS)[number];

export interface Arguments extends SessionOptions {
  readonly command: Command;
  /** The slug that `boot` needs and `psql` takes. */
  readonly slug: string | undefined;
  readonly cli: boolean;
  readonly json: boolean;
  readonly showSecrets: boolean;
}

export const USAGE = `Usage: npm run rehearse -- [COMMAND] [OPTIONS]

Runs the unmodified program on this machine: a real PostgreSQL server, an AWS emulator, no account, no login.

  (no command)      the story: three tenants brought to life and proved isolated, one more onboarded, offboarded and restored
  up                bring every tenant to what its file says
  preview           show what \`up\` would change, and change nothing
  refresh           make the state say what is really there; also after a run that was killed
  destroy           remove everything that the stack declares
  outputs           print the stack's outputs
  boot SLUG         run the tenant's server's boot script, and print where the .env is
  psql [SLUG]       a SQL shell as that tenant, or as the admin
  stop              stop the servers; the data stay

  --stack NAME      stack to work on (default prod)
  --tenants DIR     folder of tenant files (default: what the stack's settings say)
  --migrations DIR  folder of migrations (default: what the stack's settings say)
  --home DIR        folder of the rehearsal's data (default .rehearsal)
  --postgres MAJOR  major version of the PostgreSQL server, 14 to 18 (default: what the home has, REHEARSAL_POSTGRES, or 16)
  --postgres-bin DIR  folder with the programs of another PostgreSQL server (default: what the home has, or REHEARSAL_POSTGRES_BIN)
  --own-database    give the stack a database server of its own in this home, and the folder of tenant files DIR-NAME; for good
  --plugin NAME=PATH  a real Pulumi plugin instead of the stand-in, for example postgresql=/usr/local/bin/pulumi-resource-postgresql
  --cli             let the Pulumi CLI drive, the one on PATH or npm's, with the plugins that it finds or fetches
  --json            with preview and outputs: print JSON
  --show-secrets    with outputs: show secrets in clear
  --help            print this

Exit status: 0 done, 1 the deployment failed, 2 wrong usage or invalid tenant files.
`;

/** Commands that are the same whatever drives the stack. */
const NOT_DRIVEN = ["boot", "psql", "stop"] as const satisfies readonly Command[];

const OPTIONS = {
  stack: { type: "string", default: "prod" },
  tenants: { type: "string" },
  migrations: { type: "string" },
  home: { type: "string", default: ".rehearsal" },
  postgres: { type: "string" },
  "postgres-bin": { type: "string" },
  plugin: { type: "string", multiple: true, default: [] as string[] },
  "own-database": { type: "boolean", default: false },
  cli: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  "show-secrets": { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** @returns "help" when that is what was asked for. @throws UsageError */
export function parseArguments(argv: readonly string[]): Arguments | "help" {
  const { values, positionals } = parsed(argv);
  if (values.help) return "help";
  const [word = "story", slug, ...more] = positionals;
  const command = COMMANDS.find((name) => name === word);
  if (command === undefined) {
    throw new UsageError(`there is no command "${word}"; the commands are ${COMMANDS.slice(1).join(", ")}`);
  }
  const takesSlug = command === "boot" || command === "psql";
  const surplus = takesSlug ? more : positionals.slice(1);
  if (surplus.length > 0) throw new UsageError(`"${command}" does not take "${surplus.join(" ")}"`);
  if (command === "boot" && slug === undefined) {
    throw new UsageError("boot needs the tenant's slug, for example: npm run rehearse -- boot farmacruz");
  }
  if (values.cli && (NOT_DRIVEN as readonly Command[]).includes(command)) {
    throw new UsageError(`--cli: "${command}" deploys nothing; leave it out`);
  }
  if (values.cli && values.plugin.length > 0) {
    throw new UsageError("--plugin: with --cli, the Pulumi CLI finds its plugins itself; put this one on PATH");
  }
  return {
    command,
    slug: takesSlug ? slug : undefined,
    stack: checkedStackName(values.stack),
    tenants: values.tenants,
    migrations: values.migrations,
    home: values.home,
    postgres: majorVersion("--postgres", values.postgres),
    postgresBin: values["postgres-bin"],
    ownDatabase: values["own-database"],
    plugins: new Map(values.plugin.map(pluginPath)),
    cli: values.cli,
    json: values.json,
    showSecrets: values["show-secrets"],
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function pluginPath(text: string): [string, string] {
  const match = /^([a-z][a-z0-9-]*)=(.+)$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new UsageError(`--plugin ${JSON.stringify(text)}: write it as NAME=PATH`);
  }
  return [match[1], match[2]];
}
