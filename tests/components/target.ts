import type { ConnectionTarget } from "../../domain/connection-string";

/** Of a server that no test of this folder talks to. */
export const TARGET: ConnectionTarget = {
  host: "db.example.com",
  port: 6543,
  user: "postgres",
  password: "s3cret",
  database: "shared",
  sslmode: "require",
};
