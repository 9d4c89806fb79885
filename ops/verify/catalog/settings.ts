import { type Scene, WHO } from "./scene";

/** What a tenant's role brings to each of its sessions, and what the database or the server would bring in its place. */
export interface RoleSettings {
  readonly slug: string;
  readonly role: string;
  /** Name of the tenant's schema; null where there is none. */
  readonly schema: string | null;
  readonly connectionLimit: number;
  /** Who may change them. */
  readonly keeper: string;
  /** Of the role in this database, by name. They count more than those of the role. */
  readonly here: Readonly<Record<string, string>>;
  /** Of the role in all databases. */
  readonly everywhere: Readonly<Record<string, string>>;
}

const SETTINGS = `
  with ${WHO},
  setting as (
    select setrole, setdatabase <> 0 as here, jsonb_object_agg(split_part(each, '=', 1), substr(each, strpos(each, '=') + 1)) as by_name
      from pg_db_role_setting, unnest(setconfig) as each
     where setdatabase in (0, (select oid from pg_database where datname = current_database()))
     group by 1, 2)
  select slug, name as role, case when schema is not null then place end as schema, rolconnlimit as "connectionLimit",
         case when rolsuper then pg_get_userbyid(10)::text else $4::text end as keeper,
         coalesce(h.by_name, '{}') as here, coalesce(e.by_name, '{}') as everywhere
    from tenant
    join pg_roles on pg_roles.oid = role
    left join setting h on h.setrole = role and h.here
    left join setting e on e.setrole = role and not e.here
   order by slug`;

export function roleSettings(scene: Scene): Promise<RoleSettings[]> {
  return scene.rows<RoleSettings>(SETTINGS);
}
