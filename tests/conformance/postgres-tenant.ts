import { after, before, describe } from "node:test";
import type { Client } from "pg";
import type { Props } from "../../rehearsal/protocol/property-values";
import type { Server } from "../../rehearsal/providers/postgresql/connection";
import { postgresql } from "../../rehearsal/providers/postgresql/provider";
import type { PostgresMajor } from "../../rehearsal/servers/postgres-programs";
import { type Held, InProcess } from "./in-process";
import { freshServer, providerArguments, session, type TestServer, triedMajors } from "./postgres-server";

export const ROLE = "postgresql:index/role:Role";
export const SCHEMA = "postgresql:index/schema:Schema";
export const GRANT = "postgresql:index/grant:Grant";
export const DEFAULT_PRIVILEGES = "postgresql:index/defaultPrivileges:DefaultPrivileges";

/** What the tests of one PostgreSQL major share. Filled in before the first test runs. */
export interface OnServer extends TestServer {
  plugin: InProcess<Server>;
  /** Those of `asTenant`, by slug; they end before the server does. */
  readonly sessions: Map<string, Client>;
}

/** Runs the tests against a fresh server of each of these majors. */
export function describeOnEachMajor(
  name: string,
  tests: (on: OnServer) => void,
  majors: readonly PostgresMajor[] = [16, 18],
): void {
  for (const major of triedMajors(majors)) {
    describe(`${name}, PostgreSQL ${major}`, () => {
      const on = { sessions: new Map<string, Client>() } as OnServer;
      let server: Server;
      before(async () => {
        Object.assign(on, await freshServer(major));
        server = postgresql.configure(providerArguments(on.server), {});
        on.plugin = new InProcess(postgresql, server);
      });
      after(async () => {
        await server?.close();
        for (const kept of on.sessions.values()) await kept.end();
        await on.remove?.();
      });
      tests(on);
    });
  }
}

/** Runs SQL as the tenant and gives the rows. One session serves all: to log in for each question would take longer than the answers. */
export async function asTenant(on: OnServer, slug: string, sql: string) {
  const client = on.sessions.get(slug) ?? (await session(on.server, `user_${slug}`, `${slug}-secret`));
  on.sessions.set(slug, client);
  return (await client.query(sql)).rows;
}

export function roleInputs(slug: string, more: Props = {}): Props {
  return { name: `user_${slug}`, login: true, password: `${slug}-secret`, searchPaths: [`schema_${slug}`], ...more };
}

export function schemaInputs(slug: string, more: Props = {}): Props {
  return { name: `schema_${slug}`, owner: `user_${slug}`, database: "postgres", dropCascade: true, ...more };
}

export function schemaGrantInputs(slug: string, privileges: string[] = ["CREATE", "USAGE"]): Props {
  return { database: "postgres", role: `user_${slug}`, schema: `schema_${slug}`, objectType: "schema", privileges };
}

export function connectInputs(slug: string): Props {
  return { database: "postgres", role: `user_${slug}`, objectType: "database", privileges: ["CONNECT"] };
}

export function tableDefaultsInputs(slug: string): Props {
  const privileges = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"];
  return { ...schemaGrantInputs(slug, privileges), owner: "postgres", objectType: "table" };
}

/** Creates all that one tenant has in the database, in the order in which the program's dependencies put it. */
export async function createTenant({ plugin }: OnServer, slug: string): Promise<Held[]> {
  const role = await plugin.create(ROLE, roleInputs(slug));
  const connect = await plugin.create(GRANT, connectInputs(slug));
  const schema = await plugin.create(SCHEMA, schemaInputs(slug));
  const usage = await plugin.create(GRANT, schemaGrantInputs(slug));
  const tables = await plugin.create(DEFAULT_PRIVILEGES, tableDefaultsInputs(slug));
  return [role, connect, schema, usage, tables];
}
