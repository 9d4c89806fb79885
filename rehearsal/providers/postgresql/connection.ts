import { DatabaseError, Pool, type PoolClient, type QueryResultRow } from "pg";
import { tlsOptions } from "../../../database/connection";
import { withTransaction } from "../../../database/transaction";
import type { ConnectionTarget } from "../../../domain/connection-string";

export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** Where roles are managed, and the default of resources that name no database. */
  readonly database: string;
  readonly sslmode: ConnectionTarget["sslmode"];
  /** Whether the provider takes its user for a superuser; on a managed service it is not. */
  readonly superuser: boolean;
  readonly connectTimeoutSeconds: number;
  readonly maxConnections: number;
}

/** One open transaction. Errors read as the real provider's driver words them: `pq: MESSAGE (SQLSTATE)`. */
export class Transaction {
  constructor(private readonly client: PoolClient) {}

  async rows<Row extends QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    try {
      return (await this.client.query<Row>(sql, values)).rows;
    } catch (error) {
      throw error instanceof DatabaseError ? new Error(driverMessage(error)) : error;
    }
  }

  /** Runs a statement; `failure` begins the message if it fails. */
  async run(sql: string, failure?: string): Promise<void> {
    try {
      await this.rows(sql);
    } catch (error) {
      throw failure === undefined ? error : new Error(`${failure}: ${(error as Error).message}`);
    }
  }

  async exists(sql: string, values: unknown[]): Promise<boolean> {
    return (await this.rows(sql, values)).length > 0;
  }
}

/** The configured server: one pool per database, made when first used. Making a `Server` connects to nothing. */
export class Server {
  private readonly pools = new Map<string, Pool>();

  constructor(readonly settings: ServerSettings) {}

  /** Runs `work` in one transaction: all of it happens, or nothing. */
  async transaction<T>(database: string, work: (txn: Transaction) => Promise<T>): Promise<T> {
    const client = await this.connect(database);
    try {
      return await withTransaction(client, () => work(new Transaction(client)));
    } finally {
      // A session that could not roll back is closed instead of being used again.
      client.release(client.getTransactionStatus() !== "I");
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.end()));
  }

  private async connect(database: string): Promise<PoolClient> {
    try {
      return await this.pool(database).connect();
    } catch (error) {
      const { host, port } = this.settings;
      const reason =
        error instanceof DatabaseError ? driverMessage(error) : `dial tcp ${host}:${port}: ${dialed(error)}`;
      throw new Error(`error connecting to PostgreSQL server ${host} (scheme: postgres): ${reason}`);
    }
  }

  private pool(database: string): Pool {
    const known = this.pools.get(database);
    if (known) return known;
    const { host, port, username, password, sslmode, connectTimeoutSeconds, maxConnections } = this.settings;
    const pool = new Pool({
      host,
      port,
      user: username,
      password,
      database,
      ssl: tlsOptions(sslmode),
      connectionTimeoutMillis: connectTimeoutSeconds * 1_000,
      max: maxConnections,
      application_name: "Pulumi provider",
    });
    // A server that stops closes idle connections; the next use says what is wrong, where it can be told to someone.
    pool.on("error", () => undefined);
    this.pools.set(database, pool);
    return pool;
  }
}

function driverMessage({ message, code }: DatabaseError): string {
  return `pq: ${message} (${code})`;
}

function dialed(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ECONNREFUSED" ? "connect: connection refused" : message;
}
