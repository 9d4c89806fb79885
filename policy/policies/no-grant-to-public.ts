import { type Check, resourcePolicy } from "../resource-policy";

/** The provider takes this as PUBLIC, in any case of its letters. */
const PUBLIC = "public";

const grantsNothing: Check = ({ props: { role, privileges } }) =>
  String(role).toLowerCase() === PUBLIC && privileges.length > 0
    ? [`It grants ${privileges.join(", ")} to PUBLIC, and so to every tenant. Name the one role that is to have it.`]
    : [];

/** A grant to PUBLIC without privileges is a revocation: it stands for taking away what PUBLIC has. */
export const noGrantToPublic = resourcePolicy("no-grant-to-public", "Nothing is granted to PUBLIC.", {
  "postgresql:index/grant:Grant": grantsNothing,
  "postgresql:index/defaultPrivileges:DefaultPrivileges": grantsNothing,
});
