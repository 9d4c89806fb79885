/** What `SqlScript` does when a deployment runs. See README.md in this folder: path, names and arguments of the exports are frozen. */
import type { CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult } from "@pulumi/pulumi/dynamic";
import { type InitScriptRun, runInitScript } from "../../database/run-init-script";
import { initialisedWith } from "../../database/schema-marker";
import { readMark } from "./marked-schema";
import { withPlainErrors } from "./plain-errors";
import { changedKeys, isElsewhere, LOGIN_KEYS, type StoredKeys, storedInputs } from "./stored-inputs";

/** What is run where. */
export interface SqlScriptInputs extends InitScriptRun {
  /** Whether migrations come after it. */
  readonly migrated: boolean;
}

const KEYS: StoredKeys<Omit<SqlScriptInputs, "migrated">> = {
  tenant: true,
  schema: true,
  ...LOGIN_KEYS,
  file: true,
  sha256: true,
  adopt: true,
};

/**
 * In a preview as in a deployment: refuses a file that has changed where migrations come after it, since its statements know nothing
 * of what they have made of the tables.
 */
export const check = withPlainErrors(
  async (olds: Partial<SqlScriptInputs>, news: SqlScriptInputs): Promise<CheckResult> => {
    const changed = olds.sha256 !== undefined && olds.sha256 !== news.sha256;
    if (!changed || !news.migrated) return { inputs: news };
    const reason =
      `${news.file}: was changed, and there are migrations, which come after it. Put it back as it was, and write what is new ` +
      "into a migration of its own";
    return { inputs: news, failures: [{ property: "sha256", reason }] };
  },
);

/** First run of the file in a new schema. */
export const create = withPlainErrors(async (inputs: SqlScriptInputs): Promise<CreateResult> => {
  await runInitScript(inputs);
  return { id: `${inputs.database}.${inputs.schema}`, outs: storedInputs(KEYS, inputs) };
});

/** Runs the file again when it changed or the database is another one; a new password is only stored. */
export const update = withPlainErrors(
  async (_id: string, olds: SqlScriptInputs, news: SqlScriptInputs): Promise<UpdateResult> => {
    if (olds.sha256 !== news.sha256 || isElsewhere(olds, news)) await runInitScript(news);
    return { outs: storedInputs(KEYS, news) };
  },
);

/** Whether there is anything to run or to store. `adopt` counts for the first run alone, and can come and go in the tenant's file. */
export const diff = withPlainErrors(
  async (_id: string, olds: WithProvider, news: WithProvider): Promise<DiffResult> => {
    const isChanged = changedKeys(KEYS, olds, news).some((key) => key !== "adopt");
    return { changes: isChanged || olds.__provider !== news.__provider };
  },
);

/** The SDK hands over the provider's text too. */
type WithProvider = SqlScriptInputs & { readonly __provider?: unknown };

/** On refresh: a schema without the marker was dropped or emptied by hand, so the script is forgotten and runs again. */
export const read = withPlainErrors(
  async (id: string, props: SqlScriptInputs): Promise<ReadResult> => ({
    id: (await readMark(props, initialisedWith, "unknown")) === undefined ? "" : id,
    props: storedInputs(KEYS, props),
  }),
);
