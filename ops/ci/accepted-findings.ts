import type { SqlStatement } from "../../database/sql-statements";
import { askedRule } from "./lint-rules";

/** `-- accept RULE: REASON`, above the statement that it is about. Other sentences may begin so too. */
const ACCEPT = /^\s*--\s*accept\s+([a-z0-9-]+)\s*(?::\s*(.*?))?\s*$/i;

/** By such comments squawk can be told to look away, without a reason. */
const SQUAWKS_OWN = /(?:--|\/\*)\s*squawk-/i;

/** A finding that whoever wrote the file knows of. */
export interface Acceptance {
  readonly line: number;
  readonly rule: string;
  /** Line of the statement that it is about. */
  readonly statement: number;
}

/** The findings that a file accepts, and what is wrong with how it does so: each error as `line: what is wrong`. */
export function acceptedIn(
  text: string,
  statements: readonly SqlStatement[],
): { accepted: Acceptance[]; errors: [line: number, what: string][] } {
  const accepted: Acceptance[] = [];
  const errors: [number, string][] = [];
  for (const [index, content] of text.split("\n").entries()) {
    const line = index + 1;
    if (SQUAWKS_OWN.test(content)) {
      errors.push([
        line,
        "squawk's own comments are not allowed; allowed: -- accept RULE: REASON, above the statement",
      ]);
    }
    const [, rule = "", reason = ""] = ACCEPT.exec(content) ?? [];
    if (rule === "") continue;
    const statement = statements.find((one) => one.line > line)?.line;
    if (askedRule(rule) === undefined) errors.push([line, `there is no rule ${rule} to accept a finding of`]);
    else if (reason === "") errors.push([line, `accepting ${rule} needs a reason: -- accept ${rule}: REASON`]);
    else if (statement === undefined || statements.some((one) => isInside(one, line))) {
      errors.push([line, `accepting ${rule} belongs on a line above the statement that it is about`]);
    } else accepted.push({ line, rule, statement });
  }
  return { accepted, errors };
}

function isInside({ line: first, text }: SqlStatement, line: number): boolean {
  return line >= first && line < first + text.trim().split("\n").length;
}
