import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { escapeLiteral } from "pg";
import { pasteableStatement, quoteLongLiteral } from "../../database/sql-text";
import type { Check, Ground, Leak } from "../../ops/verify/leak";
import type { TriedTenant } from "../../ops/verify/log-in-and-try";
import { merged, type ProvenLeak } from "../../ops/verify/merge";
import { chosenLeaks, verificationText } from "../../ops/verify/show-verification";

function leak(check: Check, role: string, victim: string | undefined, object: string): ProvenLeak {
  return { check, role, victim, object, statement: "select 1", closes: [], evidence: "catalogs" };
}

function many(count: number, check: Check, role: string, victim: string | undefined): ProvenLeak[] {
  return Array.from({ length: count }, (_, index) => leak(check, role, victim, `${check} ${index}`));
}

describe("the leaks that people are shown", () => {
  it("are few of a kind, and those first that let a role get at the most", () => {
    const { shown, left } = chosenLeaks([
      ...many(120, "routine", "user_b", "a"),
      ...many(3, "relation", "user_b", "a"),
      leak("role attribute", "user_a", undefined, "attribute CREATEDB of role user_a"),
      leak("membership", "reporter", "b", "role user_b"),
    ]);
    assert.deepEqual(
      shown.map(({ leak: { object }, more }) => [object, more.length]),
      [
        ["attribute CREATEDB of role user_a", 0],
        ["role user_b", 0],
        ...[0, 1, 2, 3, 4].map((index) => [`routine ${index}`, index === 4 ? 115 : 0]),
        ...[0, 1, 2].map((index) => [`relation ${index}`, 0]),
      ],
    );
    assert.equal(left, 0);
  });

  it("leave none of a kind open: the remedies of those that are not shown are", () => {
    const closed = (leak: ProvenLeak, index: number): ProvenLeak => ({
      ...leak,
      closes: [{ as: "user_a", statement: `revoke select on r${index % 7} from user_b cascade` }],
    });
    const leaks = many(8, "relation", "user_b", "a").map(closed);
    const text = verificationText({ stack: "prod", database: "d", tenants: [], victims: [], leaks, notes: [] });
    const remedies = text.split("\n").filter((line) => line.startsWith("  closed by user_a: "));
    assert.deepEqual([...new Set(remedies.map((line) => /on (r\d)/.exec(line)?.[1]))].sort(), [
      "r0",
      "r1",
      "r2",
      "r3",
      "r4",
      "r5",
      "r6",
    ]);
  });

  it("are not all of one who opens its things to everybody", () => {
    const flood = Array.from({ length: 99 }, (_, index) => many(5, "routine", `user_t${index}`, "flooder")).flat();
    const { shown, left } = chosenLeaks([...flood, leak("relation", "user_t1", "careless", "table x")]);
    assert.equal(shown[0]?.leak.object, "table x");
    assert.deepEqual([shown.length, left], [100, 496 - 100]);
  });
});

describe("a statement that is shown", () => {
  for (const [what, statement, shown] of [
    ["is left as it is", `revoke select on "a\\b".c from "d""e"`, `revoke select on "a\\b".c from "d""e"`],
    ["names what the terminal acts on", `drop table a."x\n\u001b[2J\\"""`, `drop table a.U&"x\\000a\\001b[2J\\\\"""`],
    ["has it in its texts", `select 'a''\u202e', 'b'`, `select U&'a''\\202e', 'b'`],
    ["has it in texts with backslashes", `do  E'a\\\\b\n''"c\n"'`, `do  U&'a\\\\b\\000a''"c\\000a"'`],
    ["has it beyond the first plane", `drop role "\u{e0001}"`, `drop role U&"\\+0e0001"`],
    ["is on one line", "select 1\nfrom a", "select 1 from a"],
    ["is shown whole", `drop role "${"x".repeat(2000)}"`, `drop role "${"x".repeat(2000)}"`],
  ] as const) {
    it(what, () => assert.equal(pasteableStatement(statement), shown));
  }
});

it("a long text is quoted as pg quotes a short one", () => {
  for (const text of ["", "it's", "''", "\\", "\\'", "a\\\\b'c\n\u{1f600}", `["select \\"x''y\\""]`]) {
    assert.equal(quoteLongLiteral(text), escapeLiteral(text));
  }
});

describe("what a session found beyond the catalogs", () => {
  const place = (slug: string) => ({ slug, schema: `schema_${slug}`, role: `user_${slug}` });
  const ground: Ground = { database: "postgres", adminUser: "postgres", tenants: ["a", "b", "c"].map(place) };
  const found: Leak[] = [
    leak("membership", "user_a", undefined, "role some"),
    leak("relation", "user_a", "b", "table one"),
    leak("schema", "user_a", "b", "schema schema_b"),
    leak("parameter", "user_a", undefined, "parameter x"),
    leak("activity", "user_a", undefined, "pg_stat_activity"),
    leak("statement", "user_a", undefined, "attempts of user_a"),
  ];
  const told = (memberOf: readonly string[], superuser = false) => {
    const tried = { attempts: 0, refused: 0, complete: true, superuser, problem: undefined, notes: [] };
    const tenant: TriedTenant = { ...place("a"), ...tried, memberOf, leaks: found };
    return merged([], [tenant], ground).map(({ check }) => check);
  };

  it("is all told of a member of a role that reaches nobody", () => {
    assert.deepEqual(
      told(["harmless"]),
      found.map(({ check }) => check),
    );
  });

  it("is told with its cause of a superuser, in whatever words that cause is told", () => {
    assert.deepEqual(told([], true), ["membership", "relation", "activity", "statement"]);
  });

  for (const role of ["user_b", "postgres", "pg_read_all_data"]) {
    it(`is told with its cause of a member of ${role}, and never is it left out that nothing was tried`, () => {
      assert.deepEqual(told([role]), ["membership", "relation", "activity", "statement"]);
    });
  }
});
