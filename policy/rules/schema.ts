import { type Check, exactly, resourcePolicy, unset } from "../define-policy";
import { SCHEMA } from "../reading/resource-types";
import { roleOf, schemaOf } from "../reading/tenant-names";

export const schemaOwnedByItsTenant = resourcePolicy(
  "schema-owned-by-its-tenant",
  "A tenant's schema is named after it, and its role owns it.",
  {
    [SCHEMA]: [
      exactly("name", ({ tenant }) => schemaOf(tenant)),
      // Without an owner the provider leaves it to the admin.
      exactly("owner", ({ tenant }) => roleOf(tenant)),
      // The provider's older way to grant: a policy that names no role is PUBLIC's.
      unset("policies", "they give rights to other roles, or to PUBLIC. Grant with postgresql.Grant."),
    ],
  },
);

/**
 * If the new schema is made first, the provider takes it for the old one, and then drops it with all that is in it. If the old one is
 * deleted first, whatever is made from it is deleted before it: its gate.
 */
const isDeletedFirst: Check = ({ options: { deleteBeforeReplace } }) =>
  deleteBeforeReplace === true
    ? []
    : ["A replacement would drop it without asking its gate. Give it the option deleteBeforeReplace."];

export const schemaIsDeletedBeforeItIsReplaced = resourcePolicy(
  "schema-is-deleted-before-it-is-replaced",
  "A schema is replaced only after its gate has taken a backup.",
  { [SCHEMA]: isDeletedFirst },
);
