import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  parametersHaveTheirKeysForm,
  parametersStayInTheirPath,
  secretsAreSecureStrings,
} from "../../../policy/rules/parameters";
import { messages, secret, UNKNOWN } from "../analysis";
import { inProd, pulumiConfig, withSettings } from "../stack-settings";
import { childOfTenant } from "../urns";

const PARAMETER = "aws:ssm/parameter:Parameter";
const OWN = childOfTenant(PARAMETER, "acme-env-KEY");
const ENV = "/b2b-tenants/prod/acme/env";
const KEYS = ["DATABASE_URL", "SECRET_KEY", "ALLOWED_ORIGINS", "FRONTEND_URL", "ENVIRONMENT", "POOLER"];
const HEX = "0123456789abcdef".repeat(4);
const URL = "postgresql://user_acme:pw@db.example.com:5432/postgres?sslmode=require";

const ADMIN = "postgres";
const PASSWORD = 'k7/Gr&ün "1"';

const NO_URL =
  "Its value is not a URL of the form postgresql://user_acme:PASSWORD@HOST:PORT/DATABASE?sslmode=MODE, percent-encoded.";
const OTHER = "Its URL logs in as a role other than the tenant's. Use user_acme.";
const NAMED = "Its URL logs in as the admin, whose role is user_acme too. Give the admin another.";
const HELD =
  "It holds the admin's password, which no tenant may know. Use the tenant's own, and give the admin another.";
const NO_TEXT = "Its value is no text. Give it one.";

