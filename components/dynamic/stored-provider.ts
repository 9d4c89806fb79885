import * as pulumi from "@pulumi/pulumi";

/** The frozen files of this folder, without their ending. */
export type ImplementationFile =
  | "schema-guard-run"
  | "sql-script-run"
  | "drop-guard-run"
  | "offboarding-gate-run"
  | "migrations-run"
  | "login-handover-run";

/** Each logs in somewhere; the password is kept as a secret, whatever it was given as. */
interface StoredInputs extends Readonly<Record<string, unknown>> {
  readonly password: pulumi.Input<string>;
}

/**
 * A dynamic resource whose provider is a file of this folder. CAUTION: the text below is kept in the state of every stack, twice with each
 * resource, and is what runs there, also after the program has changed. So it is short, it loads the repository's code at the moment
 * it is run, and what it loads is frozen: see README.md in this folder. The process it runs in stands in the project folder and knows
 * no TypeScript until tsx is loaded.
 *
 * `pulumi.dynamic.Resource` would make such a text from functions: 1.6 kB of it, by way of the TypeScript compiler, at each start of
 * the program. What runs it is the same.
 */
export class StoredProviderResource extends pulumi.CustomResource {
  constructor(
    type: string,
    file: ImplementationFile,
    name: string,
    inputs: StoredInputs,
    opts: pulumi.CustomResourceOptions,
  ) {
    const __provider = `exports.handler=()=>{require("tsx/cjs");return require(process.cwd()+"/components/dynamic/${file}")}`;
    super(
      `pulumi-nodejs:dynamic/b2b-tenants:${type}`,
      name,
      { ...inputs, password: pulumi.secret(inputs.password), __provider },
      {
        ...opts,
        additionalSecretOutputs: ["password"],
      },
    );
  }
}
