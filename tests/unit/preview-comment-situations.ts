import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FileErrors } from "../../domain/file-errors";
import { refusedPreview } from "../../rehearsal/display/preview-json";
import {
  error,
  of,
  offboarded,
  onboarded,
  platform,
  policyEvent,
  preview,
  root,
  SECRET,
  step,
  UNKNOWN,
  urnOf,
  violated,
} from "./preview-comment-builders";

/** The texts of previews by stack. */
type Previews = Readonly<Record<string, string>>;

const FIVE = ["acme", "farmacon", "farmacruz", "medinorte", "medisur"];
const ORIGINS = (number: number) => Array.from({ length: number }, (_, i) => `https://shop-${i}.example.com`).join(",");

function sample(...path: string[]): string {
  return readFileSync(join(__dirname, "..", ...path), "utf8");
}

const one = (text: string): Previews => ({ prod: text });

const PUBLIC =
  "Nothing is granted to PUBLIC.\nIt grants CREATE to PUBLIC, and so to every tenant. Name the one role that is to have it.";
const POWER = (slug: string) => `A role has no power.\nThe role user_${slug} is a superuser. Leave superuser out.`;
const SHARED_GRANT = platform("create", "shared-database-public-schema").urn;
const FAILED = error("error: preview failed\n");

/** What event logs hold, by situation. */
export const LOGS: Readonly<Record<string, Previews>> = {
  "violated-one-policy": one(
    [policyEvent("no-grant-to-public", SHARED_GRANT, PUBLIC), '{"sequence":173,"tim'].join("\n"),
  ),
  "violated-by-every-tenant": one(
    [
      ...Array.from({ length: 12 }, (_, i) => `tenant_${i}`).map((slug) =>
        policyEvent("role-without-power", urnOf(slug, "-role"), POWER(slug)),
      ),
      ...FIVE.map((slug) => policyEvent("no-grant-to-public", urnOf(slug, "-connect"), PUBLIC)),
      policyEvent("every-tenant-has-a-gate", urnOf("acme", ""), "Each tenant has a gate.\nThe tenant acme has none."),
      policyEvent("one-stack", root([]).urn, "Found without a description."),
    ].join("\n"),
  ),
  "violated-and-told-twice": one(policyEvent("no-grant-to-public", SHARED_GRANT, PUBLIC)),
  "violated-and-offboarded": one(policyEvent("role-without-power", urnOf("farmacon", "-role"), POWER("farmacon"))),
  "violated-hostile": one(
    policyEvent(
      "`</details> @octocat",
      of("acme", "create", "-ingress-`</details>\n\n# @octocat").urn,
      "**aim** @octocat #1 <img src=x>\n```\n</details>\n# heading\n<!-- b2b-tenants preview prod -->\u202e postgresql://u:hunter2@h/d",
    ),
  ),
  advised: one(
    policyEvent(
      "no-large-server",
      urnOf("acme", "-instance"),
      "Servers are small.\nIt is an m7i.48xlarge.",
      "advisory",
    ),
  ),
  "violated-in-one-of-two-stacks": { big: policyEvent("no-grant-to-public", urnOf("medisur", "-connect"), PUBLIC) },
};

