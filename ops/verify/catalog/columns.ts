/** What a column of the server's own catalogs says, as far as it can let somebody through a wall. */
export const COLUMN_KINDS = ["role", "access list", "routine", "schema"] as const;

/** A column of a catalog. */
export interface CatalogColumn {
  /** For example `pg_class.relowner`. */
  readonly name: string;
  readonly kind: (typeof COLUMN_KINDS)[number];
  /** The check of verify that looks at it, or why none has to. */
  readonly looked: string;
  /** PostgreSQL major that it came with; undefined when that is older than 14. */
  readonly since?: number;
}

const OF_INTERNAL_TYPES =
  "none: such a routine takes types of the server's own, so only an untrusted language can write it (`routine`, `system object`)";
const IN_DEPENDENCIES = "`dependency`, by what depends on the routine";
const OWNED = "`ownership`, and whose code it is in `dependency`";

type Columns = Readonly<Record<string, string>>;

const ROLES: Columns = {
  "pg_auth_members.grantor": "`membership`: who has to take it back",
  "pg_auth_members.member": "`membership`; notes on third roles",
  "pg_auth_members.roleid": "`membership`; notes on third roles",
  "pg_class.relowner": `${OWNED}; \`relation\` for those of the admin's in a tenant's schema`,
  "pg_collation.collowner": OWNED,
  "pg_conversion.conowner": "`ownership`",
  "pg_database.datdba": "`ownership`; a note when it is a third role's",
  "pg_db_role_setting.setrole": "`search path`, `limit`, `large object`",
  "pg_default_acl.defaclrole": "`default privilege`",
  "pg_event_trigger.evtowner": "`ownership`; the code is its routine's (`dependency`, `routine`)",
  "pg_extension.extowner": "`ownership`",
  "pg_foreign_data_wrapper.fdwowner": OWNED,
  "pg_foreign_server.srvowner": "`ownership`, `foreign server`",
  "pg_language.lanowner": "`ownership`",
  "pg_largeobject_metadata.lomowner": "`ownership`, `large object`",
  "pg_namespace.nspowner": "`ownership`",
  "pg_opclass.opcowner": OWNED,
  "pg_operator.oprowner": OWNED,
  "pg_opfamily.opfowner": OWNED,
  "pg_policy.polroles":
    "`dependency` when it is another's role: it opens nothing, a right on its table does (`relation`), but it holds up the removal of that tenant",
  "pg_proc.proowner": `${OWNED}; \`routine\` for \`security definer\``,
  "pg_publication.pubowner": "`ownership`, `dependency`",
  "pg_statistic_ext.stxowner": OWNED,
  "pg_subscription.subowner": "`ownership`; what it writes it needs a right for (`relation`)",
  "pg_tablespace.spcowner": "`ownership`",
  "pg_ts_config.cfgowner": OWNED,
  "pg_ts_dict.dictowner": OWNED,
  "pg_type.typowner": OWNED,
  "pg_user_mapping.umuser": "`foreign server`",
};

const ACCESS_LISTS: Columns = {
  "pg_attribute.attacl": "`column`; notes on third roles for the server's own tables",
  "pg_class.relacl": "`relation`, `sequence`, `system object`; notes on third roles",
  "pg_database.datacl": "`database`; a note on what PUBLIC has by default",
  "pg_default_acl.defaclacl": "`default privilege`",
  "pg_foreign_data_wrapper.fdwacl": "`foreign server`",
  "pg_foreign_server.srvacl": "`foreign server`",
  "pg_init_privs.initprivs": "what the server and extensions give by themselves: rights beyond that are leaks",
  "pg_language.lanacl": "`system object`",
  "pg_largeobject_metadata.lomacl": "`large object`",
  "pg_namespace.nspacl": "`schema`",
  "pg_parameter_acl.paracl": "`parameter`; notes on third roles",
  "pg_proc.proacl": "`routine`, `system object`; notes on third roles",
  "pg_tablespace.spcacl": "`system object`",
  "pg_type.typacl": "`type`",
};

