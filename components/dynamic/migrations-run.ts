/** What `Migrations` does when a deployment runs. See README.md in this folder: path, names and arguments of the exports are frozen. */
import { resolve } from "node:path";
import type { CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult } from "@pulumi/pulumi/dynamic";
import { readInitScript } from "../../database/init-script";
import { migrate } from "../../database/migrations/migrate";
import { type MigrationFile, migrationFiles, migrationHashes } from "../../database/migrations/migration-files";
import { migrationStatements } from "../../database/migrations/migration-statements";
import { ahead, changedAfter } from "../../database/migrations/pending";
import { migratedTo } from "../../database/schema-marker";
import type { ConnectionTarget } from "../../domain/connection-string";
import { schemaName } from "../../domain/names";
import { readMark } from "./marked-schema";
import { withPlainErrors } from "./plain-errors";
import { changedKeys, isElsewhere, LOGIN_KEYS, type StoredKeys, storedInputs } from "./stored-inputs";

/** The migrations that a tenant is to have run. */
export interface PlannedMigrations {
  /** Folder of the files, relative to the project folder or absolute. */
  readonly folder: string;
  /** Hash of each file by its name, for example `0007_add_tax`, as the deployment was planned with. */
  readonly files: Readonly<Record<string, string>>;
  /** Milliseconds that a statement may wait for a lock. */
  readonly lockTimeout: number;
  /** Whether the others wait for this tenant's. */
  readonly canary: boolean;
  /** Slugs of the tenants, of any stack, that have to have run a file before this one may; none of a canary. */
  readonly canaries: readonly string[];
}

/** A tenant's schema, the login of its owner, and its migrations. */
export interface MigrationsInputs extends ConnectionTarget, PlannedMigrations {
  readonly tenant: string;
  readonly schema: string;
}

type Scalars = Omit<MigrationsInputs, "files" | "canaries">;
const SCALARS: StoredKeys<Scalars> = {
  tenant: true,
  schema: true,
  ...LOGIN_KEYS,
  folder: true,
  lockTimeout: true,
  canary: true,
};
const KEYS: StoredKeys<Omit<MigrationsInputs, "canaries">> = { ...SCALARS, files: true };

/**
 * In a preview as in a deployment: refuses statements that no migration may hold, and files that were changed or taken away after
 * this tenant had run them. Each is a fault of the commit, for all tenants alike.
 */
export const check = withPlainErrors(
  async (olds: Partial<MigrationsInputs>, news: MigrationsInputs): Promise<CheckResult> => {
    const refused = (reason: string) => ({ inputs: news, failures: [{ property: "files", reason }] });
    if (olds.files !== undefined && olds.schema === news.schema) {
      const reason = notForward(olds.files, news);
      if (reason !== undefined) return refused(reason);
    }
    if (!isSame(olds.files, news.files)) {
      for (const file of planned(news)) await migrationStatements(file);
    }
    return { inputs: news };
  },
);

/** Why a tenant that has run `olds` cannot be brought to the files of today. */
function notForward(olds: MigrationsInputs["files"], { folder, files, tenant }: MigrationsInputs): string | undefined {
  const names = Object.keys(files).sort();
  for (const [index, name] of Object.keys(olds).sort().entries()) {
    const now = names[index];
    if (now === undefined) return ahead(tenant, name, names.at(-1));
    if (now !== name || olds[name] !== files[now]) {
      return changedAfter({ path: `${folder}/${now}.sql`, name: now }, name, [tenant]);
    }
  }
  return undefined;
}

/** All of them, in a schema that has run none. */
export const create = withPlainErrors(async (inputs: MigrationsInputs): Promise<CreateResult> => {
  await run(inputs);
  return { id: `${inputs.database}.${inputs.schema}`, outs: outputs(inputs) };
});

/** Runs what is new, or everything where the database is another one; what else changed is only stored. */
export const update = withPlainErrors(
  async (_id: string, olds: MigrationsInputs, news: MigrationsInputs): Promise<UpdateResult> => {
    if (!isSame(olds.files, news.files) || isElsewhere(olds, news)) await run(news);
    return { outs: outputs(news) };
  },
);

/** Whether there is anything to run or to store. */
export const diff = withPlainErrors(
  async (_id: string, olds: MigrationsInputs, news: MigrationsInputs): Promise<DiffResult> => ({
    changes: !isSame(olds.files, news.files) || changedKeys(SCALARS, olds, news).length > 0,
  }),
);

/** On refresh: the migrations that the schema itself says it has run, by the marker in its comment. A schema without it is forgotten. */
export const read = withPlainErrors(async (id: string, props: MigrationsInputs): Promise<ReadResult> => {
  const number = await readMark(props, (comment) => migratedTo(comment)?.number, Number.POSITIVE_INFINITY);
  if (number === undefined) return { id: "", props: outputs(props) };
  const files = Object.fromEntries(Object.entries(props.files).filter(([name]) => Number(name.slice(0, 4)) <= number));
  return { id, props: outputs({ ...props, files }) };
});

/** What the state keeps, and what is known of migrations that have been run: the number of the last. */
function outputs(inputs: MigrationsInputs) {
  return { ...storedInputs(KEYS, inputs), at: Object.keys(inputs.files).length };
}

async function run(inputs: MigrationsInputs): Promise<void> {
  const canaries = inputs.canaries.map(schemaName);
  await migrate(inputs, planned(inputs), await readInitScript(), { canaries });
}

/** What the tenants of a deployment have been planned with: the same files for all of them, which are read once. */
let lastPlanned: { readonly folder: string; readonly hashes: string; readonly files: MigrationFile[] } | undefined;

/** The files as the deployment was planned with, so that what a reviewer saw is what runs. */
function planned(inputs: MigrationsInputs): MigrationFile[] {
  const folder = resolve(inputs.folder);
  const hashes = sorted(inputs.files);
  if (lastPlanned?.folder === folder && lastPlanned.hashes === hashes) return lastPlanned.files;
  const files = migrationFiles(inputs.folder);
  if (hashes !== sorted(migrationHashes(files))) {
    throw new Error(`${inputs.folder}: changed while the deployment was running; nothing was run: deploy again`);
  }
  lastPlanned = { folder, hashes, files };
  return files;
}

function isSame(olds: MigrationsInputs["files"] | undefined, news: MigrationsInputs["files"]): boolean {
  return olds !== undefined && sorted(olds) === sorted(news);
}

function sorted(files: MigrationsInputs["files"]): string {
  return JSON.stringify(Object.entries(files).sort());
}
