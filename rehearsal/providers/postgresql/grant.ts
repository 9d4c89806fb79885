import { escapeIdentifier } from "pg";
import type { Props } from "../../protocol/property-values";
import type { Server, Transaction } from "./connection";
import { lockDatabase, lockRole } from "./locks";
import { withRolesGranted } from "./memberships";
import { granteeOid, grantTargetsExist, validatePrivileges, withPrivileges } from "./privileges";
import { strings, text } from "./properties-spec";
import type { PostgresResource } from "./resource";

/** `Grant` on a database or a schema: the whole of what the role may do there, no more and no less. */
export const grant: PostgresResource = {
  specs: {
    columns: { kind: "set", forceNew: true, stateOnly: true },
    database: { kind: "string", required: true, forceNew: true },
    objectType: { kind: "string", required: true, forceNew: true, oneOf: ["database", "schema"] },
    objects: { kind: "set", forceNew: true, stateOnly: true },
    privileges: { kind: "set", required: true },
    role: { kind: "string", required: true, forceNew: true },
    schema: { kind: "string", forceNew: true },
    withGrantOption: { kind: "boolean", default: false, forceNew: true },
  },
  id: (state) => {
    const schema = text(state, "objectType") === "database" ? [] : [text(state, "schema")];
    return [text(state, "role"), text(state, "database"), ...schema, text(state, "objectType")].join("_");
  },
  create: replacePrivileges,
  update: (server, _olds, state) => replacePrivileges(server, state),
  delete: (server, state) => changePrivileges(server, state, (txn) => revokeAll(txn, state)),
  read: async (server, state) => {
    if (!(await grantTargetsExist(server, state))) return undefined;
    return server.transaction(text(state, "database"), (txn) => found(txn, state));
  },
};

async function replacePrivileges(server: Server, state: Props): Promise<void> {
  if (text(state, "objectType") !== "database" && text(state, "schema") === "") {
    throw new Error("parameter 'schema' is mandatory for postgresql_grant resource");
  }
  validatePrivileges(state);
  await changePrivileges(server, state, async (txn) => {
    // Whatever is not asked for any more has to go; in one transaction, so that the role never stands without.
    await revokeAll(txn, state);
    const privileges = strings(state, "privileges");
    if (privileges.length === 0) return;
    const option = state.withGrantOption === true ? " with grant option" : "";
    // The names of privileges are keywords, and were checked against those allowed.
    await txn.run(`grant ${privileges.join(", ")} on ${target(state)} to ${grantee(state)}${option}`);
  });
}

async function changePrivileges(
  server: Server,
  state: Props,
  work: (txn: Transaction) => Promise<void>,
): Promise<void> {
  const database = text(state, "database");
  await server.transaction(database, async (txn) => {
    await lockRole(txn, text(state, "role"));
    if (text(state, "objectType") === "database") await lockDatabase(txn, database);
    await withRolesGranted(txn, await ownersOf(txn, state), () => work(txn));
  });
}

async function revokeAll(txn: Transaction, state: Props): Promise<void> {
  await txn.run(`revoke all privileges on ${target(state)} from ${grantee(state)}`, "could not execute revoke query");
}

function target(state: Props): string {
  return text(state, "objectType") === "database"
    ? `database ${escapeIdentifier(text(state, "database"))}`
    : `schema ${escapeIdentifier(text(state, "schema"))}`;
}

/** PostgreSQL takes "public" for PUBLIC, quoted or not. */
function grantee(state: Props): string {
  return escapeIdentifier(text(state, "role"));
}

/** The roles that the admin has to be a member of to change the privileges on a schema: its owner. */
async function ownersOf(txn: Transaction, state: Props): Promise<string[]> {
  if (text(state, "objectType") === "database") return [];
  const schema = text(state, "schema");
  const [found] = await txn.rows<{ owner: string }>(
    `select case owner.rolname when 'pg_database_owner' then pg_get_userbyid(datdba) else owner.rolname end as owner
       from pg_namespace
       join pg_roles owner on owner.oid = nspowner
       join pg_database on datname = current_database()
      where nspname = $1`,
    [schema],
  );
  if (!found) throw new Error(`could not find schema '${schema}' while looking for owner`);
  return [found.owner];
}

async function found(txn: Transaction, state: Props): Promise<Props> {
  const [acl, name] =
    text(state, "objectType") === "database"
      ? ["select datacl as acl from pg_database where datname = $1", text(state, "database")]
      : ["select nspacl as acl from pg_namespace where nspname = $1", text(state, "schema")];
  const rows = await txn.rows<{ privilege: string }>(
    `select privilege_type as privilege from (${acl}) as target, aclexplode(target.acl) where grantee = $2`,
    [name, await granteeOid(txn, text(state, "role"))],
  );
  return withPrivileges(
    state,
    rows.map(({ privilege }) => privilege),
  );
}