const ROUTINES: Columns = {
  ...each(
    "pg_aggregate",
    "aggcombinefn aggdeserialfn aggfinalfn aggmfinalfn aggminvtransfn aggmtransfn aggserialfn aggtransfn",
    "`dependency`; `routine` when it is `security definer`: nobody's right to call it is asked for",
  ),
  "pg_aggregate.aggfnoid": "the aggregate itself: a row of `pg_proc`",
  "pg_am.amhandler": OF_INTERNAL_TYPES,
  "pg_amproc.amproc": `${IN_DEPENDENCIES}; \`routine\` when it is \`security definer\``,
  "pg_cast.castfunc": IN_DEPENDENCIES,
  "pg_conversion.conproc": OF_INTERNAL_TYPES,
  "pg_event_trigger.evtfoid": "`dependency`; `routine` when it is `security definer`",
  ...each("pg_foreign_data_wrapper", "fdwconnection fdwhandler fdwvalidator", IN_DEPENDENCIES),
  ...each("pg_language", "laninline lanplcallfoid lanvalidator", `${IN_DEPENDENCIES}; only superusers make languages`),
  "pg_operator.oprcode": IN_DEPENDENCIES,
  ...each("pg_operator", "oprjoin oprrest", OF_INTERNAL_TYPES),
  "pg_proc.prosupport": OF_INTERNAL_TYPES,
  ...each(
    "pg_range",
    "rngconstruct2 rngconstruct3 rngmltconstruct0 rngmltconstruct1 rngmltconstruct2",
    "none: the server makes them with the range, and its first superuser owns them, whoever made the range",
  ),
  ...each("pg_range", "rngcanonical rngsubdiff", `${IN_DEPENDENCIES}; \`routine\` when it is \`security definer\``),
  ...each("pg_transform", "trffromsql trftosql", OF_INTERNAL_TYPES),
  "pg_trigger.tgfoid": "`dependency`, `relation`; `routine` when it is `security definer`",
  ...each("pg_ts_parser", "prsend prsheadline prslextype prsstart prstoken", OF_INTERNAL_TYPES),
  ...each("pg_ts_template", "tmplinit tmpllexize", OF_INTERNAL_TYPES),
  ...each(
    "pg_type",
    "typanalyze typinput typmodin typmodout typoutput typreceive typsend typsubscript",
    OF_INTERNAL_TYPES,
  ),
};

const SCHEMAS: Columns = {
  ...each(
    "pg_class pg_collation pg_opclass pg_operator pg_proc pg_statistic_ext pg_ts_config pg_ts_dict pg_type",
    "relnamespace collnamespace opcnamespace oprnamespace pronamespace stxnamespace cfgnamespace dictnamespace typnamespace",
    "whose an object is, in all checks",
  ),
  "pg_constraint.connamespace": "none: it is that of the table or domain, which counts",
  "pg_conversion.connamespace": "`ownership`",
  "pg_default_acl.defaclnamespace": "`default privilege`",
  "pg_extension.extnamespace": "none: whose an object of an extension's is, its own schema says",
  "pg_opfamily.opfnamespace": "whose its operators and routines are (`dependency`)",
  "pg_publication_namespace.pnnspid": "`dependency`",
  "pg_ts_parser.prsnamespace": "none: it has no owner, and no code that could be a tenant's",
  "pg_ts_template.tmplnamespace": "none: it has no owner, and no code that could be a tenant's",
};

const SINCE: Readonly<Record<string, number>> = {
  "pg_parameter_acl.paracl": 15,
  "pg_publication_namespace.pnnspid": 15,
  "pg_foreign_data_wrapper.fdwconnection": 19,
  "pg_range.rngconstruct2": 19,
  "pg_range.rngconstruct3": 19,
  "pg_range.rngmltconstruct0": 19,
  "pg_range.rngmltconstruct1": 19,
  "pg_range.rngmltconstruct2": 19,
};

/** The columns of all catalogs that name a role, hold an access list, or name a routine or a schema. */
export const CATALOG_COLUMNS: readonly CatalogColumn[] = [ROLES, ACCESS_LISTS, ROUTINES, SCHEMAS].flatMap(
  (columns, index) =>
    Object.entries(columns).map(([name, looked]) => ({
      name,
      kind: COLUMN_KINDS[index] ?? "role",
      looked,
      ...(SINCE[name] === undefined ? {} : { since: SINCE[name] }),
    })),
);

/** The same words for several columns, of one table or of one each. */
function each(tables: string, columns: string, looked: string): Columns {
  const of = tables.split(" ");
  return Object.fromEntries(columns.split(" ").map((column, index) => [`${of[index] ?? of[0]}.${column}`, looked]));
}
