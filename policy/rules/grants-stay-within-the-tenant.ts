import { isAbsent } from "../reading/absent";
import { DEFAULT_PRIVILEGES, DEFAULT_PRIVILEGES_OF_OLD, GRANT } from "../reading/postgresql-types";
import { shown } from "../reading/shown";
import { isTenantRole, isTenantSchema, roleOf, schemaOf } from "../reading/tenant-names";
import { type Check, type Checked, resourcePolicy } from "../resource-policy";

type Props = Checked["props"];

/** What is in a schema. Of the rest, as of foreign servers, the provider grants on whatever schema is named beside it. */
const IN_SCHEMA = ["schema", "table", "column", "sequence", "function", "procedure", "routine", "type"];

const roleIsItsTenants: Check = ({ tenant, props }) => {
  const found = `It grants rights to ${shown(props.role)}`;
  if (tenant === undefined) {
    return isTenantRole(props.role) && grants(props)
      ? [`${found}, a tenant's role, outside of any tenant. What a tenant may do is declared by its Tenant alone.`]
      : [];
  }
  const own = roleOf(tenant);
  return props.role !== own && grants(props) ? [`${found}. In tenant ${shown(tenant)} only ${own} may get any.`] : [];
};

const placeIsItsTenants: Check = ({ tenant, props }) => {
  if (tenant === undefined) {
    return isTenantSchema(props.schema) && grants(props)
      ? [
          `It grants rights in ${shown(props.schema)}, a tenant's schema, outside of any tenant. Leave it to its Tenant.`,
        ]
      : [];
  }
  if (props.objectType === "database") return mayOnlyConnect(props);
  if (!IN_SCHEMA.includes(props.objectType)) {
    return [`It grants rights on a ${shown(props.objectType)}, which is in no schema. Leave it out.`];
  }
  const own = schemaOf(tenant);
  return props.schema !== own && grants(props)
    ? [
        `It grants rights on a ${shown(props.objectType)} in ${shown(props.schema)}. Tenant ${shown(tenant)} has rights in ${own} alone.`,
      ]
    : [];
};

/** CREATE on a database makes schemas in it, out of reach of every rule here. */
function mayOnlyConnect({ privileges }: Props): string[] {
  const isConnect = Array.isArray(privileges) && privileges.every((privilege) => privilege === "CONNECT");
  return isConnect ? [] : [`It grants ${shown(privileges)} on the database. A tenant may only CONNECT to it.`];
}

const isNotHandedOn: Check = ({ tenant, props: { withGrantOption } }) =>
  tenant === undefined || isAbsent(withGrantOption) || withGrantOption === false
    ? []
    : ["It lets the tenant grant its rights to others. Leave withGrantOption out."];

/** Default privileges that name no schema are rights on what is made in any. */
const isNotForEverySchema: Check = ({ tenant, props }) =>
  tenant === undefined && (isAbsent(props.schema) || props.schema === "") && grants(props)
    ? ["It grants rights on what is made in any schema, tenants' included. Name the one schema that it is for."]
    : [];

/** Default privileges of an owner are rights on what that owner will make. */
const ownerIsNoOtherTenant: Check = ({ tenant, props }) => {
  const isOther = isTenantRole(props.owner) && (tenant === undefined || props.owner !== roleOf(tenant));
  return isOther && grants(props)
    ? [`It grants rights on what ${shown(props.owner)}, another tenant's role, will make. Leave that to its Tenant.`]
    : [];
};

/** A grant without privileges takes away what was granted. */
function grants({ privileges }: Props): boolean {
  return !(Array.isArray(privileges) && privileges.length === 0);
}

const grant = [roleIsItsTenants, placeIsItsTenants, isNotHandedOn];
const defaultPrivileges = [...grant, isNotForEverySchema, ownerIsNoOtherTenant];

export const grantsStayWithinTheTenant = resourcePolicy(
  "grants-stay-within-the-tenant",
  "A tenant's role has rights in its own schema, and nobody else has any there.",
  {
    [GRANT]: grant,
    [DEFAULT_PRIVILEGES]: defaultPrivileges,
    [DEFAULT_PRIVILEGES_OF_OLD]: defaultPrivileges,
  },
);
