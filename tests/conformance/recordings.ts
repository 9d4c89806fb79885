import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Props } from "../../rehearsal/protocol/property-values";

const FOLDER = path.join(__dirname, "samples", "rpc");

/** One call that the real engine made to a real plugin, with what the plugin answered, in the protocol's JSON form. */
export interface RecordedCall {
  /** As `Check`. */
  readonly method: string;
  readonly plugin: string;
  readonly request: Props;
  /** Absent when the call failed. */
  readonly response?: Props;
  readonly errors?: readonly string[];
}

/** Names of the recorded scenarios, in the order in which they happened: each began where the one before had ended. */
export function scenarios(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".jsonl"))
    .map((file) => path.basename(file, ".jsonl"))
    .sort();
}

/** The calls of one scenario to these plugins, in the order in which they completed. */
export function providerCalls(scenario: string, plugins: readonly string[]): RecordedCall[] {
  return readFileSync(path.join(FOLDER, `${scenario}.jsonl`), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
    .filter(({ method, side }) => method.startsWith("/pulumirpc.ResourceProvider/") && plugins.includes(side.name))
    .map(({ method, side, request, response, errors }) => ({
      method: method.split("/").at(-1),
      plugin: side.name,
      request,
      ...(errors ? { errors } : { response }),
    }));
}

/** How the engine ran the program in a scenario; undefined where it ran none. */
export function programRun(
  scenario: string,
): { readonly config: Record<string, string>; readonly configSecretKeys: readonly string[] } | undefined {
  const lines = readFileSync(path.join(FOLDER, `${scenario}.jsonl`), "utf8").split("\n");
  const run = lines.find((line) => line.includes('"/pulumirpc.LanguageRuntime/Run"'));
  return run === undefined ? undefined : JSON.parse(run).request;
}