/** What a reviewer can meet; each has its golden comment, of the same name. */
export const SITUATIONS: Readonly<Record<string, Previews>> = {
  "nothing-changes": one(preview([root(FIVE)])),

  "first-deployment": one(
    preview(
      [
        step("create", "pulumi:pulumi:Stack", "b2b-tenants-prod", { after: {} }),
        platform("create", "database-admin", { after: { host: "db.example.com", password: SECRET } }),
        platform("create", "shared-database", { after: {} }),
        platform("create", "shared-database-public-schema", { after: {} }),
        platform("create", "alarms", { after: {} }),
        platform("create", "alarms-to-ops@example.com", { after: {} }),
        ...onboarded("acme"),
      ],
      [],
      0,
    ),
  ),

  onboarded: one(preview([root(["farmacon"]), ...onboarded("acme")])),

  "onboarded-without-backup": one(preview([root([]), ...onboarded("acme", { backup: false })])),

  adopted: one(
    preview([
      root([]),
      of("acme", "create", "", { after: {} }),
      of("acme", "import", "-role", {
        before: { name: "user_acme", connectionLimit: -1, searchPaths: ["public"] },
        after: { name: "user_acme", connectionLimit: 1, searchPaths: ["schema_acme"], password: SECRET },
      }),
      of("acme", "import", "-schema", { after: { name: "schema_acme" } }),
      of("acme", "create", "-gate", { after: { backup: true } }),
    ]),
  ),

  changed: one(
    preview([
      root(FIVE),
      of("acme", "update", "-role", {
        before: { connectionLimit: 10, statementTimeout: 30000 },
        after: { connectionLimit: 20, statementTimeout: 60000 },
        reasons: ["connectionLimit", "statementTimeout"],
      }),
      of("acme", "update", "-instance", {
        before: { instanceType: "t3.micro", ami: "ami-1" },
        after: { instanceType: "t3.small", ami: "ami-2" },
        detailed: { instanceType: "update" },
      }),
      of("acme", "update", "-pooler", {
        before: { insecureValue: "pool_mode=transaction pool_size=8 listen_port=6433" },
        after: { insecureValue: "pool_mode=transaction pool_size=18 listen_port=6433" },
        detailed: { insecureValue: "update" },
      }),
    ]),
  ),

  "changed-nested": one(
    preview([
      root(FIVE),
      of("acme", "update", "-instance", {
        before: { tags: { Name: "a", "managed-by": "x", "a.b": "1" }, metadataOptions: { httpTokens: "required" } },
        after: { tags: { Name: "b", "a.b": "2", new: "" }, metadataOptions: { httpTokens: "optional" } },
        detailed: { "tags.Name": "update", 'tags["a.b"]': "update", "metadataOptions.httpTokens": "update" },
      }),
      of("acme", "update", "-ingress-443", {
        before: { rules: [{ port: 80 }, { port: 443, cidr: "0.0.0.0/0" }], names: ["a", "b"] },
        after: { rules: [{ port: 80 }, { port: 8443, cidr: "0.0.0.0/0" }], names: ["z", "a", "b"] },
      }),
    ]),
  ),

  "changed-long-value": one(
    preview([
      root(FIVE),
      of("acme", "update", "-env-ALLOWED_ORIGINS", {
        before: { insecureValue: ORIGINS(40) },
        after: { insecureValue: `${ORIGINS(39)},https://other.example.com` },
        reasons: ["insecureValue"],
      }),
    ]),
  ),

  "secrets-rotated": one(
    preview([
      root(FIVE),
      of("farmacon", "update", "-handover", { before: { rotation: 2 }, after: { rotation: 2 } }),
      of("farmacruz", "update", "-handover", {
        before: { rotation: 2 },
        after: { rotation: 3 },
        reasons: ["rotation"],
      }),
      of("acme", "replace", "-password", {
        before: { keepers: { rotation: "1" } },
        after: { keepers: { rotation: "2" } },
        reasons: ["keepers"],
        replaces: ["keepers"],
      }),
      of("acme", "replace", "-secret-key", {
        before: { keepers: { rotation: "1" } },
        after: { keepers: { rotation: "2" } },
        reasons: ["keepers"],
        replaces: ["keepers"],
      }),
      of("acme", "update", "-role", {
        before: { password: SECRET },
        after: { password: SECRET },
        reasons: ["password"],
      }),
      of("acme", "update", "-init", { before: { password: SECRET }, after: { password: UNKNOWN } }),
      of("acme", "update", "-instance-policy", {
        before: { tags: { pin: SECRET } },
        after: { tags: { pin: "12345" } },
      }),
      of("acme", "update", "-env-DATABASE_URL", {
        before: { value: SECRET },
        after: { value: UNKNOWN },
        reasons: ["value"],
      }),
    ]),
  ),

  "secrets-in-clear": one(
    preview([
      root(FIVE),
      of("acme", "update", "-role", {
        before: { password: "hunter2-old" },
        after: { password: "hunter2-new" },
        reasons: ["password"],
      }),
      of("acme", "update", "-env-DATABASE_URL", {
        before: { value: "hunter2-old", tags: { url: "postgresql://u:hunter2-old@h/d" } },
        after: { value: "hunter2-new", tags: { url: "postgresql://u:hunter2-new@h/d" } },
        reasons: ["value", "tags"],
      }),
      of("acme", "update", "-gate", {
        before: { pin: "hunter2-old", list: [{ api: { clientSecret: "hunter2-old" } }] },
        after: { pin: "hunter2-new", list: [{ api: { clientSecret: "hunter2-new" } }] },
        secretOutputs: ["pin"],
      }),
      of("acme", "update", "-env-SECRET_KEY", {
        before: { tags: { SECRET_KEY: "hunter2-old" } },
        after: { tags: { other: { password: "hunter2-new" } } },
      }),
    ]),
  ),

  offboarded: one(preview([root(FIVE), ...offboarded("acme")])),

  "offboarded-without-backup": one(
    preview([root(FIVE), ...offboarded("acme", { backup: false }), ...offboarded("medisur")]),
  ),

  "offboarded-without-gate": one(preview([root(FIVE), ...offboarded("acme", "none")])),

  "offboarded-gate-unreadable": one(
    preview([root(FIVE), ...offboarded("acme", { backup: undefined, destination: 3 })]),
  ),

  "server-replaced-by-rotation": one(
    preview([
      root(FIVE),
      of("acme", "create", "-instance-2", { after: { ami: "ami-2", instanceType: "t3.micro" } }),
      of("acme", "delete", "-instance", { before: { ami: "ami-1", instanceType: "t3.micro" } }),
    ]),
  ),

  "server-replaced-by-subnet": one(
    preview([
      root(FIVE),
      of("acme", "replace", "-instance", {
        before: { subnetId: "subnet-1", instanceType: "t3.micro" },
        after: { subnetId: "subnet-2", instanceType: "t3.small" },
        detailed: { subnetId: "update-replace", instanceType: "update" },
      }),
      // As with --show-replacement-steps.
      of("acme", "create-replacement", "-instance", {
        before: { subnetId: "subnet-1" },
        after: { subnetId: "subnet-2" },
      }),
      of("acme", "delete-replaced", "-instance", { before: { subnetId: "subnet-1" } }),
    ]),
  ),

  "schema-replaced": one(
    preview([
      root(FIVE),
      of("acme", "replace", "-schema", {
        before: { database: "postgres", name: "schema_acme" },
        after: { database: "other", name: "schema_acme" },
        reasons: ["database"],
        replaces: ["database"],
      }),
      of("acme", "replace", "-gate", {
        before: { schema: "schema_acme" },
        after: { schema: UNKNOWN },
        replaces: ["schema"],
      }),
    ]),
  ),

  "schema-replaced-without-backup": one(
    preview([
      root(FIVE),
      of("acme", "replace", "-schema", { before: { name: "a" }, after: { name: "b" }, replaces: ["name"] }),
      of("acme", "replace", "-gate", {
        before: { schema: "a", backup: false },
        after: { schema: UNKNOWN, backup: true },
        replaces: ["schema"],
      }),
    ]),
  ),

  "left-over-of-a-replacement": one(
    preview([root(FIVE), of("acme", "delete", "-instance", { before: { ami: "ami-1" }, leftOver: true })]),
  ),

  "network-rule-added-and-removed": one(
    preview([
      root(["acme", "farmacon"]),
      ...["acme", "farmacon"].flatMap((slug) => [
        of(slug, "create", "-ingress-8443-0.0.0.0/0", { after: { fromPort: 8443 } }),
        of(slug, "delete", "-ingress-443-0.0.0.0/0", { before: { fromPort: 443 } }),
      ]),
    ]),
  ),

  "migrations-for-all": one(
    preview([
      root(FIVE),
      ...FIVE.map((slug) =>
        of(slug, "update", "-migrations", {
          before: { files: { "0006_orders": "aa" } },
          after: {
            files: { "0006_orders": "aa", "0007_add_tax": "bb", "0008_`<b>": "cc", "0008_tax_index": "dd" },
            canary: slug === "farmacruz",
          },
          reasons: ["files"],
        }),
      ),
      of("acme", "update", "-role", {
        before: { connectionLimit: 5 },
        after: { connectionLimit: 8 },
        reasons: ["connectionLimit"],
      }),
    ]),
  ),
  "tables-changed": one(
    preview([
      root(["acme", "farmacon"]),
      ...["acme", "farmacon"].map((slug) =>
        of(slug, "update", "-init", { before: { sha256: "aa" }, after: { sha256: "bb" }, reasons: ["sha256"] }),
      ),
    ]),
  ),

  "backup-switched-off": one(
    preview([
      root(FIVE),
      of("acme", "update", "-gate", { before: { backup: true }, after: { backup: false }, reasons: ["backup"] }),
    ]),
  ),

  "program-code-changed": one(
    preview([
      root(FIVE),
      of("acme", "update", "-gate", {
        before: { __provider: "exports.handler = () => 'old code'", backup: true },
        after: { __provider: "exports.handler = () => 'new code'", backup: true },
      }),
    ]),
  ),

  "difference-unsaid": one(
    preview([
      root(FIVE),
      of("acme", "update", "-role", { before: { login: true }, after: { login: true }, reasons: ["login"] }),
      of("acme", "update", "-init", { before: { tenant: "acme" }, after: { tenant: "acme" } }),
    ]),
  ),

  drift: one(
    preview([
      root(FIVE),
      of("acme", "update", "-role", {
        before: { connectionLimit: 10 },
        outputs: { connectionLimit: 99 },
        after: { connectionLimit: 10 },
        detailed: { connectionLimit: "update" },
      }),
      of("farmacon", "refresh", "-role", { before: {}, after: {} }),
    ]),
  ),

  "platform-changed": one(
    preview([
      root(FIVE),
      platform("update", "database-admin", {
        before: { host: "old.example.com", password: SECRET },
        after: { host: "new.example.com", password: SECRET },
        reasons: ["host", "password"],
      }),
      platform("update", "alarms-cpu", { before: { threshold: 80 }, after: { threshold: 90 }, reasons: ["threshold"] }),
      platform("create", "alarms-to-new@example.com", { after: {} }),
      platform("delete", "alarms-to-old@example.com", { before: {} }),
    ]),
  ),

  "platform-removed": one(
    preview([
      root(FIVE),
      platform("delete", "shared-database-public-connect", { before: {} }),
      platform("delete", "shared-database", { before: {} }),
      platform("replace", "database-admin", { before: {}, after: {}, replaces: ["host"] }),
      step("delete", "pulumi:pulumi:Stack", "b2b-tenants-prod", { before: {} }),
    ]),
  ),

  "two-stacks-and-a-move": {
    prod: preview([root(["acme", "farmacon"]), ...offboarded("acme")]),
    "prod-acme": preview([root([], "prod-acme"), ...onboarded("acme", { stack: "prod-acme" })]),
    "prod-idle": preview([root(["medisur"], "prod-idle")]),
  },

  "failed-tenant-files": one(
    preview(
      [],
      [
        error(
          "error: 3 errors, nothing was changed:\n" +
            "tenants/acme.yaml:3:14: 'frontendUrl' must be https (allowed: https://HOST or https://HOST:PORT), got \"http://x\"\n" +
            'tenants/acme.yaml:4:1: unknown key "colour`"; allowed: frontendUrl\n' +
            "tenants/farmacon.yml: must end in .yaml, got .yml",
          "urn:pulumi:prod::b2b-tenants::pulumi:pulumi:Stack::b2b-tenants-prod",
        ),
        error("preview failed"),
      ],
    ),
  ),

  "refused-rehearsal": one(
    JSON.stringify(
      refusedPreview(
        "b2b-tenants",
        "prod",
        {
          name: "Pulumi.prod.yaml",
          values: {
            "aws:region": "us-east-1",
            "aws:secretKey": { secure: "v1:hunter2" },
            "b2b-tenants:adminPassword": "hunter2",
            "b2b-tenants:fleet": true,
          },
        },
        new FileErrors([
          "tenants/acme.yaml:3:14: 'frontendUrl' must be https, got \"http://x\"",
          "Pulumi.prod.yaml: b2b-tenants:adminPassword must be encrypted",
        ]).message,
      ),
    ),
  ),

  "failed-connection-budget": one(
    preview(
      [],
      [
        error(
          "<{%reset%}>1 error, nothing was changed:\n" +
            "tenants: the connection limits of 2 tenants, of all stacks, plus limits.reserve may not exceed limits.maxConnections, got 90\n" +
            "  Most take:\n    tenants/acme.yaml:3:20: 40\n    tenants/farmacon.yaml: 40, the default<{%reset%}>\n",
          "urn:pulumi:prod::b2b-tenants::pulumi:pulumi:Stack::b2b-tenants-prod",
        ),
      ],
    ),
  ),

  "failed-adoption-half-way": one(
    preview(
      [root(FIVE), of("acme", "create", "", { after: {} }), ...offboarded("medisur")],
      [
        error(
          "tenant acme cannot be adopted as it is. Run this as postgres:\n-- table schema_acme.orders belongs to postgres\n" +
            'alter table schema_acme.orders owner to "user_acme";\n```\n</details> @everyone #1',
          "urn:pulumi:prod::b2b-tenants::b2b:index:Tenant$b2b:index:Database$pulumi-nodejs:dynamic/b2b-tenants:SchemaGuard::acme-schema-guard",
        ),
        error("connection to postgresql://postgres:hunter2@db.example.com refused"),
        error("preview failed"),
      ],
    ),
  ),

  "failed-without-a-word": one(preview([root(FIVE)], [error("preview failed"), error("preview failed")])),

  "violated-one-policy": one(preview([root(FIVE), ...onboarded("acme")], [FAILED])),

  "violated-by-every-tenant": one(preview([root(FIVE)], [FAILED])),

  "violated-in-a-rehearsal": one(
    preview(
      [root(FIVE), ...onboarded("acme")],
      [
        violated("role-without-power", urnOf("acme", "-role"), POWER("acme")),
        violated("no-large-server", urnOf("acme", "-instance"), "Servers are small.\nIt is large.", "warning"),
      ],
    ),
  ),

  "violated-and-told-twice": one(
    preview(
      [root(FIVE)],
      [
        violated("no-grant-to-public", SHARED_GRANT, PUBLIC),
        error("tenant acme cannot be adopted as it is", urnOf("acme", "-schema-guard")),
        FAILED,
      ],
    ),
  ),

  "violated-and-offboarded": one(
    preview(
      [
        root(FIVE),
        ...offboarded("medisur"),
        of("acme", "create", "-instance-2", { after: { ami: "ami-2" } }),
        of("acme", "delete", "-instance", { before: { ami: "ami-1" } }),
      ],
      [FAILED],
    ),
  ),

  "violated-hostile": one(preview([root(FIVE)], [FAILED])),

  "violated-in-one-of-two-stacks": {
    prod: preview([root(FIVE), ...onboarded("nova")]),
    big: preview([root(["medisur"], "big")], [FAILED]),
  },

  advised: one(preview([root(FIVE), ...onboarded("acme")])),

  refused: one(
    preview(
      [root(FIVE), ...onboarded("acme"), ...onboarded("bolt")],
      [
        {
          message: "warning: will be refused: role user_acme already exists. Nothing of that was touched.\n",
          severity: "warning",
          urn: urnOf("acme", "-schema-guard"),
        },
        { message: "warning: will be refused: says somebody else", severity: "warning", urn: urnOf("bolt", "-role") },
      ],
    ),
  ),

  warnings: one(
    preview(
      [root(FIVE)],
      [
        { message: "warning: resource plugin aws is old\n```", severity: "warning" },
        { message: "only said", severity: "info" },
      ],
    ),
  ),

  hostile: one(
    preview([
      root(["acme"]),
      of("acme", "update", "-env-ALLOWED_ORIGINS", {
        before: {
          insecureValue:
            "</details></code> <img src=x onerror=alert(1)> | @octocat #123 GH-1 **bold** [x](https://evil.example)",
          "key`|</summary>\n# heading": 1,
        },
        after: {
          insecureValue:
            "`` ` ``` \n\n## heading\r\n<!-- b2b-tenants preview prod --> \u202ereversed\u2069 a\u00a0b \u200b $x$ ~~~",
          "key`|</summary>\n# heading": 2,
        },
      }),
      of("acme", "update", "-role", { before: { name: "`".repeat(200) }, after: { name: ` ${"x`".repeat(3)} ` } }),
      of("acme", "create", "-ingress-`</details>\n\n# @octocat", { after: {} }),
      step("delete", "evil:`</details>:Type", "`</details>\n> [!NOTE]\n@octocat", { before: {} }),
      step("create", "b2b:index:Tenant$x:y:Z", "</summary>@octocat-role", { after: {} }),
      of("acme", "update", "-schema", { before: { name: "a".repeat(5000) }, after: { name: "b".repeat(5000) } }),
      of(
        "acme",
        "update",
        "-gate",
        JSON.parse('{"before":{"__proto__":1,"tags":{}},"after":{"tags":{"constructor":2}}}'),
      ),
    ]),
  ),

  // Recorded when the components had longer types.
  "the-cli-s-own": one(sample("conformance", "samples", "preview.json").replaceAll("b2b-tenants:index:", "b2b:index:")),

  "a-rehearsal-s-own": one(sample("golden", "preview-comment", "samples", "rehearsal.json")),
};
