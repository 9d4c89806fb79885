import assert from "node:assert/strict";
import { test } from "node:test";
import { ENV_KEYS, envEntries, envLine } from "../../domain/env-file";

const TENANT = {
  frontendUrl: "https://shop.example.com",
  allowedOrigins: ["https://a.example.com", "http://localhost:3000"],
};
const SECRETS = { databaseUrl: { secret: "url" }, secretKey: { secret: "key" } };

test("the .env has the guide's keys, in its order, and two of them are secret", () => {
  assert.deepEqual(envEntries(TENANT, SECRETS), [
    { key: "DATABASE_URL", value: SECRETS.databaseUrl, secret: true },
    { key: "SECRET_KEY", value: SECRETS.secretKey, secret: true },
    {
      key: "ALLOWED_ORIGINS",
      value: "https://shop.example.com,https://a.example.com,http://localhost:3000",
      secret: false,
    },
    { key: "FRONTEND_URL", value: "https://shop.example.com", secret: false },
    { key: "ENVIRONMENT", value: "production", secret: false },
  ]);
  assert.deepEqual(ENV_KEYS, ["DATABASE_URL", "SECRET_KEY", "ALLOWED_ORIGINS", "FRONTEND_URL", "ENVIRONMENT"]);
});

test("without further origins, the frontend's is the only one", () => {
  const entries = envEntries({ ...TENANT, allowedOrigins: [] }, SECRETS);
  assert.equal(entries.find(({ key }) => key === "ALLOWED_ORIGINS")?.value, "https://shop.example.com");
});

test("what readers of a .env do not take alike makes no line", () => {
  for (const value of ["a\rb", "a\nb", "\tb", "it's", "a\\", ["$", "{HOME}"].join("")])
    assert.equal(envLine("A", value), undefined);
  for (const name of ["a", "1A", "A-B", ""]) assert.equal(envLine(name, "b"), undefined);
  assert.equal(envLine("A", "https://[::1]:80/?a=b%2F,@+_.-"), "A=https://[::1]:80/?a=b%2F,@+_.-");
  assert.equal(envLine("A", "Sol & $1"), "A='Sol & $1'");
});
