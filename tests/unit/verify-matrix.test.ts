import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { message } from "../../ops/message";
import { linesText, matrixText } from "../../ops/verify/matrix";
import type { ProvenLeak } from "../../ops/verify/merge";
import { verificationText } from "../../ops/verify/show-verification";
import type { Verification } from "../../ops/verify/verification";

function place(slug: string) {
  return { slug, schema: `schema_${slug}`, role: `user_${slug}` };
}

function leak(role: string, victim: string | undefined, schema = victim && `schema_${victim}`): ProvenLeak {
  return {
    check: "schema",
    role,
    victim,
    schema,
    object: `schema ${schema}`,
    statement: "select 1",
    closes: [],
    evidence: "catalogs",
  };
}

/** Tenants of which each has tried two statements and more of each other one, but for those that could not log in. */
function proofOf(
  slugs: readonly string[],
  leaks: readonly ProvenLeak[],
  lockedOut: readonly string[] = [],
): Verification {
  const tenants = slugs.map((slug) => {
    const complete = !lockedOut.includes(slug);
    const tried = complete ? 2 * slugs.length : 0;
    return {
      ...place(slug),
      problem: complete ? undefined : message("words", { words: "no login" }),
      attempts: tried,
      refused: tried,
      complete,
      superuser: false,
      leaks: [],
      memberOf: [],
      notes: [],
    };
  });
  return { stack: "prod", database: "postgres", tenants, victims: slugs.map(place), leaks, notes: [] };
}

const FLEET = Array.from({ length: 11 }, (_, index) => `t${index + 1}`);

describe("the matrix of a proof", () => {
  it("tells of every pair whether it was tried and whether it leaks", () => {
    const leaks = [leak("user_a", "b"), leak("public", "b"), leak("user_a", undefined, "public")];
    const cells = (matrixText(proofOf(["a", "b", "c"], leaks, ["c"])) ?? "").split("\n").slice(2, -1);
    assert.deepEqual(
      cells.map((line) =>
        line
          .split("│")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
      [
        ["a", "–", "✗ 2", "·", "✗ 1", "·"],
        ["b", "·", "–", "·", "·", "·"],
        ["c", "?", "✗ 1", "–", "?", "?"],
      ],
    );
  });

  it("takes no tenant for a wall that is nobody's, whatever its slug", () => {
    const leaks = [leak("user_a", "public"), leak("user_a", "server"), leak("user_a", undefined)];
    const lines = (matrixText(proofOf(["a", "public", "server"], leaks)) ?? "").split("\n");
    assert.match(lines[2] ?? "", /│ a +│ +– +│ +✗ 1 +│ +✗ 1 +│ +· +│ +✗ 1 +│/);
    assert.match(lines[3] ?? "", /│ public +│ +· +│ +– +│ +· +│ +· +│ +· +│/);
    assert.match(lines[4] ?? "", /│ server +│ +· +│ +· +│ +– +│ +· +│ +· +│/);
  });

  it("has a row for a role that is no tenant of the stack and gets through", () => {
    const text = matrixText(proofOf(["a", "b"], [leak("reporter", "b")])) ?? "";
    assert.match(text, /│ reporter │ \? +│ ✗ 1 +│ +\? +│ +\? +│/);
  });

  it("counts what is open to a role that a tenant is a member of", () => {
    const proof = proofOf(["a", "b"], [leak("reporter", "b")]);
    const tenants = proof.tenants.map((tenant) => ({ ...tenant, memberOf: tenant.slug === "a" ? ["reporter"] : [] }));
    assert.match(matrixText({ ...proof, tenants }) ?? "", /│ a +│ +– +│ +✗ 1 +│/);
  });

  it("is not drawn for more than ten tenants, nor when it is wider than a terminal", () => {
    assert.equal(matrixText(proofOf(FLEET, [])), undefined);
    const long = "abcdefghi".split("").map((letter) => letter.repeat(30));
    assert.equal(matrixText(proofOf(long, [])), undefined);
  });

  it("of a fleet names those alone who get through or could not try, and everybody in one line", () => {
    const wide = FLEET.slice(1).map((victim) => leak("user_t1", victim));
    const leaks = [leak("public", "t5"), ...wide, leak("user_t3", undefined)];
    assert.deepEqual(linesText(proofOf(FLEET, leaks, ["t4"])), [
      "everybody: ✗ t5 1",
      "t1: ✗ t2 1, t3 1, t4 1, t5 1, t6 1, and 5 more",
      "t3: ✗ the server 1",
      "t4: ? the rest",
    ]);
  });

  it("of a clean fleet is one line", () => {
    assert.equal(
      verificationText(proofOf(FLEET, [])),
      "✓ 11 tenants, 110 pairs, 242 statements tried, all refused; the catalogs show no leak.",
    );
  });

  for (const [what, proof, line] of [
    [
      "one tenant alone",
      proofOf(["a"], []),
      "✓ 1 tenant, 0 pairs, 2 statements tried, all refused; the catalogs show no leak.",
    ],
    [
      "one that could not log in",
      proofOf(["a", "b"], [leak("user_b", undefined)], ["b"]),
      "✗ 1 of 2 tenants tried, 1 pair: 4 statements, all refused; what is open was not tried. 1 leak.",
    ],
    ["nobody who could log in", proofOf(["a"], [leak("user_a", undefined)], ["a"]), "✗ 0 of 1 tenant tried. 1 leak."],
    [
      "no tenants",
      { ...proofOf([], []), victims: [place("b")] },
      "The stack prod declares no tenant, so nobody tried; the catalogs show no leak (1 tenant in the database).",
    ],
  ] as const) {
    it(`is summed up for ${what}`, () => assert.equal(verificationText(proof).split("\n").at(-1), line));
  }

  it("of no tenants has no matrix, nor a line in its place", () => {
    const leaks = [leak("reporter", "b")];
    assert.match(
      verificationText({ ...proofOf([], leaks), victims: [place("b")] }),
      /^reporter: ✗ b 1; \? the rest\n\n✗ reporter → b/,
    );
    const notes = [{ sentence: message("words", { words: "something to know" }), statement: undefined }];
    assert.match(verificationText({ ...proofOf([], []), notes }), /^! something to know\n\nThe stack prod/);
  });

  it("shows statements so that they can be pasted, and who has to run them", () => {
    const open = { ...leak("public", "a"), closes: [{ as: "user_a", statement: "revoke it" }] };
    const notes = [
      { sentence: message("words", { words: "PUBLIC may connect" }), statement: "revoke connect", as: "owner" },
    ];
    const lines = verificationText({ ...proofOf(["a"], [open]), notes }).split("\n");
    assert.deepEqual(lines.slice(-9, -2), [
      "",
      "✗ everybody → a, schema: schema schema_a",
      "    select 1;",
      "  closed by user_a: revoke it;",
      "",
      "! PUBLIC may connect",
      "    as owner: revoke connect;",
    ]);
  });

  it("shows no character that a terminal acts on", () => {
    const hostile = { ...leak("user_a", "b"), object: 'table schema_b."\u001b[2J\n"' };
    assert.match(
      verificationText(proofOf(["a", "b"], [hostile])),
      /^✗ user_a → b, schema: table schema_b\."\\u\{1b\}\[2J\\u\{a\}"$/m,
    );
  });
});
