import { escapeIdentifier } from "pg";
import type { Props } from "../../protocol/property-values";
import type { Server, Transaction } from "./connection";
import { lockRole } from "./locks";
import { withRolesGranted } from "./memberships";
import { granteeOid, grantTargetsExist, validatePrivileges, withPrivileges } from "./privileges";
import { strings, text } from "./properties-spec";
import type { PostgresResource } from "./resource";

/** How the catalogue writes the kinds of objects. */
const OBJECT_TYPES: Readonly<Record<string, string>> = { table: "r", sequence: "S" };

/** `DefaultPrivileges`: what the role may do with the tables or sequences that the owner will make. */
export const defaultPrivileges: PostgresResource = {
  specs: {
    database: { kind: "string", required: true, forceNew: true },
    objectType: { kind: "string", required: true, forceNew: true, oneOf: Object.keys(OBJECT_TYPES) },
    owner: { kind: "string", required: true, forceNew: true },
    privileges: { kind: "set", required: true },
    role: { kind: "string", required: true, forceNew: true },
    schema: { kind: "string", forceNew: true },
    withGrantOption: { kind: "boolean", default: false, forceNew: true },
  },
  id: (state) =>
    [
      text(state, "role"),
      text(state, "database"),
      text(state, "schema") || "noschema",
      text(state, "owner"),
      text(state, "objectType"),
    ].join("_"),
  create: replacePrivileges,
  update: (server, _olds, state) => replacePrivileges(server, state),
  delete: (server, state) => changePrivileges(server, state, (txn) => revokeAll(txn, state)),
  read: async (server, state) => {
    if (!(await grantTargetsExist(server, state))) return undefined;
    return server.transaction(text(state, "database"), (txn) => found(txn, state));
  },
};

async function replacePrivileges(server: Server, state: Props): Promise<void> {
  if (state.withGrantOption === true && text(state, "role").toLowerCase() === "public") {
    throw new Error("with_grant_option cannot be true for role 'public'");
  }
  validatePrivileges(state);
  await changePrivileges(server, state, async (txn) => {
    await revokeAll(txn, state);
    const privileges = strings(state, "privileges");
    if (privileges.length === 0) return;
    const option = state.withGrantOption === true ? " with grant option" : "";
    await txn.run(
      // The names of privileges and of object types are keywords, and were checked against those allowed.
      `${alter(state)} grant ${privileges.join(", ")} on ${objects(state)} to ${grantee(state)}${option}`,
      "could not alter default privileges",
    );
  });
}

async function changePrivileges(
  server: Server,
  state: Props,
  work: (txn: Transaction) => Promise<void>,
): Promise<void> {
  const owner = text(state, "owner");
  await server.transaction(text(state, "database"), async (txn) => {
    await lockRole(txn, owner);
    await withRolesGranted(txn, [owner], () => work(txn));
  });
}

async function revokeAll(txn: Transaction, state: Props): Promise<void> {
  await txn.run(
    `${alter(state)} revoke all on ${objects(state)} from ${grantee(state)}`,
    "could not revoke default privileges",
  );
}

function alter(state: Props): string {
  const schema = text(state, "schema");
  const inSchema = schema === "" ? "" : ` in schema ${escapeIdentifier(schema)}`;
  return `alter default privileges for role ${escapeIdentifier(text(state, "owner"))}${inSchema}`;
}

function objects(state: Props): string {
  return `${text(state, "objectType")}s`;
}

function grantee(state: Props): string {
  return escapeIdentifier(text(state, "role"));
}

async function found(txn: Transaction, state: Props): Promise<Props | undefined> {
  await lockRole(txn, text(state, "owner"));
  const rows = await txn.rows<{ privilege: string }>(
    `select privilege_type as privilege
       from pg_default_acl
       left join pg_namespace on pg_namespace.oid = defaclnamespace,
            aclexplode(defaclacl)
      where defaclobjtype = $1 and coalesce(nspname, '') = $2 and pg_get_userbyid(grantor) = $3 and grantee = $4`,
    [
      OBJECT_TYPES[text(state, "objectType")],
      text(state, "schema"),
      text(state, "owner"),
      await granteeOid(txn, text(state, "role")),
    ],
  );
  // No privileges are no default privileges, unless none were asked for.
  if (rows.length === 0 && strings(state, "privileges").length > 0) return undefined;
  return withPrivileges(
    state,
    rows.map(({ privilege }) => privilege),
  );
}
