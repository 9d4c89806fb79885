import { escapeIdentifier } from "pg";
import { lockRole } from "./locks";
import { isSuperuser, withRolesGranted } from "./memberships";
import { text } from "./properties-spec";
import type { PostgresResource } from "./resource";
import { readRole } from "./role-state";
import { alterRole, createRole } from "./role-statements";

/** `Role`: a login of the whole server, with its settings and memberships. */
export const role: PostgresResource = {
  specs: {
    assumeRole: { kind: "string" },
    bypassRowLevelSecurity: { kind: "boolean", default: false },
    connectionLimit: { kind: "integer", default: -1, least: -1 },
    createDatabase: { kind: "boolean", default: false },
    createRole: { kind: "boolean", default: false },
    encrypted: { kind: "string", stateOnly: true },
    encryptedPassword: { kind: "boolean", default: true },
    idleInTransactionSessionTimeout: { kind: "integer", least: 0 },
    inherit: { kind: "boolean", default: true },
    login: { kind: "boolean", default: false },
    name: { kind: "string", required: true },
    password: { kind: "string", secret: true },
    passwordWo: { kind: "string", secret: true, stateOnly: true },
    passwordWoVersion: { kind: "string", stateOnly: true },
    replication: { kind: "boolean", default: false },
    roles: { kind: "set" },
    searchPaths: { kind: "list" },
    skipDropRole: { kind: "boolean", default: false },
    skipReassignOwned: { kind: "boolean", default: false },
    statementTimeout: { kind: "integer", least: 0 },
    superuser: { kind: "boolean", default: false },
    validUntil: { kind: "string", default: "infinity" },
  },
  nameProperty: "name",
  renamed: { searchPaths: "search_path" },
  id: (state) => text(state, "name"),
  importState: (id) => ({ name: id }),
  create: (server, state) => server.transaction(server.settings.database, (txn) => createRole(txn, state)),
  read: (server, state) =>
    server.transaction(server.settings.database, async (txn) => {
      const found = await readRole(txn, state);
      const asksForHash = found?.login === true && text(state, "password") !== "" && server.settings.superuser;
      if (asksForHash && !(await isSuperuser(txn, server.settings.username))) {
        throw new Error(noSuperuser(server.settings.username));
      }
      return found;
    }),
  update: (server, olds, state) =>
    server.transaction(server.settings.database, async (txn) => {
      await lockRole(txn, text(olds, "name"));
      await alterRole(txn, olds, state);
    }),
  delete: (server, state) =>
    server.transaction(server.settings.database, async (txn) => {
      const name = text(state, "name");
      const [quoted, admin] = [escapeIdentifier(name), server.settings.username];
      await lockRole(txn, name);
      if (state.skipReassignOwned !== true) {
        await withRolesGranted(txn, [name], async () => {
          await txn.run(
            `reassign owned by ${quoted} to ${escapeIdentifier(admin)}`,
            `could not reassign owned by role ${name} to ${admin}`,
          );
          await txn.run(`drop owned by ${quoted}`, `could not drop owned by role ${name}`);
        });
      }
      if (state.skipDropRole !== true) await txn.run(`drop role ${quoted}`, `could not delete role ${name}`);
    }),
};

/** Told that its user is a superuser, the real provider wants to read password hashes, and fails where it cannot. */
function noSuperuser(user: string): string {
  return (
    `could not read role password from Postgres as connected user ${user} is not a SUPERUSER. ` +
    "You can set `superuser = false` in the provider configuration so it will not try to read the password from Postgres"
  );
}
