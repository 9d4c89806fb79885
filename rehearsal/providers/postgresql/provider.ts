import { markSecrets, type Props } from "../../protocol/property-values";
import type { CheckAnswer, StandIn } from "../stand-in";
import { Server, type ServerSettings } from "./connection";
import { defaultPrivileges } from "./default-privileges";
import { grant } from "./grant";
import { handlerOf } from "./resource";
import { role } from "./role";
import { schema } from "./schema";

const ARGUMENTS = [
  "connectTimeout",
  "database",
  "host",
  "maxConnections",
  "password",
  "port",
  "sslmode",
  "superuser",
  "username",
  "version",
];

const SSL_MODES: readonly ServerSettings["sslmode"][] = ["disable", "require", "verify-ca", "verify-full"];

/** Stands in for pulumi-postgresql, for the resource types that the program uses. */
export const postgresql: StandIn<Server> = {
  name: "postgresql",
  version: "3.18.1",
  capabilities: { supportsPreview: true, supportsAutonamingConfiguration: true },
  resources: {
    "postgresql:index/defaultPrivileges:DefaultPrivileges": handlerOf(defaultPrivileges),
    "postgresql:index/grant:Grant": handlerOf(grant),
    "postgresql:index/role:Role": handlerOf(role),
    "postgresql:index/schema:Schema": handlerOf(schema),
  },
  checkConfig: ({ news }) => checkArguments(news),
  configure: (args) => new Server(settingsOf(args)),
  close: (server) => server.close(),
};

function checkArguments(args: Props): CheckAnswer {
  const unknown = Object.keys(args).filter((name) => !ARGUMENTS.includes(name));
  const failures = unknown.map((property) => ({
    property,
    reason: `the rehearsal's postgresql stand-in does not support the argument '${property}'; it supports ${ARGUMENTS.join(", ")}`,
  }));
  const sslmode = args.sslmode;
  if (sslmode !== undefined && !SSL_MODES.includes(sslmode as ServerSettings["sslmode"])) {
    failures.push({ property: "sslmode", reason: `must be one of ${SSL_MODES.join(", ")}, got '${sslmode}'` });
  }
  return { inputs: markSecrets(args, ["password"]), failures };
}

/** Provider arguments travel as strings; the defaults are the real provider's. */
function settingsOf(args: Props): ServerSettings {
  const text = (name: string, otherwise: string) => String(args[name] ?? otherwise);
  return {
    host: text("host", "localhost"),
    port: Number(text("port", "5432")),
    username: text("username", "postgres"),
    password: text("password", ""),
    database: text("database", "postgres"),
    sslmode: text("sslmode", "require") as ServerSettings["sslmode"],
    superuser: text("superuser", "true") === "true",
    connectTimeoutSeconds: Number(text("connectTimeout", "180")),
    maxConnections: Number(text("maxConnections", "20")),
  };
}
