import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { UsageError } from "../../domain/usage-error";
import { Home } from "../../rehearsal/session/home";

/** A new home where the environment says that, or nothing. */
function inNewHome(major: string | undefined, check: (home: Home) => void): void {
  const before = process.env.REHEARSAL_POSTGRES;
  const folder = mkdtempSync(join(tmpdir(), "home-"));
  try {
    setVariable(major);
    check(new Home(folder));
  } finally {
    setVariable(before);
    rmSync(folder, { recursive: true });
  }
}

function setVariable(value: string | undefined): void {
  if (value === undefined) delete process.env.REHEARSAL_POSTGRES;
  else process.env.REHEARSAL_POSTGRES = value;
}

test("a new home has PostgreSQL 16, or what the environment says, or what is wished for", () => {
  inNewHome(undefined, (home) => assert.equal(home.postgres(undefined).major, 16));
  inNewHome("18", (home) => assert.equal(home.postgres(undefined).major, 18));
  inNewHome("18", (home) => assert.equal(home.postgres(16).major, 16));
});

test("a home keeps its PostgreSQL, whatever the environment says later", () => {
  inNewHome("18", (home) => {
    assert.equal(home.postgres(undefined).major, 18);
    setVariable("16");
    assert.equal(home.postgres(undefined).major, 18);
    assert.throws(() => home.postgres(16), /is PostgreSQL 18; name another folder/);
  });
});

test("an environment that says what there is not is refused in words", () => {
  inNewHome("13", (home) => {
    const message =
      'REHEARSAL_POSTGRES "13": the rehearsal has PostgreSQL 14, 15, 16, 17, 18, and takes what else is supported from a folder (--postgres-bin)';
    assert.throws(
      () => home.postgres(undefined),
      (error) => error instanceof UsageError && error.message === message,
    );
  });
});