describe("policy parameters-have-their-keys-form", () => {
  const environment = withSettings();
  const asAdministered = () => environment({ PULUMI_CONFIG: pulumiConfig(ADMIN, PASSWORD) });

  it("passes what the program writes under each key", async () => {
    asAdministered();
    for (const [key, value] of [
      ["DATABASE_URL", URL],
      ["DATABASE_URL", "postgresql://user2_acme:pw@db.example.com:5432/postgres?sslmode=require"],
      ["DATABASE_URL", "postgresql://user_acme@db.example.com/postgres?sslmode=require"],
      ["DATABASE_URL", "postgres://user%5Facme:p%40%2F%3A%3Fuser%3Dpostgres@db.example.com/postgres?sslmode=require"],
      ["SECRET_KEY", HEX],
      ["ALLOWED_ORIGINS", "https://postgres.example.com"],
      [
        "ALLOWED_ORIGINS",
        "https://postgres.example.com:8443,http://localhost:3000,http://[::1]:3000,https://[fd00::1]",
      ],
      ["FRONTEND_URL", "https://postgres.example.com"],
      ["FRONTEND_URL", "https://xn--caf-dma.example.com:8443"],
      ["ENVIRONMENT", "production"],
      ["POOLER", "pool_mode=session pool_size=10000 listen_port=6433"],
    ] as const) {
      assert.deepEqual(await violationsOf(key, value), [], value);
    }
  });

  it("passes the URL of a tenant whose name ends in the name of a property", async () => {
    const urn = childOfTenant(PARAMETER, "super_user-env-DATABASE_URL");
    const name = "/b2b-tenants/prod/super_user/env/DATABASE_URL";
    assert.deepEqual(
      await violationsOfParameter(urn, { name, value: "postgresql://user_super_user:pw@db/postgres" }),
      [],
    );
  });

  it("stops a URL that leads elsewhere than the settings say, and one without the settings' TLS", async () => {
    const cases = [
      [{ host: "db.example.com", name: "postgres" }, "db.example.com:5432/postgres?sslmode=require"],
      [
        { host: "fd00::5", port: 6543, name: "a b", sslmode: "verify-full" },
        "[fd00::5]:6543/a%20b?sslmode=verify-full",
      ],
      [{ host: "127.0.0.1", name: "postgres", sslmode: "disable" }, "127.0.0.1:5432/postgres?sslmode=disable"],
      [{ host: "db.example.com", name: "x" }, "evil.example.com:5432/x?sslmode=require", "host"],
      [{ host: "db.example.com", name: "x" }, "db.example.com.:5432/x?sslmode=require", "host"],
      [{ host: "db.example.com", name: "x" }, "db.example.com:5433/x?sslmode=require", "port"],
      [{ host: "db.example.com", port: 6543, name: "x" }, "db.example.com/x?sslmode=require", "port"],
      [{ host: "db.example.com", name: "x" }, "db.example.com:5432/y?sslmode=require", "name"],
      [{ host: "db.example.com", name: "x" }, "db.example.com:5432?sslmode=require", "name"],
      ...["?sslmode=disable", "?sslmode=prefer", "?sslmode=", ""].map(
        (option) => [{ host: "db.example.com", name: "x" }, `db.example.com:5432/x${option}`, "sslmode"] as const,
      ),
      [
        { host: "db.example.com", name: "x", sslmode: "verify-full" },
        "db.example.com:5432/x?sslmode=require",
        "sslmode",
      ],
    ] as const;
    for (const [database, place, ...wrong] of cases) {
      environment({ PULUMI_CONFIG: JSON.stringify({ "b2b-tenants:database": JSON.stringify(database) }) });
      const found = await violationsOf("DATABASE_URL", `postgresql://user_acme:pw@${place}`);
      const told = found.map(
        (one) =>
          /^The (\w+) of its URL is not that of the setting b2b-tenants:database\.\1\. Use "?[\w.-]+"?\.$/.exec(
            one,
          )?.[1],
      );
      assert.deepEqual(told, wrong, place);
    }
  });

  it("stops any other login, also where the admin's name is not at hand", async () => {
    for (const config of [
      undefined,
      "",
      "{",
      "null",
      '"text"',
      '{"b2b-tenants:database": "{"}',
      pulumiConfig("", ""),
      pulumiConfig(ADMIN, PASSWORD),
    ]) {
      environment(config === undefined ? {} : { PULUMI_CONFIG: config });
      for (const value of [
        "postgresql://postgres:pw@db/postgres",
        "postgresql://postgres:pw@db.example.com/postgres",
        "postgresql://%70ostgres@db.example.com/postgres",
        "postgresql://user_acme2:pw@db/postgres",
        "postgresql://user2_beta:pw@db/postgres",
        "postgresql://USER_ACME:pw@db/postgres",
        "postgresql://postgres:pw@user_acme/postgres",
        "postgresql://user_acme%00:pw@db/postgres",
      ]) {
        assert.deepEqual(await violationsOf("DATABASE_URL", value), [OTHER], value);
      }
    }
  });

  it("stops a text in which a program might find another login, or none", async () => {
    for (const value of [
      "postgresql://user_acme@postgres:pw@db/postgres",
      "postgresql://user_acme:p@ss@db/postgres",
      "postgresql://user_acme:pa/ss@db/postgres",
      "postgresql://postgres:12/34@db/postgres",
      "postgresql://user_acme:pa#ss@db/postgres",
      "postgresql://:pw@db/postgres",
      "postgresql://db/postgres?user=",
      "postgresql://user_acme:pw@db/postgres?user=postgres",
      "postgresql://user_acme:pw@db/postgres?%75ser=%70ostgres",
      "postgresql://user_acme:pw@db/postgres?sslmode=require&user=postgres",
      "postgresql://user_acme:pw@db/postgres?sslmode=require%26user=postgres",
      "postgresql://user_acme:pw@db/postgres?password=pw",
      "postgresql://user_acme:pw@db/postgres#x",
      "postgresql://user_acme:pw@db/postgres\nPGUSER=postgres",
      "postgresql://user_acme:pw@db/postgres\n",
      " postgresql://user_acme:pw@db/postgres",
      "postgresql://user_acme:pw@db,postgresql://postgres@db/postgres",
      "postgresql://user_acme:pw@db.example.com,evil.example.com/postgres?sslmode=require",
      "postgresql://user_acme:pw@db.example.com:5432,evil.example.com:5432/postgres?sslmode=require",
      "postgresql://user_acme:pw@db.example.com%2Cevil.example.com/postgres?sslmode=require",
      "postgresql://user_acme:pw@%2Ftmp/postgres",
      "postgresql://user_acme:pw@/postgres",
      "postgresql://user_acme:pw@db/postgres?application_name=a",
      "postgresql://db.example.com/postgres?user=user_acme&password=pw",
      "postgresql+asyncpg://Postgres:pw@db/postgres",
      "jdbc:postgresql://db/postgres?ssl=true&user=postgres",
      "https://user_acme@one,postgresql://postgres@db",
      "postgresql%3A%2F%2Fpostgres%3Apw%40db%2Fpostgres",
      "host=db.example.com dbname=postgres user=user_acme password='pw'",
      "host=db user = 'postgres' dbname=postgres",
      "host=db user=user_other",
      "User ID=postgres;Host=db",
      "Server=db;User Id=user_acme;Password=pw",
      "PGUSER=postgres PGHOST=db",
      "username: postgres",
      '{"db": {"\\u0075ser": "postgres"}}',
      '[{"url": "postgresql:\\/\\/postgres:pw@db"}]',
      '"{\\"login\\": \\"postgres\\"}"',
      "{'user':'postgres'}",
      '{"user": ["user_other"]}',
      '{"user": null}',
      '{"user": "user_acme", "password": "pw", "url": "postgresql://user_acme:pw@db"}',
      "postgres",
      ' "postgres"\n',
      "user_acme",
      "",
      "postgresql://user_acme:%zz@db/postgres",
      "postgresql://%zz:pw@db/postgres",
    ]) {
      assert.deepEqual(await violationsOf("DATABASE_URL", value), [NO_URL], value);
    }
  });

  it("stops every other value of the other keys", async () => {
    const expected = {
      SECRET_KEY: "64 hexadecimal digits in lower case",
      ALLOWED_ORIGINS: "origins (https://HOST, or http://localhost:PORT) with commas in between",
      FRONTEND_URL: "https://HOST or https://HOST:PORT",
      ENVIRONMENT: "production",
      POOLER: "pool_mode=MODE pool_size=NUMBER listen_port=PORT",
    };
    for (const [key, form] of Object.entries(expected)) {
      for (const value of [
        URL,
        "postgres",
        "user=postgres",
        HEX.slice(1),
        `${HEX}0`,
        HEX.toUpperCase(),
        `${HEX}\n`,
        "https://ops:hunter2@a.example.com",
        "https://ops@a.example.com",
        "https://a.example.com?token=hunter2",
        "https://a.example.com/hunter2",
        "https://a.example.com#hunter2",
        `https://${HEX}`,
        "https://a.example.com,",
        "https://a.example.com, https://b.example.com",
        "http://a.example.com",
        "https://*.example.com",
        "https://a.example.com\n",
        "token=hunter2",
        "production hunter2",
        "Production",
        "preproduction",
        "pool_mode=statement pool_size=8 listen_port=6433",
        "pool_mode=session pool_size=0 listen_port=6433",
        "pool_mode=session pool_size=8 listen_port=6433\nhost=x",
        "pool_mode=session pool_size=8 listen_port=80",
        "",
      ]) {
        assert.deepEqual(await violationsOf(key, value), [
          `Its value does not have the form that its key requires: ${form}.`,
        ]);
      }
    }
  });

  it("stops a tenant's login that is the admin's", async () => {
    for (const admin of ["user_acme", "USER_ACME"]) {
      environment({ PULUMI_CONFIG: pulumiConfig(admin, PASSWORD) });
      assert.deepEqual(await violationsOf("DATABASE_URL", URL), [NAMED]);
    }
  });

  it("stops the admin's password, however it is written, from either place that it may be set in", async () => {
    for (const settings of [
      { PULUMI_CONFIG: pulumiConfig(ADMIN, PASSWORD) },
      { PULUMI_CONFIG: "{", PGPASSWORD: PASSWORD },
      { PULUMI_CONFIG: pulumiConfig(ADMIN, "another one"), PGPASSWORD: PASSWORD },
    ]) {
      environment(settings);
      for (const [key, value] of [
        ["SECRET_KEY", PASSWORD],
        ["SECRET_KEY", `x${PASSWORD}x`],
        ["DATABASE_URL", `postgresql://user_acme:${encodeURIComponent(PASSWORD)}@db/postgres`],
        [
          "DATABASE_URL",
          `postgresql://user_acme:${encodeURIComponent(PASSWORD).toLowerCase()}@db/postgres`.replace("%2fgr", "%2fGr"),
        ],
        ["DATABASE_URL", `postgresql://user_acme:x${encodeURIComponent(PASSWORD)}x@db/postgres`],
      ] as const) {
        assert.deepEqual(await violationsOf(key, value), [HELD], value);
      }
      for (const value of [`x${encodeURIComponent(PASSWORD)}x`, JSON.stringify({ secret: PASSWORD })]) {
        for (const key of KEYS) assert.equal((await violationsOf(key, value)).length, 1, value);
      }
    }
    environment({ PULUMI_CONFIG: pulumiConfig(ADMIN, HEX) });
    assert.deepEqual(await violationsOf("SECRET_KEY", HEX), [HELD]);
    environment({ PULUMI_CONFIG: pulumiConfig(ADMIN, "k7gr2x9f") });
    assert.deepEqual(await violationsOf("FRONTEND_URL", "https://k7gr2x9f.example.com"), [HELD]);
  });

  it("stops a password that is a mere word where a password stands, and not where a word may", async () => {
    environment({ PULUMI_CONFIG: pulumiConfig("admin", "postgres") });
    assert.deepEqual(await violationsOf("FRONTEND_URL", "https://postgres.example.com"), []);
    assert.deepEqual(await violationsOf("DATABASE_URL", URL), []);
    for (const value of ["postgres", "postgresql://user_acme:postgres@db/x"]) {
      assert.deepEqual(await violationsOf("DATABASE_URL", value), [HELD], value);
    }
    for (const value of ["user=user_acme password=postgres", '{"pass":"postgres"}']) {
      assert.deepEqual(await violationsOf("DATABASE_URL", value), [NO_URL], value);
    }
  });

  it("allows a short password to be part of other texts", async () => {
    environment({ PULUMI_CONFIG: pulumiConfig("admin", "db1") });
    assert.deepEqual(await violationsOf("FRONTEND_URL", "https://db1.example.com"), []);
    assert.deepEqual(await violationsOf("SECRET_KEY", "db1"), [HELD]);
  });

  it("never says what it found", async () => {
    environment({ PULUMI_CONFIG: pulumiConfig("the-admins-name", PASSWORD) });
    for (const value of [
      `postgresql://the-admins-name:${PASSWORD}@db`,
      "postgresql://hunter2@db",
      "user=the-admins-name",
      PASSWORD,
    ]) {
      for (const key of KEYS) {
        const found = (await violationsOf(key, value)).join();
        assert.notEqual(found, "");
        assert.doesNotMatch(found, /the-admins-name|hunter2|k7|Gr/);
      }
    }
  });

  it("looks at a text wherever the provider takes it from", async () => {
    const name = `${ENV}/DATABASE_URL`;
    for (const property of ["value", "insecureValue", "valueWo"]) {
      assert.deepEqual(await violationsOfParameter(OWN, { name, [property]: "postgresql://postgres:pw@db" }), [OTHER]);
    }
    assert.deepEqual(await violationsOfParameter(OWN, { name }), []);
  });

  it("stops what is no text, and skips what is not known", async () => {
    const name = `${ENV}/DATABASE_URL`;
    for (const value of [["postgresql://postgres@db"], { a: 1 }, 7]) {
      assert.deepEqual(await violationsOfParameter(OWN, { name, value }), [NO_TEXT]);
    }
    for (const value of [UNKNOWN, secret(UNKNOWN)])
      assert.deepEqual(await violationsOfParameter(OWN, { name, value }), []);
    assert.deepEqual(await violationsOfParameter(OWN, { name, value: UNKNOWN, insecureValue: "user=x" }), [NO_URL]);
    environment({ PULUMI_CONFIG: pulumiConfig(ADMIN, PASSWORD) });
    assert.deepEqual(await violationsOfParameter(OWN, { name: UNKNOWN, value: PASSWORD }), [HELD]);
  });

  function violationsOf(key: string, value: string): Promise<string[]> {
    const urn = childOfTenant(PARAMETER, `acme-env-${key}`);
    return violationsOfParameter(urn, { name: `${ENV}/${key}`, type: "SecureString", value: secret(value) });
  }

  function violationsOfParameter(urn: string, props: object): Promise<string[]> {
    return messages(parametersHaveTheirKeysForm, urn, props);
  }
});

