import { pasteableStatement } from "../../database/sql-text";
import { code, codeBlock } from "../ci/markdown";
import { isolationGrid } from "./isolation-grid";
import { SCHEMA_PUBLIC, SERVER, wallOf } from "./leak";
import { EVERYBODY, roleText } from "./matrix";
import { chosenLeaks, holds, summary } from "./show-verification";
import type { Verification } from "./verification";

/** Leaks of a summary, which people read in passing: the page has all. */
const MOST_LEAKS = { most: 20, alike: 2 };

/** A proof in Markdown, for the summary of a CI job: the matrix, and the worst leaks with their remedies. */
export function proofMarkdown(proof: Verification): string {
  const { shown } = chosenLeaks(proof.leaks, MOST_LEAKS);
  const blocks = [
    `## ${holds(proof) ? "✅" : "❌"} Isolation of \`${proof.stack}\``,
    summary(proof),
    matrix(proof),
    ...shown.map(({ leak: { check, role, victim, schema, object, closes } }) => {
      const who = `${name(roleText(role))} → ${name(wallOf({ victim, schema }))}`;
      const remedy = closes.map(({ as, statement }) => `-- ${as}\n${pasteableStatement(statement)};`).join("\n");
      return `**${who}**, ${check}: ${code(object)}${remedy === "" ? "" : `\n\n${codeBlock(remedy)}`}`;
    }),
    shown.length < proof.leaks.length ? "The other leaks are in the page, and in what the job printed." : "",
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n\n`;
}

/** Empty where there is nobody to show. */
function matrix(proof: Verification): string {
  const { rows, walls, allRows } = isolationGrid(proof);
  if (rows.length === 0) return "";
  const cell = (who: string, wall: string, leaks: number | undefined) => {
    if (leaks) return `❌ ${leaks}`;
    return who === wall ? "–" : leaks === undefined ? "❔" : "·";
  };
  const lines = [
    ["", ...walls.map(name)],
    ["---", ...walls.map(() => ":-:")],
    ...rows.map(({ who, reaches }) => [name(who), ...walls.map((wall) => cell(who, wall, reaches.get(wall)))]),
  ].map((cells) => `| ${cells.join(" | ")} |`);
  const rest = allRows - rows.length;
  return [...lines, ...(rest > 0 ? ["", `${rest} more were refused everywhere, or are in the page.`] : [])].join("\n");
}

/** A slug or a role as code; a pipe would end the cell of a table even there. */
function name(who: string): string {
  return [SCHEMA_PUBLIC, SERVER, EVERYBODY].includes(who) ? who : code(who).replaceAll("|", "\\|");
}
