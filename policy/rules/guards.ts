import { exactly, oneOf, resourcePolicy } from "../define-policy";
import { DROP_GUARD, GATE, LOGIN_HANDOVER, MIGRATIONS, SCHEMA_GUARD, SQL_SCRIPT } from "../reading/resource-types";
import { roleOf, schemaOf, secondLoginOf } from "../reading/tenant-names";

const tenantAndSchema = [
  exactly("tenant", ({ tenant }) => tenant),
  exactly("schema", ({ tenant }) => schemaOf(tenant)),
];
const script = [...tenantAndSchema, oneOf("user", ({ tenant }) => [roleOf(tenant), secondLoginOf(tenant)])];
const guard = [...tenantAndSchema, exactly("role", ({ tenant }) => roleOf(tenant))];

/** A gate that backs up another tenant lets its own go without a backup. */
export const guardsActForTheirTenant = resourcePolicy(
  "guards-act-for-their-tenant",
  "A tenant's gate and guards watch its own role and schema, and its scripts run by its own logins.",
  {
    [GATE]: guard,
    [DROP_GUARD]: guard,
    [SCHEMA_GUARD]: guard,
    [LOGIN_HANDOVER]: exactly("tenant", ({ tenant }) => tenant),
    // They run whatever their files say, with the rights of their user.
    [SQL_SCRIPT]: script,
    [MIGRATIONS]: script,
  },
);
