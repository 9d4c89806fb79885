import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parametersStayInTheirPath } from "../../../policy/rules/parameters-stay-in-their-path";
import { secretsAreSecureStrings } from "../../../policy/rules/secrets-are-secure-strings";
import { secret, UNKNOWN, violations } from "../analysis";
import { pulumiConfig, withSettings } from "../stack-settings";
import { childOfTenant, outside } from "../urns";

const PARAMETER = "aws:ssm/parameter:Parameter";
const OWN = childOfTenant(PARAMETER, "acme-env-KEY");
const ENV = "/b2b-tenants/prod/acme/env";

describe("policy secrets-are-secure-strings", () => {
  const environment = withSettings();

  it("passes what is encrypted, and the three keys that are for all to see", async () => {
    assert.deepEqual(
      await told({ name: `${ENV}/SECRET_KEY`, type: "SecureString", value: secret("0".repeat(64)) }),
      [],
    );
    const plain = {
      ALLOWED_ORIGINS: "https://a.example.com,http://localhost:3000",
      FRONTEND_URL: "https://a.example.com",
    };
    for (const [key, text] of Object.entries({ ...plain, ENVIRONMENT: "production" })) {
      assert.deepEqual(await told({ name: `${ENV}/${key}`, type: "String", insecureValue: text }), []);
      assert.deepEqual(await told({ name: `${ENV}/${key}`, type: "String", value: text }), []);
      assert.deepEqual(await told({ name: `${ENV}/${key}`, type: "StringList", value: text }), []);
    }
  });

  it("stops every other key that is not encrypted, a tenant's or not", async () => {
    for (const key of ["SECRET_KEY", "NEW_KEY", "environment", "ENVIRONMENT2", ""]) {
      for (const type of ["String", "StringList", "securestring"]) {
        for (const urn of [OWN, outside(PARAMETER, "more")]) {
          assert.deepEqual(await told({ name: `${ENV}/${key}`, type, value: "x" }, urn), [
            `"${key}" is a "${type}". Make it a SecureString: only ALLOWED_ORIGINS, FRONTEND_URL, ENVIRONMENT are for all to see.`,
          ]);
        }
      }
    }
    assert.match((await told({ name: "API_KEY" })).join(), /^"API_KEY" is a nothing\. Make it a SecureString/);
  });

  it("stops an encrypted one whose value is shown all the same", async () => {
    assert.deepEqual(await told({ name: "KEY", type: "SecureString", insecureValue: "x" }), [
      "It is a SecureString with an insecureValue, which previews show. Give it as value.",
    ]);
  });

  it("stops what reads like a secret under a key that is for all to see, and does not repeat it", async () => {
    environment({ PULUMI_CONFIG: pulumiConfig("postgres", "admin-secret") });
    const secrets = {
      "a URL with a password": "https://ops:hunter2@a.example.com",
      "a long random number in hexadecimal": "ab".repeat(32),
      "the admin's password": "production admin-secret",
    };
    for (const [kind, text] of Object.entries(secrets)) {
      for (const property of ["value", "insecureValue"]) {
        const props = { name: `${ENV}/ENVIRONMENT`, type: "String", [property]: text };
        assert.deepEqual(await told(props), [`It holds ${kind}, and is no SecureString. Make it one.`]);
      }
    }
  });

  it("tells of what is known, and of nothing else", async () => {
    assert.deepEqual(await told({ name: UNKNOWN, type: "String", value: UNKNOWN }), []);
    assert.equal(
      (await told({ name: UNKNOWN, type: "String", value: UNKNOWN, insecureValue: "token=hunter2" })).length,
      1,
    );
    assert.equal((await told({ name: "KEY", type: "String", value: UNKNOWN })).length, 1);
    assert.equal((await told({ name: UNKNOWN, type: "SecureString", insecureValue: UNKNOWN })).length, 0);
    assert.deepEqual(await told({ name: `${ENV}/ENVIRONMENT`, type: "String", value: { a: 1 } }), [
      "Its value is no text. Give it one.",
    ]);
  });
});

describe("policy parameters-stay-in-their-path", () => {
  it("passes a tenant's parameters in its path, and others elsewhere", async () => {
    assert.deepEqual(await placed(OWN, `${ENV}/SECRET_KEY`), []);
    assert.deepEqual(await placed(OWN, UNKNOWN), []);
    for (const name of ["/shared/KEY", "KEY", "/b2b-tenants2/KEY"]) {
      assert.deepEqual(await placed(outside(PARAMETER, "more"), name), [], name);
    }
  });

  it("stops a tenant's parameter anywhere else", async () => {
    for (const name of [
      ...["/b2b-tenants/prod/acne/env/KEY", "/b2b-tenants/prod/acme2/env/KEY", "/b2b-tenants/staging/acme/env/KEY"],
      ...[ENV, `${ENV}/`, `${ENV}/key`, `${ENV}/A/B`, `${ENV}/../KEY`, `${ENV}/A=B\n`, "KEY", "", 7, null],
    ]) {
      const [violation = ""] = await placed(OWN, name);
      assert.match(
        violation,
        /^Its name is .*\. A parameter of tenant "acme" is \/b2b-tenants\/prod\/acme\/env\/KEY\.$/,
      );
    }
  });

  it("stops parameters outside of any tenant that a tenant's server would read", async () => {
    for (const name of [`${ENV}/KEY`, "/b2b-tenants", "b2b-tenants/prod/acme/env/KEY", "/B2B-tenants/x"]) {
      assert.deepEqual(await placed(outside(PARAMETER, "more"), name), [
        `"${name}" is outside of any tenant, and a tenant's server would read it. Name it something else.`,
      ]);
    }
  });
});

async function told(props: object, urn = OWN): Promise<string[]> {
  return messages(await violations([secretsAreSecureStrings], { urn, props: props as never }));
}

async function placed(urn: string, name: unknown): Promise<string[]> {
  return messages(await violations([parametersStayInTheirPath], { urn, props: { name } as never }));
}

function messages(found: readonly string[]): string[] {
  return found.map((violation) => violation.slice(violation.indexOf("\n") + 1));
}
