import { escapeLiteral } from "pg";
import { identified } from "../../../database/object-identity";
import type { Leak } from "../leak";
import type { Opening } from "./grants";
import { MOST, type Numbered, numbered, withTheRest } from "./most";
import { type Scene, WHO } from "./scene";

/** PUBLIC may execute every routine by default, and only the schema's wall keeps it from that. */
const OPEN_TO_ALL = `
  with ${WHO}
  select routine.*, identity
    from (select pronamespace::text as nsp, pg_proc.oid::text as oid, tenant.slug as victim, prosecdef as definer,
                 ${numbered("pronamespace", "pg_proc.oid")}
            from pg_proc join tenant on tenant.schema = pronamespace
           where pronamespace = any ($5::oid[])
             and exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) as a where a.grantee = 0)) as routine,
         ${identified("'pg_proc'::regclass", "routine.oid::oid")} i
   where nth <= ${MOST}
   order by identity`;

interface RoutineRow extends Numbered {
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
  return openings.flatMap(({ nsp, leak }) => {
    // Who has opened a schema to many roles has opened each routine as often.
    const most = Math.max(1, Math.floor(MOST / openings.filter((other) => other.nsp === nsp).length));
    return rows
      .filter((row) => row.nsp === nsp && row.nth <= most)
      .map((row) => withTheRest(leakOf(row, leak), row, most));
  });
}

function leakOf({ oid, victim, definer, identity }: RoutineRow, { role, schema, closes }: Leak): Leak {
  return {
    check: "routine",
    role,
    victim,
    schema,
    object: `routine ${identity}`,
    statement: `select has_function_privilege(${escapeLiteral(role)}, ${oid}::oid, 'EXECUTE')`,
    closes,
    hint: definer ? "it runs with the rights of its owner" : "it can be called because its schema is open",
  };
}
