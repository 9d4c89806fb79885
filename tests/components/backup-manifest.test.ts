import assert from "node:assert/strict";
import { it } from "node:test";
import { type BackupManifest, manifestFileName, parseManifest } from "../../database/backup/backup-manifest";

const MANIFEST: BackupManifest = {
  format: 1,
  tenant: "acme",
  schema: "schema_acme",
  role: "user_acme",
  fencedAt: "2026-11-24T10:15:00.000Z",
  verifiedAt: "2026-11-24T10:15:09.123Z",
  archive: { file: "backup_acme_20261124T101500Z.dump", bytes: 12345, sha256: "0123456789abcdef".repeat(4) },
  server: "16.14",
  pgDump: "16.14",
  tool: "b2b-tenants 0.1.0",
  tables: [{ name: 'we"ird\n', rows: 3, checksum: "00aa" }],
  sequences: [{ name: "orders_id_seq", lastValue: "9223372036854775807", isCalled: true }],
  structure: ["index a on b: CREATE INDEX a ON b USING btree (c)"],
};

const parse = (value: unknown) => parseManifest(JSON.stringify(value), "/srv/b/m.json");

it("a manifest is named after its archive, and read as it was written", () => {
  assert.equal(manifestFileName(MANIFEST.archive.file), "backup_acme_20261124T101500Z.manifest.json");
  assert.deepEqual(parse(MANIFEST), MANIFEST);
});

const NO_MANIFEST = "/srv/b/m.json is no manifest of a backup: ";

for (const [why, text] of [
  ["cut short", JSON.stringify(MANIFEST).slice(0, -10)],
  ["empty", ""],
  ["an archive", "PGDMP\u0001"],
] as const) {
  it(`a file that is ${why} is refused`, () => {
    const message = `${NO_MANIFEST}it is not JSON, or was cut short`;
    assert.throws(() => parseManifest(text, "/srv/b/m.json"), { message });
  });
}

for (const [what, value, message] of [
  [
    "of another format",
    { ...MANIFEST, format: 2 },
    "/srv/b/m.json has the format 2, and this version of the program reads 1 only: use a newer one",
  ],
  [
    "that names a file elsewhere",
    { ...MANIFEST, archive: { ...MANIFEST.archive, file: "../../etc/passwd" } },
    /'archive\.file': /,
  ],
  ["with a damaged hash", { ...MANIFEST, archive: { ...MANIFEST.archive, sha256: "abc" } }, /'archive\.sha256': /],
  [
    "without a size",
    { ...MANIFEST, archive: { file: MANIFEST.archive.file, sha256: MANIFEST.archive.sha256 } },
    /'archive\.bytes': /,
  ],
  ["with half a row", { ...MANIFEST, tables: [{ name: "t", rows: 1.5, checksum: "" }] }, /'tables\.0\.rows': /],
  [
    "with a sequence that is no number",
    { ...MANIFEST, sequences: [{ name: "s", lastValue: "1); drop", isCalled: true }] },
    /'sequences\.0\.lastValue': /,
  ],
  ["that is null", null, /^\/srv\/b\/m\.json is no manifest of a backup: /],
  ["that is a list", [], /all of it: /],
] as const) {
  it(`a manifest ${what} is refused, by place and key`, () => {
    assert.throws(
      () => parse(value),
      typeof message === "string"
        ? { message }
        : (error: Error) => error.message.startsWith(NO_MANIFEST) && message.test(error.message),
    );
  });
}
