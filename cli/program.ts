import { Command } from "commander";
import { newCommand } from "./command-line";

interface Entry {
  readonly name: string;
  readonly summary: string;
  /** Loads the command when it is asked for; what does its work it loads itself, once its arguments are right: all together takes seconds. */
  readonly load: () => Command;
}

const COMMANDS: readonly Entry[] = [
  {
    name: "add",
    summary: "write the file of a new tenant, into the stack that has room",
    load: () => (require("./commands/add") as typeof import("./commands/add")).add(),
  },
  {
    name: "fleet",
    summary: "deploy several stacks at once, in the right order",
    load: () => (require("./commands/fleet/fleet") as typeof import("./commands/fleet/fleet")).fleet(),
  },
  {
    name: "verify",
    summary: "prove that no tenant reaches another, or show where one does",
    load: () => (require("./commands/verify") as typeof import("./commands/verify")).verify(),
  },
  {
    name: "report",
    summary: "what each tenant takes of the shared database",
    load: () => (require("./commands/report") as typeof import("./commands/report")).report(),
  },
  {
    name: "restore",
    summary: "restore a tenant's backup into an empty tenant",
    load: () => (require("./commands/restore") as typeof import("./commands/restore")).restore(),
  },
  {
    name: "recover",
    summary: "repair what an `up` or a `destroy` that died has left",
    load: () => (require("./commands/recover") as typeof import("./commands/recover")).recover(),
  },
  {
    name: "migrate",
    summary: "where each tenant stands among the migrations, and what the next ones would do to its data",
    load: () => (require("./commands/migrate") as typeof import("./commands/migrate")).migrate(),
  },
  {
    name: "move",
    summary: "move tenants to another stack, with nothing of theirs touched",
    load: () => (require("./commands/move") as typeof import("./commands/move")).move(),
  },
  {
    name: "preview-comment",
    summary: "turn previews into one comment for a pull request",
    load: () => (require("./commands/preview-comment") as typeof import("./commands/preview-comment")).previewComment(),
  },
  {
    name: "ci",
    summary: "what the workflows call",
    load: () => (require("./commands/ci/ci") as typeof import("./commands/ci/ci")).ci(),
  },
];

/**
 * The program `b2b-tenants` with all its commands.
 *
 * @param wanted The command that is to be run, whose code alone is loaded; "all" loads everything, for example for the docs.
 */
export function program(wanted: string | undefined): Command {
  const all = newCommand("npx b2b-tenants").description(
    "Commands about the stacks of b2b-tenants. One stack is deployed by Pulumi itself: npx pulumi preview, up, destroy.",
  );
  for (const { name, summary, load } of COMMANDS) {
    const command = wanted === name || wanted === "all" ? load() : new Command(name);
    all.addCommand(command.summary(summary));
  }
  return all;
}
