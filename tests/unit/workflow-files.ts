import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const FOLDER = join(__dirname, "../../.github/workflows");
const SETUP = join(__dirname, "../../.github/actions/setup/action.yml");

/** A workflow of this repository, as text and as what it says. */
export interface Workflow {
  readonly name: string;
  readonly text: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

export interface Job {
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly "runs-on": string;
  readonly "timeout-minutes"?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix?: Readonly<Record<string, unknown>> };
  readonly steps: readonly Step[];
}

export interface Step {
  readonly if?: string;
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** The composite action of this repository: what every job that runs its code begins with. */
export const SETUP_ACTION = "./.github/actions/setup";
export const SETUP_TEXT = readFileSync(SETUP, "utf8");
export const SETUP_STEPS: readonly Step[] = parse(SETUP_TEXT).runs.steps;

export const WORKFLOWS: readonly Workflow[] = readdirSync(FOLDER)
  .sort()
  .map((file) => {
    const text = readFileSync(join(FOLDER, file), "utf8");
    return { ...parse(text), name: file, text };
  });

/** Every job, as `preview.yml comment`. */
export const JOBS: readonly { readonly place: string; readonly workflow: Workflow; readonly job: Job }[] =
  WORKFLOWS.flatMap((workflow) =>
    Object.entries(workflow.jobs).map(([name, job]) => ({ place: `${workflow.name} ${name}`, workflow, job })),
  );

export function jobAt(place: string): Job {
  const found = JOBS.find((job) => job.place === place);
  if (found === undefined) throw new Error(`there is no job ${place}`);
  return found.job;
}
