import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { Client } from "pg";
import { cliEnvironment } from "../../rehearsal/pulumi/cli-environment";
import { type PulumiCli, pulumiPath } from "../../rehearsal/pulumi/find-cli";
import { missingPlugins, startStandIns } from "../../rehearsal/pulumi/stand-in-plugins";
import { prepareAccount } from "../../rehearsal/servers/account";
import { type MotoServer, startMoto } from "../../rehearsal/servers/moto";
import { type PostgresServer, startPostgres } from "../../rehearsal/servers/postgres";
import { Home } from "../../rehearsal/session/home";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { type RehearsalSite, regionOf } from "../../rehearsal/session/rehearsal-settings";
import { readStackFile, section } from "../../rehearsal/session/stack-config";
import { copyProject } from "../project-copy";

/** Everything that a test file's stacks share: servers, plugins, a copy of the project, and a backend of its own. */
export interface Site {
  readonly cli: PulumiCli;
  readonly home: Home;
  readonly projectDir: string;
  /** Folder of the file backend. */
  readonly backendDir: string;
  readonly pulumiHome: string;
  readonly moto: MotoServer;
  readonly settings: RehearsalSite;
  /** Environment of every call of the CLI. */
  readonly env: Readonly<Record<string, string>>;
  /** Everything that any call of the CLI printed. */
  readonly transcript: string[];
  /** The server answers on the same port again after `postgres.stop()`. */
  startPostgresAgain(): Promise<void>;
  /** A session of the server's own superuser, who sees everything. */
  query<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>;
  remove(): Promise<void>;
}

/** @param checkout Whose project is copied and whose settings are used. */
export async function startSite(cli: PulumiCli, checkout = PROJECT_DIR): Promise<Site> {
  const path = mkdtempSync(join(tmpdir(), "acceptance-"));
  // PostgreSQL may run as another user than the tests do, and has to reach its data.
  chmodSync(path, 0o711);
  const [projectDir, backendDir, pulumiHome] = [join(path, "project"), join(path, "backend"), join(path, "pulumi")];
  for (const folder of [projectDir, backendDir, pulumiHome]) mkdirSync(folder);
  copyProject(projectDir, checkout);
  forgetOwnSettings(cli, pulumiHome);

  const [postgres, moto, plugins] = await Promise.all([
    startPostgres({ home: path, major: 16 }),
    startMoto({ home: path }),
    missingPlugins(async () => false).then(startStandIns),
  ]);
  const home = new Home(path);
  const fleet = readStackFile(checkout, "prod");
  const region = regionOf(fleet);
  const { subnetIds } = section(fleet, "b2b-tenants:network");
  const account = await prepareAccount(moto, region, subnetIds as string[]);
  return {
    cli,
    home,
    projectDir,
    backendDir,
    pulumiHome,
    moto,
    settings: {
      postgres,
      moto,
      region,
      account,
      backups: home.backups,
      tenantsDir: "tenants",
      migrationsDir: "sql/migrations",
    },
    env: {
      ...cliEnvironment(
        { cli, backend: backendDir, passphrase: home.passphrase, debugProviders: plugins.debugProviders },
        // Where the gate finds PostgreSQL's client programs; the machine's own may be older than the server.
        [dirname(postgres.programs.pg_dump), process.env.PATH].join(delimiter),
      ),
    },
    transcript: [],
    startPostgresAgain: async () => {
      const { port } = await startPostgres({ home: path, major: 16 });
      if (port !== postgres.port) throw new Error(`PostgreSQL came back on port ${port} instead of ${postgres.port}`);
    },
    query: (sql, values) => asSuperuser(postgres, sql, values),
    remove: async () => {
      await Promise.all([plugins.stop(), postgres.stop(), moto.stop()]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** The same, of a project that declares no tenant. */
export async function startEmptySite(cli: PulumiCli, checkout = PROJECT_DIR): Promise<Site> {
  const site = await startSite(cli, checkout);
  const tenants = join(site.projectDir, "tenants");
  rmSync(tenants, { recursive: true });
  mkdirSync(tenants);
  return site;
}

/** What a person has set up on this machine must not reach into a test, and the CLI must find its own language host first. */
function forgetOwnSettings(cli: PulumiCli, pulumiHome: string): void {
  for (const name of Object.keys(process.env)) {
    if (/^(AWS_(?!SDK_JS_)|PG|PULUMI_)/.test(name)) delete process.env[name];
  }
  // The Automation API's very first call of the CLI does not yet know the workspace's environment.
  process.env.PULUMI_HOME = pulumiHome;
  process.env.PATH = pulumiPath(cli);
}

async function asSuperuser<Row extends object>(
  { host, port, database, superuser }: PostgresServer,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new Client({ host, port, database, ...superuser, ssl: false });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}
