/** What kinds of things can be found open, fixed words for programs to go by. */
export const CHECKS = [
  "login",
  "role attribute",
  "membership",
  "search path",
  "limit",
  "database",
  "schema",
  "relation",
  "column",
  "sequence",
  "routine",
  "type",
  "large object",
  "foreign server",
  "parameter",
  "system object",
  "default privilege",
  "ownership",
  "dependency",
  "set role",
  "server file",
  "activity",
  "statement",
] as const;

export type Check = (typeof CHECKS)[number];

/** One way through a wall. */
export interface Leak {
  readonly check: Check;
  /** Role that gets through, by its name; `public` for everybody who can log in. */
  readonly role: string;
  /** Tenant (slug) whose wall it gets through; undefined when the wall is the server's or the database's own. */
  readonly victim: string | undefined;
  /** Name of the schema that is open, or that what is open is in; undefined where it is in none. */
  readonly schema?: string | undefined;
  /** What is open, as `table schema_b.products`: names quoted by the server, otherwise as somebody wrote them. */
  readonly object: string;
  /** One statement that the role can run and should not be able to, or that shows the fault. */
  readonly statement: string;
  /** What closes it, in this order; empty when a statement cannot. */
  readonly closes: readonly Remedy[];
  /** What a statement cannot close, or what to look at first; one sentence. */
  readonly hint?: string;
}

/** A statement, and the role that has to run it: a right is taken back by the one who gave it. */
export interface Remedy {
  readonly as: string;
  readonly statement: string;
}

/** A tenant of the shared database, of whichever stack; known by the owner of its schema or by a file. */
export interface TenantPlace {
  readonly slug: string;
  readonly schema: string;
  readonly role: string;
}

/** What both the reading of the catalogs and the attempts have to know. */
export interface Ground {
  /** The database's name. */
  readonly database: string;
  readonly adminUser: string;
  /** Every tenant of the database. */
  readonly tenants: readonly TenantPlace[];
}

/** Something to know that is no leak. */
export interface Note {
  /** One sentence. */
  readonly sentence: string;
  /** Shows it, or changes it; undefined when nothing would. */
  readonly statement: string | undefined;
  /** The role that has to run the statement; undefined when anybody may. */
  readonly as?: string;
}
