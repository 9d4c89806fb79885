import * as ssm from "@pulumi/aws/ssm";
import type * as pulumi from "@pulumi/pulumi";
import { POOLER_KEY, type Pooler, poolerValue } from "../../domain/pooler";

export interface PoolerParameterArgs {
  /** The tenant's short name. */
  readonly slug: string;
  /** SSM path of the tenant's parameters, without a trailing slash. */
  readonly path: string;
  readonly pooler: Pooler;
  /** Most sessions that the tenant may hold at once. */
  readonly connectionLimit: number;
}

/**
 * Declares what tells a tenant's server to run a pooler, as a child of `parent`; nothing where it shall run none. It is no part of the boot
 * script, which reaches no server that is there already.
 */
export function createPoolerParameter(
  parent: pulumi.Resource,
  { slug, path, pooler, connectionLimit }: PoolerParameterArgs,
): ssm.Parameter[] {
  const value = poolerValue(pooler, connectionLimit);
  if (value === undefined) return [];
  const name = `${path}/${POOLER_KEY}`;
  return [
    new ssm.Parameter(`${slug}-pooler`, { name, type: ssm.ParameterType.String, insecureValue: value }, { parent }),
  ];
}
