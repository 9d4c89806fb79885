import assert from "node:assert/strict";
import { test } from "node:test";
import { closestKey } from "../../domain/closest-key";

const ALLOWED = ["frontendUrl", "allowedOrigins", "stack", "adopt"];
const ELSEWHERE = ["frontendUrl", "database", "database.connectionLimit", "server.subnetId"];

const cases: [key: string, meant: string | undefined][] = [
  ["frontendURL", "frontendUrl"],
  ["frontend_url", "frontendUrl"],
  ["fontendUrl", "frontendUrl"],
  ["frontendUri", "frontendUrl"],
  ["allowedOrigin", "allowedOrigins"],
  ["stak", "stack"],
  ["stock", "stack"],
  ["sock", undefined],
  ["adpt", "adopt"],
  ["connection-limit", "database.connectionLimit"],
  ["connectionLimits", undefined],
  ["x", undefined],
  ["", undefined],
  ["k".repeat(100_000), undefined],
];

for (const [key, meant] of cases) {
  test(`${JSON.stringify(key.slice(0, 20))} was meant as ${meant ?? "nothing known"}`, () => {
    assert.equal(closestKey(key, ALLOWED, ELSEWHERE), meant);
  });
}
