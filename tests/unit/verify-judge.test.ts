import assert from "node:assert/strict";
import { it } from "node:test";
import type { Attempt } from "../../ops/verify/attempts/against-tenant";
import { judge } from "../../ops/verify/attempts/judge";

const TENANT = { slug: "a", schema: "schema_a", role: "user_a" };

function attempt(victim: string | undefined, wall: string): Attempt {
  return { check: "schema", walls: [wall], victim, object: wall, statement: `try ${wall}` };
}

const BESIDE = attempt("b", "schema schema_b");
const ROLE = attempt("b", "role user_b");
const SERVER = attempt(undefined, "database create");

for (const [what, one, outcome, leaks, note] of [
  ["one that succeeds against a tenant is a leak", BESIDE, "00000", 1, undefined],
  ["one that succeeds against the server is a leak", SERVER, "00000", 1, undefined],
  [
    "one that a tenant's wall refuses for another reason is a leak until somebody has looked",
    BESIDE,
    "55P03",
    1,
    undefined,
  ],
  [
    "one that the server refuses for another reason is told",
    SERVER,
    "0A000",
    0,
    /SQLSTATE 0A000\), so it proves nothing$/,
  ],
  ["one at what is gone is told", BESIDE, "3F000", 0, /^schema schema_b was gone when it was tried$/],
  ["one at a role that is gone is told", ROLE, "42704", 0, /^role user_b was gone when it was tried$/],
  ["one at a schema that says it has no such thing is a leak", BESIDE, "42704", 1, undefined],
] as const) {
  it(`of the attempts, ${what}`, () => {
    const found = judge(TENANT, [{ attempt: one, outcome }]);
    assert.equal(found.leaks.length, leaks);
    assert.equal(found.notes.length, note === undefined ? 0 : 1);
    if (note !== undefined) assert.match(String(found.notes[0]?.sentence), note);
  });
}

it("of the attempts, one that succeeds is a leak also where another finds nothing any more", () => {
  const { leaks } = judge(TENANT, [
    { attempt: BESIDE, outcome: "3F000" },
    { attempt: BESIDE, outcome: "00000" },
    { attempt: BESIDE, outcome: "42P01" },
  ]);
  assert.deepEqual(
    leaks.map(({ hint }) => String(hint)),
    ["it was done, and taken back, though the catalogs say that the role may not: find out what lets it"],
  );
});
