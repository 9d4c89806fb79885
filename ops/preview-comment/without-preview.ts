import { alert, code } from "../ci/markdown";

/** Stacks without a preview. */
export interface Missing {
  /** Those that should have one. */
  readonly stacks: readonly string[];
  /** Address of the CI run, which tells why. */
  readonly run: string | undefined;
  /** Those whose settings the change takes away. */
  readonly gone: readonly string[];
}

/** The box that says that previews are missing. */
export function missingBox(stacks: readonly string[], run: string | undefined): string {
  const see = run === undefined ? "" : ` See [the run](${run}).`;
  return alert("CAUTION", `**There is no preview of ${stacks.map(code).join(", ")}.**${see}`);
}

/** The box that says which stacks nothing deploys any more, what stays of them, and what to do. */
export function goneBox(stacks: readonly string[]): string {
  const destroy = stacks.map((stack) => `  - ${code(`npx pulumi destroy --stack ${stack}`)}`);
  return alert(
    "CAUTION",
    [
      `**Nothing deploys ${stacks.map(code).join(", ")} any more.** The change removes the settings, and no role, schema or server: ` +
        `these stay until somebody destroys the ${stacks.length === 1 ? "stack" : "stacks"}.`,
      "",
      "- Destroyed already, for example by the workflow `offboard`: nothing is left to do.",
      "- Otherwise do not merge this, and run first, with the settings still there:",
      ...destroy,
    ].join("\n"),
  );
}
