/** Two other programs that run SQL files in the schemas of a database, each as its makers mean it to be called. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { ConnectionTarget } from "../../domain/connection-string";

/** What npm installs into a folder of the run's own: no package of this project. */
const PACKAGES = ["dbmate@2.36.0", "node-pg-migrate@9.0.0", "pg@8.23.1"];

/** A tenant's schema and the login of its owner. */
export interface Target extends ConnectionTarget {
  readonly schema: string;
}

/** The statements of each file, in their order. */
export type Scripts = readonly (readonly [name: string, sql: string])[];

export interface Peer {
  readonly name: string;
  /** Brings one schema up to date. */
  readonly run: (target: Target) => Promise<void>;
}

/** Installs both, and writes their files. @param folder Empty. */
export async function installPeers(folder: string, scripts: Scripts): Promise<Peer[]> {
  writeFileSync(path.join(folder, "package.json"), "{}");
  const { status } = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--silent", ...PACKAGES], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error(`npm install ${PACKAGES.join(" ")} ended with status ${status}`);
  return [dbmate(folder, scripts), await nodePgMigrate(folder, scripts)];
}

/** One process a schema. */
function dbmate(folder: string, scripts: Scripts): Peer {
  const dir = written(folder, "dbmate", scripts, (sql) => `-- migrate:up\n${sql}\n-- migrate:down\n`);
  const inside = createRequire(path.join(folder, "node_modules", "dbmate", "package.json"));
  const program = inside.resolve(`@dbmate/${process.platform}-${process.arch}/bin/dbmate`);
  return {
    name: "dbmate, one call a schema",
    run: async (target) => {
      const env = { PATH: process.env.PATH, DATABASE_URL: `${urlOf(target)}&search_path=${target.schema}` };
      const { status, stderr } = spawnSync(program, ["--no-dump-schema", "--migrations-dir", dir, "migrate"], { env });
      if (status !== 0) throw new Error(`dbmate: ${stderr}`);
    },
  };
}

type Runner = (options: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** In this process, one schema after the other: its lock is one for the whole database. */
async function nodePgMigrate(folder: string, scripts: Scripts): Promise<Peer> {
  const dir = written(folder, "node-pg-migrate", scripts, (sql) => `-- Up Migration\n${sql}\n`);
  const main = path.join(folder, "node_modules", "node-pg-migrate", "dist", "bundle", "index.js");
  const { runner } = (await import(pathToFileURL(main).href)) as { readonly runner: Runner };
  return {
    name: "node-pg-migrate, one schema after the other",
    run: async (target) => {
      const { schema } = target;
      const where = { dir, schema, migrationsSchema: schema, migrationsTable: "pgmigrations" };
      await runner({ databaseUrl: urlOf(target), direction: "up", log: () => {}, ...where });
    },
  };
}

function urlOf({ user, password, host, port, database }: Target): string {
  return `postgres://${user}:${password}@${host}:${port}/${database}?sslmode=disable`;
}

function written(folder: string, name: string, scripts: Scripts, form: (sql: string) => string): string {
  const dir = path.join(folder, name);
  mkdirSync(dir);
  for (const [file, sql] of scripts) writeFileSync(path.join(dir, `${file}.sql`), form(sql));
  return dir;
}
