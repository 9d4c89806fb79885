import { UsageError } from "../../domain/usage-error";
import { addTenant } from "../../ops/add/add-tenant";
import { addedJson, addedText } from "../../ops/add/show-added";
import type { Output } from "../../ops/output";
import { newCommand } from "../command-line";

interface AddValues {
  readonly frontendUrl?: string;
  readonly stack?: string;
  readonly instanceType?: string;
  readonly connectionLimit?: string;
  readonly adopt?: boolean;
  readonly json?: boolean;
}

export const add = () =>
  newCommand<AddValues>("add", run)
    .argument("[slug]")
    .usage("SLUG --frontend-url URL [options]")
    .description(
      "Writes the file of a new tenant, into the first stack that has room (setting `room`), the fleet stack before the others. Where " +
        "none has, writes the settings of the next stack too, after those of the fleet stack. Deploys nothing; says what to do next.",
    )
    .option("--frontend-url <URL>", "https URL of the tenant's frontend")
    .option("--stack <NAME>", "put the tenant into that stack, whether it has room or not")
    .option("--instance-type <TYPE>", "EC2 instance type of its server (default: the stack's)")
    .option("--connection-limit <N>", "most sessions that its role may hold (default: the stack's)")
    .option("--adopt", "take over a role and schema that were made by hand")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExit status: 0 written; 2 wrong usage, or files that are not right: nothing is written then.",
    );

function run(values: AddValues, args: readonly string[], output: Output) {
  const [slug, ...more] = args;
  if (slug === undefined || more.length > 0) {
    throw new UsageError("add takes one slug: npx b2b-tenants add SLUG --frontend-url URL");
  }
  const { frontendUrl, stack, instanceType, connectionLimit, adopt, json } = values;
  if (frontendUrl === undefined)
    throw new UsageError("add needs --frontend-url URL, for example https://shop.example.com");
  const limit = Number(connectionLimit);
  const keys = {
    frontendUrl,
    ...(connectionLimit === undefined
      ? {}
      : { database: { connectionLimit: Number.isInteger(limit) ? limit : connectionLimit } }),
    ...(instanceType === undefined ? {} : { server: { instanceType } }),
    ...(adopt === true ? { adopt } : {}),
  };
  const added = addTenant({ slug, keys, stack });
  output.print(json === true ? addedJson(added) : addedText(added));
  return 0 as const;
}