describe("policy secrets-are-secure-strings", () => {
  it("passes what is encrypted, and the keys that are for all to see", async () => {
    for (const key of KEYS) {
      assert.deepEqual(await violationsOf({ name: `${ENV}/${key}`, type: "SecureString", value: secret("x") }), []);
    }
    for (const key of ["ALLOWED_ORIGINS", "FRONTEND_URL", "ENVIRONMENT", "POOLER"]) {
      assert.deepEqual(await violationsOf({ name: `${ENV}/${key}`, type: "String", insecureValue: "x" }), []);
      assert.deepEqual(await violationsOf({ name: `${ENV}/${key}`, type: "String", value: "x" }), []);
      assert.deepEqual(await violationsOf({ name: `${ENV}/${key}`, type: "StringList", value: "x" }), []);
    }
  });

  it("stops every other key that is not encrypted", async () => {
    for (const key of ["SECRET_KEY", "NEW_KEY", "environment", "ENVIRONMENT2", ""]) {
      for (const type of ["String", "StringList", "securestring"]) {
        assert.deepEqual(await violationsOf({ name: `${ENV}/${key}`, type, value: "x" }), [
          `"${key}" has type "${type}". Make it a SecureString: only ALLOWED_ORIGINS, FRONTEND_URL, ENVIRONMENT, POOLER may be shown.`,
        ]);
      }
    }
    assert.match(
      (await violationsOf({ name: "API_KEY" })).join(),
      /^"API_KEY" has type not set\. Make it a SecureString/,
    );
  });

  it("stops an encrypted one whose value is shown all the same", async () => {
    assert.deepEqual(await violationsOf({ name: "KEY", type: "SecureString", insecureValue: "x" }), [
      "It is a SecureString with an insecureValue, which previews show. Give it as value.",
    ]);
  });

  it("reports what is known, and nothing else", async () => {
    assert.deepEqual(await violationsOf({ name: UNKNOWN, type: "String", value: UNKNOWN }), []);
    assert.equal((await violationsOf({ name: "KEY", type: "String", value: UNKNOWN })).length, 1);
    assert.equal((await violationsOf({ name: UNKNOWN, type: "SecureString", insecureValue: UNKNOWN })).length, 0);
  });

  function violationsOf(props: object): Promise<string[]> {
    return messages(secretsAreSecureStrings, OWN, props);
  }
});

