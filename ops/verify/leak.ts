import type { Message } from "../message";

/** The kinds of leaks: fixed words, for programs to rely on. */
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
  /** Name of the role that gets through; `public` for everybody who can log in. */
  readonly role: string;
  /** Slug of the tenant whose wall it gets through; undefined when the wall is the server's or the database's own. */
  readonly victim: string | undefined;
  /** Name of the schema that is open, or that holds what is open; undefined when there is none. */
  readonly schema?: string | undefined;
  /** What is open, for example `table schema_b.products`. Names are quoted as the server quotes them. */
  readonly object: string;
  /** One statement that the role can run and should not be able to, or that shows the leak. */
  readonly statement: string;
  /** Statements that close it, in this order; empty when none can. */
  readonly closes: readonly Remedy[];
  /** One sentence on what no statement can close, or what to look at first. */
  readonly hint?: Message;
}

/** A statement that closes a leak, and the role that has to run it: a right is taken back by the role that gave it. */
export interface Remedy {
  readonly as: string;
  readonly statement: string;
}

/** A tenant of the shared database, of whichever stack; known by its schema and role, or by a file. */
export interface DatabaseTenant {
  readonly slug: string;
  readonly schema: string;
  readonly role: string;
  /** The login that takes turns with the role, where a rotation has made one: it may do what the role may, and no more. */
  readonly secondLogin?: string | undefined;
}

/** What is verified: the database and its tenants. */
export interface Ground {
  /** The database's name. */
  readonly database: string;
  readonly adminUser: string;
  /** Every tenant of the database. */
  readonly tenants: readonly DatabaseTenant[];
}

/** Something that is no leak, and should be known all the same. */
export interface Note {
  /** One sentence. */
  readonly sentence: Message;
  /** A statement that shows it, or changes it; undefined when there is none. */
  readonly statement: string | undefined;
  /** The role that has to run the statement; undefined when anybody may. */
  readonly as?: string;
}

/** The wall of the schema `public`. No slug has a space, so neither this name nor the next is a tenant's. */
export const SCHEMA_PUBLIC = "schema public";

/** The wall of all else that is no tenant's: the database, the admin, the server. */
export const SERVER = "the server";

/** The wall that a leak gets through: a tenant's, by its slug, or one of the two above. */
export function wallOf({ victim, schema }: Pick<Leak, "victim" | "schema">): string {
  return victim ?? (schema === "public" ? SCHEMA_PUBLIC : SERVER);
}
