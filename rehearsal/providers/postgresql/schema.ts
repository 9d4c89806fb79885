import { escapeIdentifier } from "pg";
import type { Props } from "../../protocol/property-values";
import type { Server, Transaction } from "./connection";
import { withRolesGranted } from "./memberships";
import { text } from "./properties-spec";
import type { PostgresResource } from "./resource";

/** `Schema`. One that exists already is taken over in silence, with whatever it holds. */
export const schema: PostgresResource = {
  specs: {
    database: { kind: "string", computed: true, forceNew: true },
    dropCascade: { kind: "boolean", default: false },
    ifNotExists: { kind: "boolean", default: true },
    name: { kind: "string", required: true },
    owner: { kind: "string", computed: true },
    policies: { kind: "set", computed: true, stateOnly: true },
  },
  nameProperty: "name",
  renamed: { policies: "policy" },
  id: (state) => `${text(state, "database")}.${text(state, "name")}`,
  importState: (id) => {
    const [database, name, ...rest] = id.split(".");
    if (!database || !name || rest.length > 0) {
      throw new Error(`schema ID ${id} has not the expected format 'database.schema'`);
    }
    return { database, name };
  },
  create: async (server, state) => {
    const database = databaseOf(server, state);
    await server.transaction(database, async (txn) => {
      const databaseOwner = await ownerOfDatabase(txn, database);
      const owner = text(state, "owner");
      const roles = owner === "" || owner === databaseOwner ? [databaseOwner] : [databaseOwner, owner];
      await withRolesGranted(txn, roles, () => createSchema(txn, state));
    });
  },
  read: async (server, state) => {
    const database = databaseOf(server, state);
    const exists = await server.transaction(server.settings.database, (txn) =>
      txn.exists("select 1 from pg_database where datname = $1", [database]),
    );
    if (!exists) return undefined;
    const [found] = await server.transaction(database, (txn) =>
      txn.rows<{ owner: string }>("select pg_get_userbyid(nspowner) as owner from pg_namespace where nspname = $1", [
        text(state, "name"),
      ]),
    );
    return found && { ...state, database, owner: found.owner, policies: [] };
  },
  update: (server, olds, state) =>
    // No membership is granted around these, unlike elsewhere: an admin who is no superuser cannot rename a schema.
    server.transaction(databaseOf(server, state), async (txn) => {
      if (olds.name !== state.name) {
        const [from, to] = [escapeIdentifier(text(olds, "name")), escapeIdentifier(text(state, "name"))];
        await txn.run(`alter schema ${from} rename to ${to}`, "error updating schema NAME");
      }
      if (olds.owner !== state.owner) await setOwner(txn, state);
    }),
  delete: (server, state) =>
    server.transaction(databaseOf(server, state), async (txn) => {
      const name = text(state, "name");
      if (!(await txn.exists("select 1 from pg_namespace where nspname = $1", [name]))) return;
      const mode = state.dropCascade === true ? "cascade" : "restrict";
      await withRolesGranted(txn, [text(state, "owner")], () =>
        txn.run(`drop schema ${escapeIdentifier(name)} ${mode}`, "error deleting schema"),
      );
    }),
};

function databaseOf(server: Server, state: Props): string {
  return text(state, "database") || server.settings.database;
}

async function ownerOfDatabase(txn: Transaction, database: string): Promise<string> {
  const [found] = await txn.rows<{ owner: string }>(
    "select pg_get_userbyid(datdba) as owner from pg_database where datname = $1",
    [database],
  );
  if (!found) throw new Error(`could not find database '${database}' while looking for owner`);
  return found.owner;
}

async function createSchema(txn: Transaction, state: Props): Promise<void> {
  const name = text(state, "name");
  const owner = text(state, "owner");
  if (await txn.exists("select 1 from pg_namespace where nspname = $1", [name])) {
    if (owner !== "") await setOwner(txn, state);
    return;
  }
  const ifNotExists = state.ifNotExists === true ? "if not exists " : "";
  const authorization = owner === "" ? "" : ` authorization ${escapeIdentifier(owner)}`;
  await txn.run(
    `create schema ${ifNotExists}${escapeIdentifier(name)}${authorization}`,
    `error creating schema ${name}`,
  );
}

async function setOwner(txn: Transaction, state: Props): Promise<void> {
  const [name, owner] = [text(state, "name"), text(state, "owner")];
  if (owner === "") throw new Error("error setting schema owner to an empty string");
  await txn.run(
    `alter schema ${escapeIdentifier(name)} owner to ${escapeIdentifier(owner)}`,
    "error updating schema OWNER",
  );
}
