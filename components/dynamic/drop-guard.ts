import * as pulumi from "@pulumi/pulumi";
import type { DatabaseSettings } from "../../domain/settings-spec";

export interface DropGuardArgs {
  /** The tenant's slug, for messages. */
  readonly tenant: string;
  readonly role: string;
  /** An output of the schema's own: whatever replaces the schema has to delete this first. */
  readonly schema: pulumi.Input<string>;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly sslmode: DatabaseSettings["sslmode"];
  /** The admin's login. */
  readonly user: string;
  readonly password: pulumi.Input<string>;
}

/**
 * Stands directly on a schema, so that it is deleted directly before it, and refuses that while rows may be in it which the
 * tenant's gate has not let go. The gate comes last in a deployment: one that ends before, as in the middle of an adoption, has
 * none yet, and a removal would meet nothing else.
 */
export class DropGuard extends pulumi.dynamic.Resource {
  constructor(name: string, args: DropGuardArgs, opts: pulumi.CustomResourceOptions) {
    const inputs = { ...args, password: pulumi.secret(args.password) };
    super(provider, name, inputs, { ...opts, additionalSecretOutputs: ["password"] }, "b2b-tenants", "DropGuard");
  }
}

// Kept as text in the state of every stack, and run there: see the providers in `sql-script.ts`.
const provider: pulumi.dynamic.ResourceProvider = {
  create: async (inputs) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/drop-guard-run`).create(inputs);
  },
  diff: async (id, olds, news) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/drop-guard-run`).diff(id, olds, news);
  },
  update: async (id, olds, news) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/drop-guard-run`).update(id, olds, news);
  },
  delete: async (id, props) => {
    require("tsx/cjs");
    return require(`${process.cwd()}/components/dynamic/drop-guard-run`).remove(id, props);
  },
};
