/** The SQL file with the tables of every tenant, relative to the project folder. */
export const INIT_SCRIPT = "sql/tenant_init.sql";
