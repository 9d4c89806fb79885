import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { type Client, escapeLiteral } from "pg";
import { makeDataFolder, type Programs } from "./blank-cluster";
import type { PostgresMajor } from "./postgres-programs";
import { failureOf, ServerError } from "./server-error";

/** RDS's own superuser, whom nobody but RDS can log in as; the tests use it to look at what the admin may not see. */
export const SUPERUSER = "rdsadmin";
/** RDS's admin login, which is not a superuser. */
export const ADMIN = "postgres";

/** One PostgreSQL data folder with what belongs to it. */
export interface Cluster {
  /** Holds `data`, `credentials.json`, `server.log` and `port`. */
  readonly folder: string;
  readonly data: string;
  readonly major: PostgresMajor;
  readonly credentials: Credentials;
}

interface Credentials {
  readonly superuserPassword: string;
  readonly adminPassword: string;
}

/** The cluster in `folder`, made if there is none yet. */
export async function openCluster(folder: string, major: PostgresMajor, programs: Programs): Promise<Cluster> {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
  const data = path.join(folder, "data");
  if (!existsSync(data)) await createCluster(folder, data, programs);
  const advice = `Remove ${folder} to start over with an empty database, or name another folder with --home.`;
  let version: string;
  let credentials: Credentials;
  try {
    version = readFileSync(path.join(data, "PG_VERSION"), "utf8").trim();
    credentials = JSON.parse(readFileSync(path.join(folder, "credentials.json"), "utf8"));
  } catch {
    throw new ServerError(`${folder} is damaged: its data or its credentials cannot be read`, advice);
  }
  if (version !== String(major)) {
    throw new ServerError(`${data} was made by PostgreSQL ${version}, not ${major}`, advice);
  }
  return { folder, data, major, credentials };
}

/** The data folder is made elsewhere and renamed into place when it is whole; what an interrupted start left is removed. */
async function createCluster(folder: string, data: string, programs: Programs): Promise<void> {
  for (const name of readdirSync(folder)) {
    if (name.startsWith("initdb-")) rmSync(path.join(folder, name), { recursive: true, force: true });
  }
  const random = () => randomBytes(24).toString("base64url");
  const credentials: Credentials = { superuserPassword: random(), adminPassword: random() };
  const scratch = path.join(folder, `initdb-${randomBytes(4).toString("hex")}`);
  try {
    writeFileSync(path.join(folder, "credentials.json"), JSON.stringify(credentials), { mode: 0o600 });
    mkdirSync(scratch, { mode: 0o700 });
    const superuser = { name: SUPERUSER, password: credentials.superuserPassword };
    renameSync(await makeDataFolder(programs, scratch, superuser), data);
  } catch (error) {
    throw failureOf(
      "PostgreSQL's data folder could not be made",
      `Look at what initdb said, and at ${folder}.`,
      (error as Error).message,
      folder,
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Roles of the server that RDS hands to rds_superuser, of those that a major has. */
const PREDEFINED = [
  "pg_monitor",
  "pg_signal_backend",
  "pg_checkpoint",
  "pg_use_reserved_connections",
  "pg_create_subscription",
  "pg_maintain",
];

/**
 * Gives a new cluster the roles that RDS gives: the admin is no superuser, makes roles and databases, owns its databases, and can
 * grant the predefined roles that RDS hands to rds_superuser. It cannot read what its tenants own. Schema `public` belongs to the owner
 * of its database, as PostgreSQL has it since 15 by itself.
 */
export async function createAdmin(superuser: Client, adminPassword: string): Promise<void> {
  const { rows } = await superuser.query<{ name: string }>(
    "select rolname as name from pg_roles where rolname = $1 or rolname = any ($2) order by oid",
    [ADMIN, PREDEFINED],
  );
  const predefined = rows.map(({ name }) => name);
  if (predefined.includes(ADMIN)) return;
  // One message is one transaction: an interrupted start leaves all of it or none.
  await superuser.query(`
    create role rds_superuser nologin;
    create role rds_password nologin;
    create role rds_replication nologin;
    grant ${predefined.join(", ")}, rds_password, rds_replication to rds_superuser with admin option;
    create role ${ADMIN} with login createdb createrole valid until 'infinity' password ${escapeLiteral(adminPassword)};
    grant rds_superuser to ${ADMIN} with admin option;
    alter database postgres owner to ${ADMIN};
    alter database template1 owner to ${ADMIN};
    alter schema public owner to pg_database_owner;
  `);
}
