type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The stack's configuration, where it is at hand: the language host hands it to a policy pack in the environment, as it does to the
 * program, secrets in clear. By full key, as `b2b-tenants:adminPassword`; structured values are JSON texts.
 */
export function stackConfig(environment: Environment = process.env): Readonly<Record<string, unknown>> {
  return objectIn(environment.PULUMI_CONFIG);
}

/** The setting `b2b-tenants:database`; empty where there is none. */
export function databaseSetting(environment?: Environment): Readonly<Record<string, unknown>> {
  return objectIn(stackConfig(environment)["b2b-tenants:database"]);
}

/** What is no JSON object counts as one without properties: the settings' own check tells of it. */
function objectIn(json: unknown): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(String(json));
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
