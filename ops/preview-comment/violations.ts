import { code, count, details } from "../ci/markdown";
import { plain, shortLine } from "./engine-message";
import type { Block } from "./limit";
import type { PolicyViolation } from "./policy-violation";
import { labelOf } from "./purpose";
import { parseUrn, STACK_TYPE, slugOf, TENANT_TYPE } from "./urn";

/** So many of one policy are seen at once; the rest can be unfolded. One mistake in the program is often one of every tenant. */
const FEW = 10;
/** So many policies are named where there is no room for more. */
const MOST_POLICIES = 50;

/** What policies forbid, policy by policy: Markdown for below the box that says so. */
export function violationBlocks(violations: readonly PolicyViolation[]): Block[] {
  const policies = [...byPolicy(violations.filter(({ isMandatory }) => isMandatory))];
  if (policies.length === 0) return [];
  const told = (form: (group: Group) => string) => policies.map(([, group]) => form(group)).join("\n\n");
  return [
    {
      versions: [
        told(whole),
        told((group) => [headingOf(group), ...linesOf(group).slice(0, FEW), more(group)].filter(Boolean).join("\n")),
        policies.length > MOST_POLICIES ? "" : told(headingOf),
        "",
      ],
      rank: 1,
      missing: ["list of violations", "lists of violations"],
    },
  ];
}

/** What policies advise against, a line each, as text. */
export function adviceOf(violations: readonly PolicyViolation[]): string[] {
  return violations
    .filter(({ isMandatory }) => !isMandatory)
    .map(({ policy, urn, message }) => shortLine(`${policy}, ${parseUrn(urn)?.name ?? "stack"}: ${plain(message)}`));
}

type Group = readonly [PolicyViolation, ...PolicyViolation[]];

function byPolicy(violations: readonly PolicyViolation[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const one of violations) {
    const group = groups.get(one.policy);
    groups.set(one.policy, group ? [...group, one] : [one]);
  }
  return groups;
}

function whole(group: Group): string {
  const lines = linesOf(group);
  const list = [headingOf(group), ...lines.slice(0, FEW)].join("\n");
  if (lines.length <= FEW) return list;
  const rest = lines.slice(FEW).map((line) => line.trimStart());
  return `${list}\n\n${details(`${rest.length} more of it`, rest.join("\n"))}`;
}

function headingOf(group: Group): string {
  const [{ policy, description }] = group;
  const aim = description === "" ? "" : `: ${code(shortLine(plain(description)))}`;
  const number = group.length > FEW ? ` (${count(group.length, "violation")})` : "";
  return `- policy ${code(shortLine(policy))}${aim}${number}`;
}

/** What is found of several resources in the same words is told once. */
function linesOf(group: Group): string[] {
  const found = new Map<string, string[]>();
  for (const { urn, message } of group) {
    const text = shortLine(plain(message));
    found.set(text, [...(found.get(text) ?? []), subjectOf(urn)]);
  }
  return [...found].flatMap(([text, subjects]) =>
    subjects.length > FEW
      ? subjects.map((subject) => `  - ${subject}: ${code(text)}`)
      : [`  - ${subjects.join("; ")}: ${code(text)}`],
  );
}

function more(group: Group): string {
  const number = linesOf(group).length - FEW;
  return number > 0 ? `  - and ${number} more` : "";
}

/** Whose resource it is, and what: "`acme`, login role `acme-role`". */
function subjectOf(urn: string): string {
  const resource = parseUrn(urn);
  if (resource === undefined || resource.type === STACK_TYPE) return "the stack";
  const slug = slugOf(resource);
  const owner = slug === undefined ? "the platform" : code(slug);
  if (resource.type === TENANT_TYPE) return owner;
  const label = labelOf(resource);
  return `${owner}, ${label === undefined ? "" : `${label} `}${code(shortLine(resource.name))}`;
}
