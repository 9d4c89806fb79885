import type { Identified } from "../../../database/object-identity";
import { message } from "../../message";
import type { Leak } from "../leak";
import { type Catalogs, catalogQuery, type Enclosing, type Numbered, within, withTheRest } from "./catalogs";

interface PolicyRow extends Enclosing, Identified, Numbered {
  /** Tenant whose role it names. */
  readonly of: string;
  /** The role that holds up that tenant's removal. */
  readonly who: string;
  /** Of the table. */
  readonly owner: string;
  /** Quoted names of those that it may go on naming; null when there is none. */
  readonly stay: string | null;
}

const POLICIES = catalogQuery<PolicyRow>("policies.sql");

/** Policies on tables of others that name a tenant's role. */
export async function policies(catalogs: Catalogs): Promise<Leak[]> {
  return (await catalogs.rows(POLICIES)).map((row) => {
    const { of, who, type, identity, owner, stay } = row;
    const change = stay === null ? `drop policy if exists ${identity}` : `alter policy ${identity} to ${stay}`;
    const leak: Leak = {
      check: "dependency",
      role: who,
      victim: of,
      schema: row.schema ?? undefined,
      object: `${type} ${identity}`,
      statement: `select polrelid::regclass, polname, polroles::regrole[] from pg_policy where oid = ${row.oid}`,
      closes: within(owner, change, row),
      hint: message("keepsRole", { tenant: of }),
    };
    return withTheRest(leak, row, catalogs.most);
  });
}
