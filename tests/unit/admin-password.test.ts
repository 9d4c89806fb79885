import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { readSettings } from "../../settings";

const SECRET = "hunter2-admin-password";
const KEY = "b2b-tenants:adminPassword";

pulumi.runtime.setMocks(
  { newResource: ({ inputs }) => ({ id: undefined, state: inputs }), call: ({ inputs }) => inputs },
  "b2b-tenants",
  "prod",
);

/** Configures the production stack, with these settings besides its file's. */
function configure(more: Record<string, string>, secretKeys: string[]): void {
  const shipped = readFileSync(join(__dirname, "..", "..", "Pulumi.prod.yaml"), "utf8");
  const { config } = parse(shipped.replaceAll("-0000", "-0001").replaceAll("replace-with-your-", "our-"));
  const entries = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig({ ...Object.fromEntries(entries), ...more }, secretKeys);
}

beforeEach(() => {
  delete process.env.PGPASSWORD;
});

function revealed<Value>(output: pulumi.Output<Value>): Promise<Value> {
  return new Promise((resolve) => output.apply(resolve));
}

test("the password is a secret, wherever it comes from", async () => {
  configure({ [KEY]: SECRET }, [KEY]);
  const fromFile = readSettings().adminPassword;
  assert.equal(await pulumi.isSecret(fromFile), true);
  assert.equal(await revealed(fromFile), SECRET);

  configure({}, []);
  process.env.PGPASSWORD = "from-the-environment";
  const fromEnvironment = readSettings().adminPassword;
  assert.equal(await pulumi.isSecret(fromEnvironment), true);
  assert.equal(await revealed(fromEnvironment), "from-the-environment");
});

test("an error of the settings is a message of its own, without a stack trace or the password", () => {
  configure({ [KEY]: SECRET, "b2b-tenants:fleet": "maybe" }, []);
  assert.throws(readSettings, (error: Error) => {
    assert.ok(pulumi.RunError.isInstance(error));
    assert.equal(
      error.message,
      [
        "2 errors, nothing was changed:",
        `Pulumi.prod.yaml: '${KEY}' must be encrypted, got plain text; change the password of the admin, then: npx pulumi config set --secret ${KEY} --stack prod`,
        `Pulumi.prod.yaml: 'b2b-tenants:fleet' must be true or false, got "maybe"`,
      ].join("\n"),
    );
    return true;
  });
});
