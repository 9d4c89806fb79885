import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { NEWEST_MAJOR, OLDEST_MAJOR } from "../../database/server-version";
import { UsageError } from "../../domain/usage-error";
import { majorOfFolder, POSTGRES_MAJORS } from "../../rehearsal/servers/postgres-programs";
import { ServerError } from "../../rehearsal/servers/server-error";
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

/** A folder whose `postgres` says that it is that version. */
function programsOf(version: string): string {
  const folder = mkdtempSync(join(tmpdir(), "programs-"));
  for (const name of ["postgres", "initdb"]) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho "postgres (PostgreSQL) ${version}"\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

test("a home that was made with a folder of programs keeps it, and takes another of the same version", () => {
  const [bin, moved, older] = [programsOf("19rc1"), programsOf("19.0"), programsOf("18.4")];
  inNewHome("16", (home) => {
    assert.deepEqual(home.postgres(undefined, bin), { major: 19, bin });
    assert.deepEqual(home.postgres(undefined), { major: 19, bin });
    assert.deepEqual(home.postgres(19, moved), { major: 19, bin: moved });
    assert.throws(() => home.postgres(undefined, older), /^Error: --postgres 18: .* is PostgreSQL 19; name another/);
    assert.throws(() => home.postgres(18), /^Error: --postgres 18: /);
    assert.deepEqual(home.postgres(undefined), { major: 19, bin: moved });
  });
  for (const folder of [bin, moved, older]) rmSync(folder, { recursive: true });
});

test("a folder with another server, or with none, is refused by name", () => {
  const old = programsOf("13.23");
  const refusal = (folder: string, message: string) =>
    assert.throws(
      () => majorOfFolder(folder),
      (error) => error instanceof ServerError && error.message.startsWith(message),
    );
  refusal(old, `${old} holds PostgreSQL 13, which is not supported. It takes a folder`);
  rmSync(join(old, "postgres"));
  refusal(old, `${old} has not the programs of a PostgreSQL server. `);
  rmSync(old, { recursive: true });
});

test("the rehearsal knows the majors that the program supports", () => {
  assert.deepEqual([POSTGRES_MAJORS.at(0), POSTGRES_MAJORS.at(-1)], [OLDEST_MAJOR, NEWEST_MAJOR]);
  assert.equal(POSTGRES_MAJORS.length, NEWEST_MAJOR - OLDEST_MAJOR + 1);
});

test("a home's passphrase is made up once, for its owner alone", () => {
  inNewHome(undefined, (home) => {
    const { passphrase, path } = home;
    assert.match(passphrase, /^[0-9a-f]{64}$/);
    assert.equal(home.passphrase, passphrase);
    assert.equal(statSync(join(path, "passphrase")).mode & 0o777, 0o600);
    inNewHome(undefined, (other) => assert.notEqual(other.passphrase, passphrase));
  });
});

test("a home that the Pulumi CLI has driven stays the CLI's, and one that the rehearsal's engine has driven is not handed over", () => {
  inNewHome(undefined, (home) => {
    assert.equal(home.drivenByCli(false), false);
    assert.equal(home.drivenByCli(true), true);
    mkdirSync(home.cliPath);
    assert.equal(home.drivenByCli(false), true);
  });
  inNewHome(undefined, (home) => {
    mkdirSync(home.statesDir);
    assert.equal(home.drivenByCli(false), false);
    assert.throws(
      () => home.drivenByCli(true),
      (error) =>
        error instanceof UsageError && /^--cli: the stacks in .* name another folder with --home$/.test(error.message),
    );
  });
});
