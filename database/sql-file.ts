import { readFileSync } from "node:fs";
import type { Client } from "pg";
import { majorOf } from "./server-version";

/** What has to be told apart in SQL, so that nothing within a comment, a string or a name is taken for a parameter. */
const TOKEN =
  /--.*|"(?:[^"]|"")*"|(?<![\w$])[eE]'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|(?<![\w$])\$(\w*)\$[\s\S]*?\$\1\$|::|:'(\w+)'|:[\w"'{]|\$\d+|\/\*|[;'"]/g;

/** Ends a line that a server before that major would not understand. */
const SINCE_MAJOR = /-- since PostgreSQL (\d+)$/;

/** A line of psql's own: the value that it gives a parameter, or a file to be run before this one. */
const META_COMMAND = /^\\(?:set (\w+) \S.*|ir \S+)$/;

/**
 * A query in a file that psql runs as it stands, with `psql -f` or pasted. A parameter is written as a psql variable, `:'schema'`, and
 * its value is always a literal: text cannot become SQL. The head of the file is for psql alone:
 *
 *     -- Why one asks this.
 *     \set schema 'schema_acme'
 *     select oid from pg_namespace where nspname = :'schema';
 *
 * It gives each parameter a value to be changed by whoever pastes it. `\ir other.sql` runs a file that sets parameters for this one: its
 * query ends with `\gset` in place of the semicolon, and gives one row, a column for each parameter. A file holds one query, and no
 * block comments. A line that ends with `-- since PostgreSQL 15` is left out on an older server; psql runs the file from then on.
 *
 * `Name` lists the parameters for the compiler; whether it is right is found out when values are given.
 */
export class SqlFile<Row extends object, Name extends string = never> {
  /** What a server gets that understands every line, with `$1` for the first of `names`. */
  readonly text: string;
  readonly names: readonly Name[];
  /** The first major that does. */
  readonly since: number;

  /**
   * Reads the file, once.
   *
   * @throws Error that names the file when it cannot be read, or is not of the form above.
   */
  constructor(readonly file: string) {
    const refuse = (what: string): never => {
      throw new Error(`${file}: ${what}`);
    };
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const declared: string[] = [];
    let includes = false;
    const sql = lines.map((line) => {
      if (!line.startsWith("\\") || line === "\\gset") return line;
      const [, name] = META_COMMAND.exec(line) ?? refuse(`not one of \\set NAME VALUE, \\ir FILE, \\gset: ${line}`);
      if (name === undefined) includes = true;
      else declared.push(name);
      return "";
    });
    const names: string[] = [];
    const query = sql
      .join("\n")
      .trim()
      .replace(/(?:;|\n\\gset)$/, "");
    this.text = query.replace(TOKEN, (token, _tag, name?: string) => {
      if (name === undefined)
        return /^(:[^:]|\$\d|\/\*|[;'"]$)/.test(token) ? refuse(`${token} is not taken here`) : token;
      if (!names.includes(name)) names.push(name);
      return `$${names.indexOf(name) + 1}`;
    });
    const undeclared = includes ? [] : names.filter((name) => !declared.includes(name));
    const unused = declared.filter((name) => !names.includes(name));
    if (undeclared.length > 0) refuse(`psql has no value for ${undeclared.join(", ")}: add \\set to its head`);
    if (unused.length > 0) refuse(`\\set gives a value to ${unused.join(", ")}, which the query does not have`);
    this.names = names as Name[];
    const marked = this.text.split("\n").filter((line) => SINCE_MAJOR.test(line));
    if (marked.some((line) => /\$\d/.test(line))) refuse("a line that is not for every server has a parameter");
    this.since = Math.max(0, ...marked.map(sinceOf));
  }

  /**
   * The values in the order of `names`, as for `client.query(text, values)`.
   *
   * @throws Error when one is missing, or there is one that the file has no parameter for.
   */
  inOrder(values: Readonly<Record<Name, unknown>>): unknown[] {
    const given = Object.keys(values);
    const missing = this.names.filter((name) => values[name] === undefined);
    const superfluous = given.filter((name) => !this.names.some((known) => known === name));
    if (missing.length > 0) throw new Error(`${this.file}: no value for ${missing.join(", ")}`);
    if (superfluous.length > 0) throw new Error(`${this.file}: has no parameter ${superfluous.join(", ")}`);
    return this.names.map((name) => values[name]);
  }

  /** What a server of that major gets. */
  textFor(major: number): string {
    if (major >= this.since) return this.text;
    return this.text
      .split("\n")
      .filter((line) => sinceOf(line) <= major)
      .join("\n");
  }

  /** Runs the query. @throws Error as `inOrder` does, and the server's. */
  async rows(client: Client, values: Readonly<Record<Name, unknown>>): Promise<Row[]> {
    const text = this.since === 0 ? this.text : this.textFor(await majorOf(client));
    return (await client.query<Row>(text, this.inOrder(values))).rows;
  }
}

function sinceOf(line: string): number {
  return Number(SINCE_MAJOR.exec(line)?.[1] ?? 0);
}
