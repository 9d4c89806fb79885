import { join } from "node:path";
import type { Client } from "pg";
import { isJoinable, isJoined, joining, leaving } from "../../../database/membership";
import { type Identified, withRoutineArguments } from "../../../database/object-identity";
import { majorOf } from "../../../database/server-version";
import { SqlFile } from "../../../database/sql-file";
import { quoteIdentifier } from "../../../database/sql-text";
import { message } from "../../message";
import type { Ground, Leak, Remedy } from "../leak";

/** The query in a file of this folder. It is given what `given.sql` gives, and the name of the admin. */
export function catalogQuery<Row extends object>(file: string): SqlFile<Row, string> {
  return new SqlFile(join(__dirname, file));
}

interface Given {
  /** Schemas that hold an extension's objects and no others, as an array of the server's. */
  readonly extended: string;
  readonly most: number;
  readonly superuser: string;
}

const GIVEN = new SqlFile<Given, "slugs" | "schemas" | "roles" | "admin">(join(__dirname, "given.sql"));

export async function givenOf(client: Client, { tenants, adminUser: admin }: Ground): Promise<Given> {
  // A second login is the tenant too, and has no schema of its own.
  const seconds = tenants.flatMap(({ slug, secondLogin: role }) =>
    role === undefined ? [] : [{ slug, schema: "", role }],
  );
  const logins = [...tenants, ...seconds];
  const [given] = await GIVEN.rows(client, {
    slugs: logins.map(({ slug }) => slug),
    schemas: logins.map(({ schema }) => schema),
    roles: logins.map(({ role }) => role),
    admin,
  });
  if (given === undefined) throw new Error(`${GIVEN.file} gave no row`);
  return given;
}

/** A role, and whether the admin has its rights, or can give itself these. */
interface Reach {
  readonly role: string;
  readonly usable: boolean;
  readonly manageable: boolean;
}

const reaches = (major: number) => `
  select rolname::text as role, ${isJoined(major, "$1::text")} as usable, ${isJoinable(major, "$1::text")} as manageable from pg_roles`;

/** The catalogs of a database as its admin reads them, in the transaction that the session is in. */
export class Catalogs {
  private constructor(
    private readonly client: Client,
    readonly ground: Ground,
    private readonly given: Given,
    private readonly reaches: ReadonlyMap<string, Reach>,
    readonly major: number,
  ) {}

  static async open(client: Client, ground: Ground): Promise<Catalogs> {
    const given = await givenOf(client, ground);
    const major = await majorOf(client);
    const { rows } = await client.query<Reach>(reaches(major), [ground.adminUser]);
    return new Catalogs(client, ground, given, new Map(rows.map((reach) => [reach.role, reach])), major);
  }

  /** How many objects of one kind are read for one role. */
  get most(): number {
    return this.given.most;
  }

  /** Name of the server's first superuser. */
  get superuser(): string {
    return this.given.superuser;
  }

  /** @param more Parameters that only this query has. */
  async rows<Row extends object>(
    query: SqlFile<Row, string>,
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<Row[]> {
    const common = Object.entries({ ...this.given, admin: this.ground.adminUser });
    const values = Object.fromEntries(common.filter(([name]) => query.names.includes(name)));
    return query.rows(this.client, { ...values, ...more });
  }

  /** The rows of a query that is given nothing but its values. */
  async query<Row extends object>(text: string, ...values: readonly unknown[]): Promise<Row[]> {
    return (await this.client.query<Row>(text, [...values])).rows;
  }

  /** Rows about an object each, whose identity can be pasted into a statement. */
  async objects<Row extends Identified>(
    query: SqlFile<Row, string>,
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<Row[]> {
    return this.identified(await this.rows(query, more));
  }

  identified<Row extends Identified>(rows: readonly Row[]): Promise<Row[]> {
    return withRoutineArguments(this.client, rows);
  }

  /**
   * The remedy for what needs the rights of several roles at once: the admin runs it, as a member of them for as long as that takes; or a
   * superuser, when the admin cannot become one. null stands for no role.
   */
  onBehalf(statement: string, ...roles: readonly (string | null)[]): Remedy[] {
    const reaches = [...new Set(roles)].flatMap((role) => (role === null ? [] : (this.reaches.get(role) ?? [])));
    if (!reaches.every(({ usable, manageable }) => usable || manageable)) return [{ as: this.superuser, statement }];
    const as = this.ground.adminUser;
    const lacking = reaches.filter(({ usable }) => !usable).map(({ role }) => role);
    if (lacking.length === 0) return [{ as, statement }];
    const list = lacking.sort().map(quoteIdentifier).join(", ");
    return [
      { as, statement: joining(this.major, list) },
      { as, statement },
      { as, statement: leaving(list) },
    ];
  }
}

/** Of the schema that an object is in; null where it is in none. */
export interface Enclosing {
  readonly schema: string | null;
  readonly schemaOwner: string | null;
  /** Whether the role that has to act may not use the schema. */
  readonly shut: boolean | null;
}

/**
 * A statement that `as` has to run, about something in a schema, or in several. A role that owns or granted something in a schema which is
 * closed to it cannot name it there, so it is let in for as long as that takes.
 */
export function within(as: string, statement: string, ...places: readonly Enclosing[]): Remedy[] {
  const role = quoteIdentifier(as);
  const closed = places.flatMap(({ schema, schemaOwner, shut }) =>
    shut && schema !== null && schemaOwner !== null
      ? [{ as: schemaOwner, usage: `usage on schema ${quoteIdentifier(schema)}` }]
      : [],
  );
  return [
    ...closed.map((owner) => ({ as: owner.as, statement: `grant ${owner.usage} to ${role}` })),
    { as, statement },
    ...closed.map((owner) => ({ as: owner.as, statement: `revoke ${owner.usage} from ${role}` })),
  ];
}

/** Of a row that is one of many alike, of which only the first are read. */
export interface Numbered {
  readonly nth: number;
  readonly total: number;
}

/** The leak of the last row that is read says how many more there are. */
export function withTheRest(leak: Leak, { nth, total }: Numbered, most: number): Leak {
  if (nth !== most || total <= most) return leak;
  return {
    ...leak,
    object: `${leak.object} and ${total - most} more`,
    hint: message("closeAndRepeat"),
  };
}

/** A statement that shows who owns an object. */
export function showOwner(classid: string, oid: string): string {
  return (
    "select pg_describe_object(classid, objid, 0), refobjid::regrole from pg_shdepend " +
    `where classid = ${classid} and objid = ${oid} and deptype = 'o'`
  );
}
