import assert from "node:assert/strict";
import { test } from "node:test";
import { stringify } from "yaml";
import { ENV_KEYS, envEntries } from "../../domain/env-file";
import { parseTenantFile } from "../../domain/tenant-file";
import { PROD } from "./reading-stack";

const SEED = 20_261_124;
const ROUNDS = 3_000;

// biome-ignore format: one piece a line would be two screens
/** Pieces that mean something to YAML, to URLs, to shells, to `.env` readers, or to CORS. */
const PIECES = [
  "https://", "http://", "shop.example.com", "localhost", ":3000", "a", "B", "0", "-", ".", "_", "/", "\\", "?", "#", "@", ":", "*", ",", ";", "=",
  "%0A", "%00", "$", "$(id)", "`id`", "'", '"', " ", "\t", "\n", "\r", "\r\n", "\0", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\u00a0", "\u2028", "\u2029",
  "\u200b", "\u202e", "\ufeff", "é", "。", "／", "🔑", "SECRET_KEY=x", "\nSECRET_KEY=x\n", "[::1]", "xn--", "<<", "&a", "!", "|", "{", "}",
];

test("no text in a tenant file makes a second line, a second key or a second origin in the .env", () => {
  const random = randomNumbers(SEED);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const hostile = () => Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(PIECES)).join("");
  // Half of the texts start as an origin does, so that some get through, and what gets through is looked at.
  const text = () => (random() < 0.5 ? `https://shop.example.com${random() < 0.5 ? "" : hostile()}` : hostile());
  let accepted = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const written = { frontendUrl: text(), allowedOrigins: Array.from({ length: Math.floor(random() * 3) }, text) };
    const source = pick([
      stringify(written),
      stringify(written, { defaultStringType: "BLOCK_LITERAL" }),
      JSON.stringify(written),
    ]);
    const result = parseTenantFile("acme", "tenants/acme.yaml", Buffer.from(source), PROD);
    if ("errors" in result) {
      for (const { message } of result.errors) assert.doesNotMatch(message, /[\p{Cc}\p{Cf}\u2028\u2029]/u);
      continue;
    }
    accepted++;
    const entries = envEntries(result.tenant, { databaseUrl: "d", secretKey: "s" });
    const file = entries.map(({ key, value }) => `${key}=${value}\n`).join("");
    assert.match(file, /^([A-Z_]+=[A-Za-z0-9:/.,[\]-]+\n){5}$/, JSON.stringify(source));
    assert.deepEqual(file.match(/^[^=]*/gm)?.filter(Boolean), [...ENV_KEYS]);
    const origins = file.match(/^ALLOWED_ORIGINS=(.*)$/m)?.[1]?.split(",") ?? [];
    assert.equal(origins.length, 1 + result.tenant.allowedOrigins.length);
    for (const origin of origins) assert.equal(new URL(origin).origin, origin);
  }
  assert.ok(accepted > ROUNDS / 50, `${accepted} of ${ROUNDS} accepted: too few to have tested anything`);
  assert.ok(accepted < ROUNDS / 2, `${accepted} of ${ROUNDS} accepted: too few were hostile`);
});

/** Mulberry32: the same numbers for the same seed, so that a failure can be repeated. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
