import * as pulumi from "@pulumi/pulumi";
import type { AdminAccess } from "./admin-access";
import { StoredProviderResource } from "./stored-provider";

/** The admin's login: whether a tenant is there is asked before there is one to log in as. */
export interface SchemaGuardArgs extends AdminAccess {
  /** Name of the tenant's login role. */
  readonly role: string;
  /** Name of the tenant's schema. */
  readonly schema: string;
  /** Whether role and schema are to be taken over, not made. */
  readonly adopt: boolean;
  /** Generation of the tenant's database password. */
  readonly rotation: number;
  /** Connections of the server that no tenant may take. */
  readonly reserve: number;
  /** Whether a pooler holds to the tenant's connection limit, whichever of its logins it uses. */
  readonly pooled: boolean;
}

/**
 * Stands before everything of a tenant in the database, and fails when what is there is not as it has to be, so that nothing of
 * it is changed: a tenant that is made anew must find neither role nor schema; one that was made by hand must differ from one
 * that this program makes only in what the program puts right by itself.
 *
 * Looks when it is created, and again when the schema is to be on another server. Where a rotation begins it keeps the login valid that
 * the server uses, and refuses one that would change that login's password, or for which the server has no connections. A preview only warns, if the server can be reached
 * from there, since one that failed would hold up all other tenants. While it is at it, it lets in again whom a removal that was given
 * up has shut out. All its inputs are known in a preview.
 */
export class SchemaGuard extends StoredProviderResource {
  /** In a preview: why the tenant will be refused, if it will be. */
  declare private readonly refusal: pulumi.Output<string | undefined>;

  constructor(name: string, args: SchemaGuardArgs, opts: pulumi.CustomResourceOptions) {
    const isPreview = pulumi.runtime.isDryRun();
    super("SchemaGuard", "schema-guard-run", name, { ...args, ...(isPreview ? { refusal: "" } : {}) }, opts);
    if (isPreview) {
      this.refusal.apply((refusal) => {
        if (refusal) void pulumi.log.warn(`will be refused: ${refusal}`, this);
      });
    }
  }
}
