import type { PropertyValue, Props } from "../../protocol/property-values";
import type { Transaction } from "./connection";
import { text } from "./properties-spec";

interface RoleRow {
  readonly name: string;
  readonly superuser: boolean;
  readonly inherit: boolean;
  readonly create_role: boolean;
  readonly create_database: boolean;
  readonly login: boolean;
  readonly replication: boolean;
  readonly bypass_rls: boolean;
  readonly connection_limit: number;
  readonly valid_until: string;
  readonly settings: string[] | null;
  readonly roles: string[];
}

/** The role of the state's name as the server has it; the password is the state's, since no admin can read it. */
export async function readRole(txn: Transaction, state: Props): Promise<Props | undefined> {
  const [row] = await txn.rows<RoleRow>(
    `select rolname as name, rolsuper as superuser, rolinherit as inherit, rolcreaterole as create_role,
            rolcreatedb as create_database, rolcanlogin as login, rolreplication as replication,
            rolbypassrls as bypass_rls, rolconnlimit as connection_limit,
            coalesce(rolvaliduntil::text, 'infinity') as valid_until, rolconfig as settings,
            array(select distinct pg_get_userbyid(roleid)::text from pg_auth_members where member = pg_roles.oid order by 1) as roles
       from pg_roles where rolname = $1`,
    [text(state, "name")],
  );
  if (!row) return undefined;
  const settings = new Map((row.settings ?? []).map(splitSetting));
  return {
    ...state,
    assumeRole: settings.get("role") ?? "",
    bypassRowLevelSecurity: row.bypass_rls,
    connectionLimit: row.connection_limit,
    createDatabase: row.create_database,
    createRole: row.create_role,
    encryptedPassword: true,
    idleInTransactionSessionTimeout: milliseconds(settings.get("idle_in_transaction_session_timeout")),
    inherit: row.inherit,
    login: row.login,
    name: row.name,
    replication: row.replication,
    roles: row.roles,
    searchPaths: searchPaths(settings.get("search_path")),
    skipDropRole: state.skipDropRole ?? false,
    skipReassignOwned: state.skipReassignOwned ?? false,
    statementTimeout: milliseconds(settings.get("statement_timeout")),
    superuser: row.superuser,
    validUntil: row.valid_until,
  };
}

function splitSetting(setting: string): [string, string] {
  const at = setting.indexOf("=");
  return [setting.slice(0, at), setting.slice(at + 1)];
}

/** The real provider reads plain numbers only, and fails on a timeout that was set by hand with a unit. */
function milliseconds(value: string | undefined): number {
  if (value === undefined) return 0;
  if (/^-?\d+$/.test(value)) return Number(value);
  // Its message names statement_timeout for either timeout.
  throw new Error(`error reading statement_timeout: strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`);
}

function searchPaths(value: string | undefined): PropertyValue {
  return value === undefined ? null : value.split(", ").map((name) => name.replace(/^"+|"+$/g, ""));
}
