import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration } from "../../domain/duration";

const cases: Record<string, number | undefined> = {
  "0s": 0,
  "1ms": 1,
  "30s": 30_000,
  "5min": 300_000,
  "1h": 3_600_000,
  "2147483647ms": 2_147_483_647,
  "2147483648ms": undefined,
  "2147483s": 2_147_483_000,
  "596h": 2_145_600_000,
  "597h": undefined,
  "9999999999h": undefined,
  "": undefined,
  "30": undefined,
  s: undefined,
  "30 s": undefined,
  "30S": undefined,
  "05s": undefined,
  "-1s": undefined,
  "+1s": undefined,
  "1.5s": undefined,
  "1e3s": undefined,
  "30s\n": undefined,
  " 30s": undefined,
  "1d": undefined,
  "1m": undefined,
  "1min30s": undefined,
  "٣s": undefined,
};

for (const [text, milliseconds] of Object.entries(cases)) {
  test(`${JSON.stringify(text)} is ${milliseconds === undefined ? "no duration" : `${milliseconds} ms`}`, () => {
    assert.equal(parseDuration(text), milliseconds);
  });
}
