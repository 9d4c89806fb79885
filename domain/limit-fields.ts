import { duration, integer, mapping } from "./fields";

/** The setting `limits`. */
export const limits = mapping({
  defaults: mapping({
    connectionLimit: integer(1, 10_000).meta({
      description: "Of the tenants that name none: most sessions, at most `maxConnections` less `reserve`.",
    }),
    statementTimeout: duration().meta({ description: "Of the tenants that name none: longest statement." }),
    idleInTransactionTimeout: duration().meta({
      description: "Of the tenants that name none: longest idle transaction.",
    }),
  }),
  maxConnections: integer(1, 262_143).meta({
    description:
      "What `show max_connections` says on the server. The connection limits of all tenants, of every stack, and the reserve must fit into it.",
  }),
  reserve: integer(0, 10_000).meta({
    description:
      "Connections that no tenant may take: for the admin, `up`, backups and the server's own. Less than `maxConnections`.",
  }),
}).check((context) => {
  const { defaults, maxConnections, reserve } = context.value;
  const refuse = (path: string[], message: string) =>
    context.issues.push({ code: "custom", path, message, input: context.value, continue: true });
  const left = maxConnections - reserve;
  if (left <= 0) {
    refuse(["reserve"], `must be less than maxConnections, ${maxConnections}`);
  } else if (defaults.connectionLimit > left) {
    refuse(["defaults", "connectionLimit"], `must be at most maxConnections less reserve, ${left}`);
  }
});
