import { DEFAULT_PRIVILEGES, DEFAULT_PRIVILEGES_OF_OLD, GRANT, GRANT_ROLE } from "../reading/postgresql-types";
import { shown } from "../reading/shown";
import { isPublic } from "../reading/tenant-names";
import { type Check, resourcePolicy } from "../resource-policy";

const ADVICE = "Name the one role that is to have it.";

const namesARole: Check = ({ props: { role } }) =>
  typeof role === "string" ? [] : [`Its role is ${shown(role)}, where a name is expected. ${ADVICE}`];

/** A grant to PUBLIC without privileges is a revocation: it stands for taking away what PUBLIC has. */
const grantsPublicNothing: Check = ({ props }) => {
  if (!isPublic(props.role)) return [];
  const { privileges } = props;
  if (!Array.isArray(privileges)) {
    return [`What it grants to PUBLIC is ${shown(privileges)}, where a list is expected. An empty one takes all away.`];
  }
  return privileges.length > 0 ? [`It grants ${shown(privileges)} to PUBLIC, and so to every tenant. ${ADVICE}`] : [];
};

/** The provider puts privileges into its SQL as they are. */
const privilegesAreWords: Check = ({ props: { privileges } }) =>
  (Array.isArray(privileges) ? [...privileges] : [])
    .filter((privilege) => typeof privilege !== "string" || !/^[A-Z]+$/i.test(privilege))
    .map(
      (privilege) =>
        `The privilege ${shown(privilege)} is not one word, and might grant to PUBLIC what no policy sees.`,
    );

const noMemberIsPublic: Check = ({ props }) =>
  isPublic(props.role) ? [`It makes everybody a member of a role. ${ADVICE}`] : [];

const publicIsNoGroup: Check = ({ props }) =>
  isPublic(props.grantRole)
    ? ["It grants PUBLIC as if it were a role. Everybody is PUBLIC already: leave it out."]
    : [];

const grant = [namesARole, grantsPublicNothing, privilegesAreWords];

export const noGrantToPublic = resourcePolicy("no-grant-to-public", "Nothing is granted to PUBLIC.", {
  [GRANT]: grant,
  [DEFAULT_PRIVILEGES]: grant,
  [DEFAULT_PRIVILEGES_OF_OLD]: grant,
  [GRANT_ROLE]: [namesARole, noMemberIsPublic, publicIsNoGroup],
});
