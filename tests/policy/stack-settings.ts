import { afterEach, beforeEach } from "node:test";

const VARIABLES = ["PULUMI_CONFIG", "PGPASSWORD"];

/** Lets each test of a suite set what a policy pack finds in its environment; undone afterwards. */
export function withSettings(): (settings: Readonly<Record<string, string | undefined>>) => void {
  let before: (string | undefined)[] = [];
  const set = (values: readonly (string | undefined)[]) => {
    VARIABLES.forEach((name, index) => {
      const value = values[index];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    });
  };
  beforeEach(() => {
    before = VARIABLES.map((name) => process.env[name]);
    set([]);
  });
  afterEach(() => set(before));
  return (settings) => set(VARIABLES.map((name) => settings[name]));
}

/** Lets each test of a suite find the environment `prod`, and nothing else. */
export function inProd(): void {
  const settings = withSettings();
  beforeEach(() => settings({ PULUMI_CONFIG: JSON.stringify({ "b2b-tenants:environment": "prod" }) }));
}

/** A stack's configuration as the language host hands it over. */
export function pulumiConfig(adminUser: string, adminPassword: string): string {
  return JSON.stringify({
    "aws:region": "us-east-1",
    "b2b-tenants:environment": "prod",
    "b2b-tenants:database": JSON.stringify({ host: "db.example.com", adminUser }),
    "b2b-tenants:adminPassword": adminPassword,
  });
}
