import { escapeLiteral } from "pg";
import { identified } from "../../../components/object-identity";
import type { Leak } from "../leak";
import type { Opening } from "./grants";
import { type Scene, WHO } from "./scene";

/** PUBLIC may execute every routine by default, and only the schema's wall keeps it from that. */
const OPEN_TO_ALL = `
  with ${WHO}
  select pronamespace::text as nsp, routine.oid::text as oid, tenant.slug as victim, prosecdef as definer, identity
    from pg_proc as routine join tenant on tenant.schema = pronamespace, ${identified("'pg_proc'::regclass", "routine.oid")} i
   where pronamespace = any ($5::oid[])
     and exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) as a where a.grantee = 0)
   order by identity`;

interface RoutineRow {
  readonly nsp: string;
  readonly oid: string;
  readonly victim: string;
  readonly definer: boolean;
  readonly identity: string;
}

/** Routines that can be called by whoever should not be able to use their schema. What closes the schema closes them. */
export async function openRoutines(scene: Scene, openings: readonly Opening[]): Promise<Leak[]> {
  if (openings.length === 0) return [];
  const rows = await scene.rows<RoutineRow>(OPEN_TO_ALL, [[...new Set(openings.map(({ nsp }) => nsp))]]);
  return openings.flatMap(({ nsp, leak: { role, schema, closes } }) =>
    rows
      .filter((row) => row.nsp === nsp)
      .map(({ oid, victim, definer, identity }) => ({
        check: "routine" as const,
        role,
        victim,
        schema,
        object: `routine ${identity}`,
        statement: `select has_function_privilege(${escapeLiteral(role)}, ${oid}::oid, 'EXECUTE')`,
        closes,
        hint: definer ? "it runs with the rights of its owner" : "it can be called because its schema is open",
      })),
  );
}
