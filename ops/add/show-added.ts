import { jsonText } from "../../domain/json-text";
import type { AddedTenant } from "./add-tenant";

/** What was written, and what to do next. */
export function addedText({ file, settings, place, next }: AddedTenant): string {
  const { stack, tenants, room, isNew } = place;
  const written = [
    `${file}: written. Its stack is ${stack}, which now has ${tenants} of the ${room} tenants that it takes.`,
  ];
  if (settings !== undefined) written.push(`${settings}: written, the settings of a new stack.`);
  const files = [file, ...(settings === undefined ? [] : [settings])].join(" ");
  return [
    ...written,
    "",
    "Next:",
    ...(isNew ? stackSteps(stack, next) : []),
    `  git add ${files}   # and open a pull request, whose comment shows what it makes`,
    `  npx b2b-tenants fleet up --stack ${stack}   # once it is merged, unless CI does that`,
  ].join("\n");
}

export function addedJson({ file, settings, place, next }: AddedTenant): string {
  return jsonText({ file, settings, ...place, missingSecrets: next?.missing ?? [] }, 2);
}

/** What nobody but a person with the stack's key can do. */
function stackSteps(stack: string, next: AddedTenant["next"]): string[] {
  const { missing = [], secretsProvider, samePassphrase = false } = next ?? {};
  const provider =
    secretsProvider === undefined ? "" : ` --secrets-provider '${secretsProvider.replaceAll("'", "'\\''")}'`;
  const why = samePassphrase
    ? "   # with the same PULUMI_CONFIG_PASSPHRASE: it opens the secrets that were copied"
    : "";
  return [
    `  npx pulumi stack init ${stack}${provider}${why}`,
    ...missing.map(
      (key) => `  npx pulumi config set --secret ${key} --stack ${stack}   # asks for it; it could not be copied`,
    ),
    ...(missing.length === 0
      ? []
      : ["  # or leave b2b-tenants:adminPassword out, and set PGPASSWORD wherever the stack is deployed"]),
  ];
}
