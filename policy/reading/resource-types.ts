// The types that policies look at.

export const ROLE = "postgresql:index/role:Role";
export const SCHEMA = "postgresql:index/schema:Schema";
export const GRANT = "postgresql:index/grant:Grant";
export const DEFAULT_PRIVILEGES = "postgresql:index/defaultPrivileges:DefaultPrivileges";
export const DATABASE_PROVIDER = "pulumi:providers:postgresql";

export const GATE = "pulumi-nodejs:dynamic/b2b-tenants:OffboardingGate";
export const DROP_GUARD = "pulumi-nodejs:dynamic/b2b-tenants:DropGuard";
export const SCHEMA_GUARD = "pulumi-nodejs:dynamic/b2b-tenants:SchemaGuard";
export const MIGRATIONS = "pulumi-nodejs:dynamic/b2b-tenants:Migrations";
export const LOGIN_HANDOVER = "pulumi-nodejs:dynamic/b2b-tenants:LoginHandover";
export const SQL_SCRIPT = "pulumi-nodejs:dynamic/b2b-tenants:SqlScript";

export const PARAMETER = "aws:ssm/parameter:Parameter";
export const IAM_ROLE = "aws:iam/role:Role";
export const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
export const INSTANCE_PROFILE = "aws:iam/instanceProfile:InstanceProfile";
export const INSTANCE = "aws:ec2/instance:Instance";
export const SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup";
export const INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
