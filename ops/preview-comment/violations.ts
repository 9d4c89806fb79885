import { counted } from "../../domain/counted";
import { labelOf, STACK_TYPE, TENANT_TYPE } from "../../domain/resource-types";
import { parseUrn, slugOf } from "../../domain/urn";
import { code, details } from "../ci/markdown";
import type { PolicyViolation } from "./event-log";
import { isPast, type Section } from "./limit";
import { oneLine, plainMessage } from "./messages";

/** So many violations of one policy are seen at once; the rest can be unfolded. One mistake in the program often affects every tenant. */
const FEW = 10;
/** So many policies are named where there is no room for more. */
const MOST_POLICIES = 50;

type Violations = readonly [PolicyViolation, ...PolicyViolation[]];

/** What one policy forbids. */
interface Group {
  readonly heading: string;
  /** A line for each message, or for each violation where a message is of many resources. */
  readonly lines: readonly string[];
}

/** What policies forbid, policy by policy: Markdown for below the box that says so. */
export function violationSection(violations: readonly PolicyViolation[]): Section {
  const mandatory = violations.filter(({ isMandatory }) => isMandatory);
  const policies = [...byPolicy(mandatory).values()].map(
    (group): Group => ({ heading: headingOf(group), lines: linesOf(group) }),
  );
  const list = (form: (group: Group) => string) => policies.map(form).join("\n\n");
  return {
    of: [mandatory.length, "violation of a policy", "violations of policies"],
    at: (level) => {
      if (isPast(level, "errors counted")) return policies.length > MOST_POLICIES ? "" : list(({ heading }) => heading);
      return list(isPast(level, "few errors") ? beginningOf : whole);
    },
  };
}

/** What policies advise against, a line each, as text. */
export function adviceOf(violations: readonly PolicyViolation[]): string[] {
  return violations
    .filter(({ isMandatory }) => !isMandatory)
    .map(({ policy, urn, message }) =>
      oneLine(`${policy}, ${parseUrn(urn)?.name ?? "stack"}: ${plainMessage(message)}`),
    );
}

function byPolicy(violations: readonly PolicyViolation[]): Map<string, Violations> {
  const groups = new Map<string, [PolicyViolation, ...PolicyViolation[]]>();
  for (const one of violations) {
    const group = groups.get(one.policy);
    if (group === undefined) groups.set(one.policy, [one]);
    else group.push(one);
  }
  return groups;
}

function whole({ heading, lines }: Group): string {
  const list = [heading, ...lines.slice(0, FEW)].join("\n");
  const rest = lines.slice(FEW);
  if (rest.length === 0) return list;
  return `${list}\n\n${details(`${rest.length} more of it`, rest.map((line) => line.trimStart()).join("\n"))}`;
}

function beginningOf({ heading, lines }: Group): string {
  const more = lines.length > FEW ? [`  - and ${lines.length - FEW} more`] : [];
  return [heading, ...lines.slice(0, FEW), ...more].join("\n");
}

function headingOf(group: Violations): string {
  const [{ policy, description }] = group;
  const aim = description === "" ? "" : `: ${code(oneLine(plainMessage(description)))}`;
  const number = group.length > FEW ? ` (${counted(group.length, "violation")})` : "";
  return `- policy ${code(oneLine(policy))}${aim}${number}`;
}

/** Resources about which a policy says the same share a line. */
function linesOf(group: Violations): string[] {
  const found = new Map<string, string[]>();
  for (const { urn, message } of group) {
    const text = oneLine(plainMessage(message));
    const subjects = found.get(text);
    if (subjects === undefined) found.set(text, [subjectOf(urn)]);
    else subjects.push(subjectOf(urn));
  }
  return [...found].flatMap(([text, subjects]) =>
    subjects.length > FEW
      ? subjects.map((subject) => `  - ${subject}: ${code(text)}`)
      : [`  - ${subjects.join("; ")}: ${code(text)}`],
  );
}

/** Whose resource it is, and what: "`acme`, login role `acme-role`". */
function subjectOf(urn: string): string {
  const resource = parseUrn(urn);
  if (resource === undefined || resource.type === STACK_TYPE) return "the stack";
  const slug = slugOf(resource);
  const owner = slug === undefined ? "the platform" : code(slug);
  if (resource.type === TENANT_TYPE) return owner;
  const label = labelOf(resource);
  return `${owner}, ${label === undefined ? "" : `${label} `}${code(oneLine(resource.name))}`;
}
