import { exactly, resourcePolicy } from "../define-policy";
import { DROP_GUARD, GATE, MIGRATIONS, SCHEMA_GUARD, SQL_SCRIPT } from "../reading/resource-types";
import { roleOf, schemaOf } from "../reading/tenant-names";

const tenantAndSchema = [
  exactly("tenant", ({ tenant }) => tenant),
  exactly("schema", ({ tenant }) => schemaOf(tenant)),
];
const script = [...tenantAndSchema, exactly("user", ({ tenant }) => roleOf(tenant))];
const guard = [...tenantAndSchema, exactly("role", ({ tenant }) => roleOf(tenant))];

/** A gate that backs up another tenant lets its own go without a backup. */
export const guardsActForTheirTenant = resourcePolicy(
  "guards-act-for-their-tenant",
  "A tenant's gate and guards watch its own role and schema, and its scripts run as its own role.",
  {
    [GATE]: guard,
    [DROP_GUARD]: guard,
    [SCHEMA_GUARD]: guard,
    // They run whatever their files say, with the rights of their user.
    [SQL_SCRIPT]: script,
    [MIGRATIONS]: script,
  },
);
