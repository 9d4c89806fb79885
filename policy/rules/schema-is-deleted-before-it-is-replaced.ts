import { SCHEMA } from "../reading/postgresql-types";
import { type Check, resourcePolicy } from "../resource-policy";

const isDeletedFirst: Check = ({ tenant, options: { deleteBeforeReplace } }) =>
  tenant === undefined || deleteBeforeReplace === true
    ? []
    : ["It would be replaced and dropped with nobody asking its gate. Give it the option deleteBeforeReplace."];

/**
 * Made first, the new schema is the old one to the provider, which then drops it with all that is in it. Deleted first, it has what
 * is made from it deleted before it, and so its gate.
 */
export const schemaIsDeletedBeforeItIsReplaced = resourcePolicy(
  "schema-is-deleted-before-it-is-replaced",
  "A schema is replaced only after its gate has taken a backup.",
  { [SCHEMA]: isDeletedFirst },
);
