import { escapeLiteral } from "pg";
import { identified } from "../../../database/object-identity";
import type { Leak, Note } from "../leak";
import { quoted } from "../quoted";
import { FIRST_MADE } from "./first-made";
import { notOfExtension } from "./not-of-extension";
import { within } from "./remedies";
import { type Scene, WHO } from "./scene";

/**
 * Routines that run with the rights of their owner, in a tenant's schema or one that is no tenant's, that PUBLIC or that tenant may call:
 * also where the schema is closed today, which is `closed` only of a schema of the owner's. What belongs to a tenant or a third role
 * in a tenant's schema is told as such; what a third role has in a schema of its own is its own affair.
 */
const ROUTINES = `
  with ${WHO}
  select t.slug, coalesce(t.name, 'public') as role, identity, routine.oid::text as oid,
         pg_get_userbyid(proowner)::text as owner, nspname::text as schema,
         pg_get_userbyid(nspowner)::text as "schemaOwner", not has_schema_privilege(proowner, n.oid, 'usage') as shut,
         t.slug is null and nspowner = proowner and not has_schema_privilege('public', n.oid, 'usage')
           and not exists (select from tenant where tenant.role is not null and has_schema_privilege(tenant.role, n.oid, 'usage')) as closed
    from pg_proc as routine
    join pg_namespace n on n.oid = pronamespace
    left join tenant t on t.schema = n.oid
   cross join lateral (
     select min(grantee) as grantee from aclexplode(coalesce(proacl, acldefault('f', proowner))) as each
      where each.grantee = 0 or each.grantee = t.role) a,
         ${identified("'pg_proc'::regclass", "routine.oid")} i
   where prosecdef and a.grantee is not null and prorettype <> 'event_trigger'::regtype
     and routine.oid >= ${FIRST_MADE} and pg_is_other_temp_schema(n.oid) is not true
     and case when exists (select from trusted where trusted.oid = proowner) then true
              else t.slug is null and nspowner <> proowner and not exists (select from tenant where tenant.role = proowner) end
     and ${notOfExtension("'pg_proc'::regclass", "routine.oid")}
   order by t.slug nulls first, identity`;

interface RoutineRow {
  /** null for a routine in a schema that is no tenant's. */
  readonly slug: string | null;
  readonly role: string;
  readonly identity: string;
  readonly oid: string;
  readonly owner: string;
  readonly schema: string;
  readonly schemaOwner: string;
  readonly shut: boolean;
  readonly closed: boolean;
}

/** Routines within a tenant's reach that run with somebody else's rights. */
export async function definerRoutines(scene: Scene): Promise<Leak[]> {
  const rows = await scene.rows<RoutineRow>(ROUTINES);
  return rows
    .filter(({ closed }) => !closed)
    .map((row) => ({
      check: "routine" as const,
      role: row.role,
      victim: undefined,
      schema: row.schema,
      object: `routine ${row.identity}`,
      statement:
        `select prosecdef, proowner::regrole, has_function_privilege(${escapeLiteral(row.role)}, oid, 'EXECUTE') ` +
        `from pg_proc where oid = ${row.oid}`,
      closes: within(row.owner, closesRoutine(row), row),
      hint: `it is \`security definer\`, and runs with the rights of ${quoted(row.owner)}`,
    }));
}

/** Those that only the wall of their owner's schema keeps tenants from: where it is down, so is a leak of the schema. */
export async function closedDefiners(scene: Scene): Promise<Note[]> {
  const rows = await scene.rows<RoutineRow>(ROUTINES);
  return rows
    .filter(({ closed }) => closed)
    .map((row) => ({
      sentence: `routine ${row.identity} runs with the rights of ${quoted(row.owner)}, and nothing but its schema keeps everybody from calling it`,
      statement: closesRoutine(row),
      as: row.owner,
    }));
}

/** In a tenant's own schema the tenant may go on calling it, with its own rights. */
function closesRoutine({ slug, identity }: RoutineRow): string {
  return slug === null
    ? `revoke execute on routine ${identity} from public`
    : `alter routine ${identity} security invoker`;
}
