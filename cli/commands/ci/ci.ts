import { newCommand } from "../../command-line";
import { driftReport } from "./drift-report";
import { lintMigrations } from "./lint-migrations";
import { migrationsFolder } from "./migrations-folder";
import { offboardPlan } from "./offboard-plan";
import { policyEvents } from "./policy-events";
import { stacksTouched } from "./stacks-touched";

/** What the workflows in `.github/workflows/` call. */
export const ci = () =>
  newCommand("ci")
    .description(
      "What the workflows call: which stacks a change touches, how a tenant is offboarded, the nightly report, the linter of migrations.",
    )
    .addCommand(stacksTouched())
    .addCommand(offboardPlan())
    .addCommand(driftReport())
    .addCommand(policyEvents())
    .addCommand(lintMigrations())
    .addCommand(migrationsFolder());
