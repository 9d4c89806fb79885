import { fleetStatus, isAsDeclared, statusText } from "../../../ops/fleet/status";
import type { Output, Status } from "../../../ops/output";
import { withDeployer } from "../../open-fleet";
import { type FleetOptions, fleetCommand } from "./fleet-command";

export const status = () =>
  fleetCommand("status", run)
    .summary("what each stack declares and holds")
    .description(
      "Tells for each stack how many tenants its files declare and its state holds, and whether a run has died in it.",
    )
    .addHelpText(
      "after",
      `
Exit status: 0 every stack holds the tenants that are declared for it; 1 one does not, or has not been made; 2 wrong usage or
invalid files.`,
    );

function run(options: FleetOptions, _values: object, output: Output): Promise<Status> {
  const { fleet, parallel, json } = options;
  return withDeployer(options, output.report, async (deployer) => {
    const statuses = await fleetStatus(fleet, deployer, parallel);
    output.print(json ? JSON.stringify(statuses, undefined, 2) : statusText(statuses));
    return isAsDeclared(statuses) ? 0 : 1;
  });
}
