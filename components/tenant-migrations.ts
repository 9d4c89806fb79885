import type * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import { databaseAddress } from "../domain/connection-string";
import { schemaName } from "../domain/names";
import type { DatabaseSettings } from "../domain/settings-spec";
import { unlessFailed } from "./after-failure";
import { Migrations } from "./dynamic/migrations";

/** What the tables of all tenants are changed by, and who comes first. */
export interface MigrationPlan {
  /** Folder of the files, relative to the project folder or absolute. */
  readonly folder: string;
  /** Hash of each file of `sql/migrations/` by its name, for example `0007_add_tax`. */
  readonly files: Readonly<Record<string, string>>;
  /** Slugs of the tenants, of all stacks, whose migrations come before those of the tenants that are none. */
  readonly canaries: readonly string[];
  /** The migrations of those canaries that this stack declares. */
  readonly first: readonly Migrations[];
}

interface Args {
  readonly slug: string;
  readonly server: DatabaseSettings;
  readonly migrations: MigrationPlan;
  readonly lockTimeout: number;
  readonly canary: boolean;
  /** The login in use. */
  readonly user: string;
  readonly password: pulumi.Output<string>;
  readonly schema: postgresql.Schema;
  /** What makes the tables. */
  readonly init: pulumi.Resource;
}

/** Runs a tenant's migrations when its tables are there and, unless it is a canary, the canaries have run theirs. */
export function migrateTables(parent: pulumi.Resource, args: Args): Migrations {
  const { slug, server, migrations, lockTimeout, canary, user, password, schema, init } = args;
  const { canaries, first } = canary ? { canaries: [], first: [] } : migrations;
  const access = { tenant: slug, schema: schemaName(slug), ...databaseAddress(server), user, password };
  const dependsOn: Promise<pulumi.Resource[]> = failedAmong(first).then((failed) => [init, ...failed]);
  return new Migrations(
    `${slug}-migrations`,
    { ...access, folder: migrations.folder, files: migrations.files, lockTimeout, canary, canaries },
    { parent, dependsOn, deletedWith: schema },
  );
}

const FAILED = -1;

/**
 * Waits for resources, and gives those that failed. Whoever depends on these is left out of the deployment. To depend on all of them
 * would do so too, and would stand in the state: then a removal of all tenants could not remove a canary before the last of the others.
 */
async function failedAmong(resources: readonly Migrations[]): Promise<pulumi.Resource[]> {
  // A preview makes nothing, so nothing fails.
  if (pulumi.runtime.isDryRun()) return [];
  const ended = resources.map(
    (resource) =>
      new Promise<pulumi.Resource[]>((resolve) => {
        unlessFailed(resource.at, FAILED).apply((at) => resolve(at === FAILED ? [resource] : []));
      }),
  );
  return (await Promise.all(ended)).flat();
}
