import { type Check, type CheckedResource, resourcePolicy, unset } from "../define-policy";
import { forMessage } from "../reading/message";
import { DEFAULT_PRIVILEGES, GRANT } from "../reading/resource-types";
import { asInSql, isTenantRole, isTenantSchema, roleOf, schemaOf } from "../reading/tenant-names";

type Props = CheckedResource["props"];

const ADVICE = "Name the one role that is to have it.";

const namesARole: Check<CheckedResource> = ({ props: { role } }) =>
  typeof role === "string" ? [] : [`Its role is ${forMessage(role)}, where a name is expected. ${ADVICE}`];

/** A grant to PUBLIC without privileges is a revocation: it takes away what PUBLIC has. */
const grantsPublicNothing: Check<CheckedResource> = ({ props: { role, privileges } }) => {
  if (!isPublic(role)) return [];
  if (!Array.isArray(privileges)) {
    return [
      `Its privileges for PUBLIC are ${forMessage(privileges)}, where a list is expected. An empty one revokes all.`,
    ];
  }
  return privileges.length > 0
    ? [`It grants ${forMessage(privileges)} to PUBLIC, and so to every tenant. ${ADVICE}`]
    : [];
};

/** The provider puts privileges into its SQL as they are. */
const privilegesAreWords: Check<CheckedResource> = ({ props: { privileges } }) =>
  (Array.isArray(privileges) ? [...privileges] : [])
    .filter((privilege) => typeof privilege !== "string" || !/^[A-Z]+$/i.test(privilege))
    .map(
      (privilege) =>
        `The privilege ${forMessage(privilege)} is not one word, and might grant to PUBLIC without any policy noticing.`,
    );

/**
 * Whether the name means everybody. The provider quotes names, and even quoted `public` is PUBLIC to PostgreSQL, in lower case alone;
 * other spellings are refused too, since whoever writes them means everybody.
 */
function isPublic(name: unknown): boolean {
  return /^[\s"']*public[\s"']*$/i.test(asInSql(name));
}

const grantsNothingToPublic = [namesARole, grantsPublicNothing, privilegesAreWords];

export const noGrantToPublic = resourcePolicy(
  "no-grant-to-public",
  "Nothing is granted to PUBLIC.",
  { [GRANT]: grantsNothingToPublic, [DEFAULT_PRIVILEGES]: grantsNothingToPublic },
  { [GRANT]: grantsNothingToPublic },
);

/** The object types that are in a schema. For others, such as foreign servers, the provider grants whatever schema is named. */
const IN_SCHEMA = ["schema", "table", "column", "sequence", "function", "procedure", "routine", "type"];

const roleIsItsTenants: Check = ({ tenant, props }) =>
  props.role !== roleOf(tenant) && grants(props)
    ? [
        `It grants rights to ${forMessage(props.role)}. In tenant ${forMessage(tenant)} only ${roleOf(tenant)} may get any.`,
      ]
    : [];

const placeIsItsTenants: Check = ({ tenant, props }) => {
  const { objectType, schema } = props;
  if (objectType === "database") return mayOnlyConnect(props);
  if (!IN_SCHEMA.includes(objectType)) {
    return [`It grants rights on a ${forMessage(objectType)}, which is in no schema. Leave it out.`];
  }
  return schema !== schemaOf(tenant) && grants(props)
    ? [
        `It grants rights on a ${forMessage(objectType)} in schema ${forMessage(schema)}. Tenant ${forMessage(tenant)} may have ` +
          `rights in ${schemaOf(tenant)} alone.`,
      ]
    : [];
};

/** CREATE on a database makes schemas in it, which no policy here would see. */
function mayOnlyConnect({ privileges }: Props): string[] {
  const isConnect = Array.isArray(privileges) && privileges.every((privilege) => privilege === "CONNECT");
  return isConnect ? [] : [`It grants ${forMessage(privileges)} on the database. A tenant may only CONNECT to it.`];
}

/** Default privileges of an owner are rights on what that owner will make. */
const ownerIsNoOtherTenant: Check = ({ tenant, props }) =>
  isTenantRole(props.owner) && props.owner !== roleOf(tenant) && grants(props)
    ? [
        `It grants rights on what ${forMessage(props.owner)}, another tenant's role, will make. Leave that to its Tenant.`,
      ]
    : [];

const concernsNoTenant: Check<CheckedResource> = ({ props }) => {
  if (!grants(props)) return [];
  const concerned = [
    ...(isTenantRole(props.role) ? [`to ${forMessage(props.role)}, a tenant's role`] : []),
    ...(isTenantSchema(props.schema) ? [`in ${forMessage(props.schema)}, a tenant's schema`] : []),
  ];
  return concerned.map((what) => `It grants rights ${what}, outside of any tenant. Leave that to its Tenant.`);
};

/** A grant without privileges takes away what was granted. */
function grants({ privileges }: Props): boolean {
  return !(Array.isArray(privileges) && privileges.length === 0);
}

const grant = [roleIsItsTenants, placeIsItsTenants, unset("withGrantOption", "the tenant could pass its rights on.")];

export const grantsStayWithinTheTenant = resourcePolicy(
  "grants-stay-within-the-tenant",
  "A tenant's role has rights in its own schema, and nobody else has any there.",
  { [GRANT]: grant, [DEFAULT_PRIVILEGES]: [...grant, ownerIsNoOtherTenant] },
  { [GRANT]: concernsNoTenant },
);
