export const ROLE = "postgresql:index/role:Role";
export const SCHEMA = "postgresql:index/schema:Schema";
export const GRANT = "postgresql:index/grant:Grant";
export const DEFAULT_PRIVILEGES = "postgresql:index/defaultPrivileges:DefaultPrivileges";
/** What the provider called default privileges once, and takes still. */
export const DEFAULT_PRIVILEGES_OF_OLD = "postgresql:index/defaultPrivileg:DefaultPrivileg";
export const GRANT_ROLE = "postgresql:index/grantRole:GrantRole";
