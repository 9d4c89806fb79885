import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from "@aws-sdk/client-iam";

/** A policy document, so far as it can be judged here. */
export interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

const UNDERSTOOD = ["Sid", "Effect", "Action", "Resource"];

/**
 * Whether the policies admit the action on the resource: some statement allows it and none denies it. The emulator's own
 * enforcement ignores the resource of an SSM call, so this is how a rehearsal proves what a role may read.
 */
export function admits(policies: readonly PolicyDocument[], action: string, resource: string): boolean {
  const applying = policies
    .flatMap(({ Statement }) => Statement)
    .filter(({ Action, Resource }) => {
      // AWS compares actions without regard to case, resources with.
      const named = Action.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase()));
      return named && Resource.some((pattern) => matches(pattern, resource));
    });
  return applying.some(({ Effect }) => Effect === "Allow") && !applying.some(({ Effect }) => Effect === "Deny");
}

/** Every policy of the role, those inside it and those attached to it. */
export async function policiesOfRole(iam: IAMClient, RoleName: string): Promise<PolicyDocument[]> {
  const inline = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  if (inline.IsTruncated || attached.IsTruncated) {
    throw new Error(`the role ${RoleName} has more policies than one page lists`);
  }
  const documents = [];
  for (const PolicyName of inline.PolicyNames ?? []) {
    documents.push((await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))).PolicyDocument);
  }
  for (const { PolicyArn } of attached.AttachedPolicies ?? []) {
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
    const VersionId = Policy?.DefaultVersionId;
    documents.push((await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }))).PolicyVersion?.Document);
  }
  return documents.map((document) => parsePolicy(decodeURIComponent(document ?? "")));
}

/** The document, or an error that names what in it cannot be judged: an answer that ignored it could be wrong. */
export function parsePolicy(text: string): PolicyDocument {
  const { Statement } = JSON.parse(text) as { Statement: unknown };
  return { Statement: list(Statement).map((statement) => parseStatement(statement as Record<string, unknown>)) };
}

function parseStatement(statement: Record<string, unknown>): Statement {
  const other = Object.keys(statement).find((key) => !UNDERSTOOD.includes(key));
  if (other) throw new Error(`a policy with ${other} cannot be judged here; understood are ${UNDERSTOOD.join(", ")}`);
  const { Effect } = statement;
  if (Effect !== "Allow" && Effect !== "Deny") {
    throw new Error(`a policy statement has the effect ${JSON.stringify(Effect)}`);
  }
  const Resource = list(statement.Resource).map(String);
  const variable = Resource.find((pattern) => pattern.includes("${"));
  if (variable) throw new Error(`a policy with variables cannot be judged here: ${variable}`);
  return { Effect, Action: list(statement.Action).map(String), Resource };
}

function list(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** `*` stands for any characters, slashes too; `?` for one. */
function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}