describe("policy parameters-stay-in-their-path", () => {
  inProd();

  it("passes a tenant's parameters in its path, with each of its keys", async () => {
    for (const key of KEYS) assert.deepEqual(await violationsOf(`${ENV}/${key}`), []);
    assert.deepEqual(await violationsOf(UNKNOWN), []);
  });

  it("stops a tenant's parameter anywhere else", async () => {
    for (const name of [
      "/b2b-tenants/prod/acne/env/SECRET_KEY",
      "/b2b-tenants/prod/acme2/env/SECRET_KEY",
      "/b2b-tenants/staging/acme/env/SECRET_KEY",
      ENV,
      `${ENV}/`,
      `${ENV}/secret_key`,
      `${ENV}/A/SECRET_KEY`,
      `${ENV}/../SECRET_KEY`,
      `${ENV}/SECRET_KEY=B\n`,
      "SECRET_KEY",
      "",
      7,
      null,
    ]) {
      await stops(name);
    }
  });

  it("stops a key whose content is not defined", async () => {
    for (const key of ["KEY", "API_KEY", "SOME_URL", "PGUSER", "PGPASSWORD", "DB_USERNAME", "constructor"]) {
      await stops(`${ENV}/${key}`);
    }
  });

  async function stops(name: unknown): Promise<void> {
    const [violation = "", ...more] = await violationsOf(name);
    assert.match(
      violation,
      /^Its name is .*\. Parameters of tenant "acme" are named \/b2b-tenants\/prod\/acme\/env\/KEY, where KEY is one of DATABASE_URL, .*\. Declare a new key in policy\/rules\/parameters\.ts\.$/,
    );
    assert.deepEqual(more, []);
  }

  function violationsOf(name: unknown): Promise<string[]> {
    return messages(parametersStayInTheirPath, OWN, { name });
  }
});
