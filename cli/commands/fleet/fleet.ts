import { newCommand } from "../../command-line";
import { deployCommand } from "./deploy";
import { status } from "./status";

/** Works on several stacks at once, where Pulumi's own commands work on one. */
export const fleet = () =>
  newCommand("fleet")
    .description(
      "Deploys the stacks of the fleet, several at once and in the right order: the fleet stack, which shuts PUBLIC out of the " +
        "database, first, and last when all are destroyed. Goes on past a stack that fails. Never makes a stack.",
    )
    .addCommand(
      deployCommand("up", "bring every stack to what the files say").description(
        "Brings every stack to what the files say: first shows what would change, and does it on consent. The policies are asked, " +
          "and a tenant that fails holds up no other.",
      ),
    )
    .addCommand(
      deployCommand("preview", "show what `fleet up` would change").description(
        "Shows what `fleet up` would change, and changes nothing. The policies are asked.",
      ),
    )
    .addCommand(
      deployCommand("destroy", "remove everything that the stacks declare").description(
        "Names what the stacks hold, and removes it on consent: each tenant behind its proved backup. The fleet stack goes last, and " +
          "not before every other stack's tenants are gone.",
      ),
    )
    .addCommand(status());
