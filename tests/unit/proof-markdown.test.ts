import assert from "node:assert/strict";
import { test } from "node:test";
import { proofMarkdown } from "../../ops/verify/proof-markdown";
import type { Verification } from "../../ops/verify/verification";
import { madeUpFleet } from "../page/made-up-fleet";

const proofOf = (count: number) => madeUpFleet(count).proof as Verification;

test("a proof in Markdown has the matrix, and each leak with its remedy, in which no name is markup", () => {
  const hostile = 'x"><img src=x onerror=alert(1)></script><b>\\u{202e}';
  assert.equal(
    proofMarkdown(proofOf(3)),
    `\
## ❌ Isolation of \`prod\`

✗ 2 tenants tried, 4 pairs: 298 statements, all refused; what is open was not tried. 2 leaks.

|  | \`tenant_0000\` | \`tenant_0001\` | \`${hostile}\` | schema public | the server |
| --- | :-: | :-: | :-: | :-: | :-: |
| \`tenant_0000\` | – | · | · | · | · |
| \`tenant_0001\` | ❌ 1 | – | ❌ 1 | · | · |

**everybody → \`tenant_0000\`**, schema: \`schema schema_tenant_0000\`

\`\`\`text
-- user_tenant_0000
revoke usage on schema schema_tenant_0000 from public cascade;
\`\`\`

**\`user_tenant_0001\` → \`${hostile}\`**, schema: \`table schema_x."${hostile}"\`

`,
  );
});

test("a name with a pipe stays in its cell", () => {
  const proof = proofOf(2);
  const victims = [...proof.victims, { slug: "a|b", role: "user_a|b", schema: "schema_a|b" }];
  assert.match(proofMarkdown({ ...proof, leaks: [], victims }), /\| `a\\\|b` \|/);
});

test("of a large fleet the matrix shows those who get through, and how many it leaves out", () => {
  const text = proofMarkdown(proofOf(1000));
  assert.match(
    text,
    /\n\| {2}\| `tenant_0000` \| `x"><img.*` \|\n.*\n\| everybody \| ❌ 1 \| ❔ \|\n\| `tenant_0001` \| · \| ❌ 1 \|\n\n998 more were refused/,
  );
  assert.ok(text.length < 3000, "a summary has a limit");
  assert.match(proofMarkdown({ ...proofOf(100), leaks: [] }), /^## ✅ Isolation of `prod`\n\n✓ 99 tenants/);
});
