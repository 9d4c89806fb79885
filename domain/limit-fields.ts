import { duration, integer, mapping } from "./fields";

/** The setting `limits`. */
export const limits = mapping({
  defaults: mapping({
    connectionLimit: integer(1, 10_000),
    statementTimeout: duration(),
    idleInTransactionTimeout: duration(),
  }),
  maxConnections: integer(1, 262_143),
  reserve: integer(0, 10_000),
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
