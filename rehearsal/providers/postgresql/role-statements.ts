import { isDeepStrictEqual } from "node:util";
import { escapeIdentifier, escapeLiteral } from "pg";
import type { Props } from "../../protocol/property-values";
import type { Transaction } from "./connection";
import { strings, text } from "./properties-spec";

/** Attributes that a role has or has not. */
const FLAGS = {
  superuser: "superuser",
  createDatabase: "createdb",
  createRole: "createrole",
  inherit: "inherit",
  login: "login",
  bypassRowLevelSecurity: "bypassrls",
  replication: "replication",
} as const;

const TIMEOUTS = {
  statementTimeout: "statement_timeout",
  idleInTransactionSessionTimeout: "idle_in_transaction_session_timeout",
} as const;

/** Creates the role with everything that belongs to it. One that exists already is an error. */
export async function createRole(txn: Transaction, state: Props): Promise<void> {
  const name = text(state, "name");
  const password = text(state, "password");
  const options = [
    ...(password === "" ? [] : [createPassword(password, state.encryptedPassword === true)]),
    `valid until ${escapeLiteral(text(state, "validUntil") || "infinity")}`,
    `connection limit ${Number(state.connectionLimit)}`,
    ...Object.entries(FLAGS).map(([property, flag]) => flagOf(flag, state[property])),
  ];
  await txn.run(`create role ${escapeIdentifier(name)} with ${options.join(" ")}`, `error creating role ${name}`);
  await grantRoles(txn, state);
  await setSettings(txn, {}, state);
}

/** Changes what differs. Memberships are revoked and granted anew every time, whoever gave them. */
export async function alterRole(txn: Transaction, olds: Props, state: Props): Promise<void> {
  const changed = (property: string) => !isDeepStrictEqual(olds[property] ?? null, state[property] ?? null);
  const role = escapeIdentifier(text(state, "name"));
  if (changed("name")) {
    await txn.run(`alter role ${escapeIdentifier(text(olds, "name"))} rename to ${role}`, "error updating role NAME");
  }
  const password = text(state, "password");
  if ((changed("password") || changed("name")) && password !== "") {
    await txn.run(`alter role ${role} password ${passwordLiteral(password)}`, "error updating role password");
  }
  if (changed("connectionLimit")) {
    const limit = Number(state.connectionLimit);
    await txn.run(`alter role ${role} connection limit ${limit}`, "error updating role CONNECTION LIMIT");
  }
  for (const [property, flag] of Object.entries(FLAGS)) {
    if (!changed(property)) continue;
    await txn.run(
      `alter role ${role} with ${flagOf(flag, state[property])}`,
      `error updating role ${flag.toUpperCase()}`,
    );
  }
  const validUntil = text(state, "validUntil");
  if (changed("validUntil") && validUntil !== "") {
    await txn.run(`alter role ${role} valid until ${escapeLiteral(validUntil)}`, "error updating role VALID UNTIL");
  }
  await revokeRoles(txn, state);
  await grantRoles(txn, state);
  await setSettings(txn, olds, state);
}

function flagOf(flag: string, value: unknown): string {
  return value === true ? flag : `no${flag}`;
}

function createPassword(password: string, encrypted: boolean): string {
  return password.toUpperCase() === "NULL"
    ? "password null"
    : `${encrypted ? "encrypted" : "unencrypted"} password ${passwordLiteral(password)}`;
}

/** The real provider doubles every backslash, though it writes a standard string: the role gets another password. */
function passwordLiteral(password: string): string {
  return escapeLiteral(password.replaceAll("\\", "\\\\"));
}

async function revokeRoles(txn: Transaction, state: Props): Promise<void> {
  const name = text(state, "name");
  const granted = await txn.rows<{ role: string }>(
    `select pg_get_userbyid(roleid) as role
       from pg_auth_members join pg_roles on member = pg_roles.oid where rolname = $1`,
    [name],
  );
  for (const { role } of granted) {
    await txn.run(
      `revoke ${escapeIdentifier(role)} from ${escapeIdentifier(name)}`,
      `could not revoke role ${role} from ${name}`,
    );
  }
}

async function grantRoles(txn: Transaction, state: Props): Promise<void> {
  const name = text(state, "name");
  for (const role of strings(state, "roles")) {
    await txn.run(
      `grant ${escapeIdentifier(role)} to ${escapeIdentifier(name)}`,
      `could not grant role ${role} to ${name}`,
    );
  }
}

/** What the role's sessions begin with. The search path is set every time, the rest when it changes. */
async function setSettings(txn: Transaction, olds: Props, state: Props): Promise<void> {
  const name = text(state, "name");
  const role = escapeIdentifier(name);
  await setSearchPath(txn, name, strings(state, "searchPaths"));
  for (const [property, setting] of Object.entries(TIMEOUTS)) {
    const timeout = Number(state[property] ?? 0);
    if (timeout === Number(olds[property] ?? 0)) continue;
    if (timeout === 0) await txn.run(`alter role ${role} reset ${setting}`, `could not reset ${setting} for ${name}`);
    else {
      await txn.run(
        `alter role ${role} set ${setting} to ${timeout}`,
        `could not set ${setting} ${timeout} for ${name}`,
      );
    }
  }
  const assumed = text(state, "assumeRole");
  if (assumed === text(olds, "assumeRole")) return;
  if (assumed === "") await txn.run(`alter role ${role} reset role`, `could not reset role for ${name}`);
  else
    await txn.run(
      `alter role ${role} set role to ${escapeIdentifier(assumed)}`,
      `could not set role ${assumed} for ${name}`,
    );
}

async function setSearchPath(txn: Transaction, name: string, schemas: string[]): Promise<void> {
  const hostile = schemas.find((schema) => schema.includes(", "));
  if (hostile !== undefined) throw new Error(`search_path cannot contain \`, \`: ${hostile}`);
  const path = schemas.length === 0 ? "default" : schemas.map(escapeIdentifier).join(", ");
  await txn.run(
    `alter role ${escapeIdentifier(name)} set search_path to ${path}`,
    `could not set search_path ${path} for ${name}`,
  );
}
