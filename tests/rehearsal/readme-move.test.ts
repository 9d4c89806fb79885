import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, beforeEach, it } from "node:test";
import { create } from "../../components/sql-script-run";
import { connectionString } from "../../domain/connection-string";
import { PROJECT_DIR } from "../../rehearsal/session";
import { session } from "../conformance/postgres-server";
import { createTenant, describeOnEachMajor } from "../conformance/postgres-tenant";

const SLUG = "farmacruz";
const INIT = "sql/tenant_init.sql";

/** The commands of the README's procedure, without the deployments. */
const [DUMP, PROOF, RESTORE] = commandsUnder("#### Move a tenant that lives").filter(
  (text) => !text.includes("npx "),
) as [string, string, string];

/** A row in every table, and in some of them two, so that the sequences are ahead. */
const ROWS = `
  insert into categories (name) values ('gone'), ('pain');
  delete from categories where name = 'gone';
  insert into products (sku, name, category_id) values ('a', 'Aspirin', 2), ('b', 'Bandage', null);
  insert into users (email, password_hash) values ('seller@example.com', 'x');
  insert into salesgroups (name) values ('north');
  insert into groupsellers (salesgroup_id, user_id) values (1, 1);
  insert into groupmarketingmanagers (salesgroup_id, user_id) values (1, 1);
  insert into customers (code, name, salesgroup_id) values ('c1', 'ACME\\n; drop', 1);
  insert into customerinfo (customer_id, email) values (1, 'buyer@example.com');
  insert into pricelists (name) values ('autumn');
  insert into pricelistitems (pricelist_id, product_id, price) values (1, 1, 9.99);
  insert into orders (customer_id, user_id, total) values (1, 1, 12.5);
  insert into orderitems (order_id, product_id, quantity, unit_price) values (1, 1, 1, 12.5);
  insert into cartcache (customer_id, product_id) values (1, 2);
  insert into product_recommendations values (1, 2, 0.5), (2, 1, 0.25);
`;

describeOnEachMajor("the README's procedure that moves a tenant", (on) => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "readme-move-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    await remove();
    await make();
    await asTenant(ROWS);
  });

  /** Where the arguments of PostgreSQL's programs are noted. */
  const calls = () => path.join(folder, "calls");

  function login() {
    const { host, port, database } = on.server;
    return { host, port, database, sslmode: "disable" as const, user: `user_${SLUG}`, password: `${SLUG}-secret` };
  }

  /** A tenant as the program makes it. */
  async function make(): Promise<void> {
    await createTenant(on, SLUG);
    const sha256 = createHash("sha256").update(readFileSync(INIT)).digest("hex");
    await create({ ...login(), tenant: SLUG, schema: `schema_${SLUG}`, file: INIT, sha256, adopt: false });
  }

  async function remove(): Promise<void> {
    const { user, password } = on.server.superuser;
    const superuser = await session(on.server, user, password);
    try {
      const { rows } = await superuser.query("select from pg_roles where rolname = $1", [`user_${SLUG}`]);
      if (rows.length > 0) await superuser.query(`drop owned by user_${SLUG} cascade; drop role user_${SLUG}`);
    } finally {
      await superuser.end();
    }
  }

  async function asTenant(sql: string) {
    const client = await session(on.server, login().user, login().password);
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Every table with all that is in it. */
  async function content(): Promise<unknown> {
    const tables = await asTenant(`select tablename from pg_tables where schemaname = 'schema_${SLUG}' order by 1`);
    const all: Record<string, unknown> = {};
    for (const { tablename } of tables)
      all[tablename] = await asTenant(`select t::text from ${tablename} t order by 1`);
    return all;
  }

  const databases = async () =>
    (await on.admin.query("select datname from pg_database where not datistemplate order by 1")).rows;

  /** Runs commands of the README in this project, with the parameters of both stacks to be had. */
  async function run(...commands: string[]): Promise<{ code: number; output: string }> {
    const aws = `#!/bin/bash
      case "$*" in
        *" --name /b2b-tenants/prod/${SLUG}/env/DATABASE_URL"*) printf '%s\\n' "$TENANT_URL" ;;
        *" --name /b2b-tenants/prod-${SLUG}/${SLUG}/env/DATABASE_URL"*) printf '%s\\n' "$TENANT_URL" ;;
        *) exit 255 ;;
      esac`;
    writeFileSync(path.join(folder, "aws"), aws, { mode: 0o755 });
    for (const [name, program] of Object.entries(on.server.programs)) {
      const noting = `#!/bin/bash\nprintf '%s\\n' "$*" >>"${calls()}"\nexec "${program}" "$@"\n`;
      writeFileSync(path.join(folder, name), noting, { mode: 0o755 });
    }
    const script = commands.join("\n").replaceAll("farmacruz.dump", path.join(folder, "farmacruz.dump"));
    const child = spawn("bash", ["-c", script], {
      cwd: PROJECT_DIR,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: [folder, process.env.PATH].join(path.delimiter),
        TENANT_URL: connectionString(login()),
        PGPASSWORD: on.server.adminPassword,
      },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        output += chunk;
      });
    }
    const [code] = await once(child, "close");
    return { code, output };
  }

  it("brings every row and every sequence along, and leaves nothing of its own behind", async () => {
    const before = [await content(), await databases()];
    const proof = await run(DUMP, PROOF);
    assert.match(proof.output, /^the dump can be restored$/m, proof.output);
    assert.equal(statSync(path.join(folder, "farmacruz.dump")).mode & 0o777, 0o600);
    assert.deepEqual([await content(), await databases()], before);

    await remove();
    await make();
    const restored = await run(RESTORE);
    assert.deepEqual(restored, { code: 0, output: "" });
    assert.deepEqual([await content(), await databases()], before);
    const ids = "insert into categories (name) values ('new') returning id";
    assert.deepEqual(await asTenant(ids), [{ id: 3 }]);
    const noted = readFileSync(calls(), "utf8");
    assert.match(noted, /--data-only/);
    assert.ok(!noted.includes(login().password) && !noted.includes(on.server.adminPassword));
  });

  it("finds out what the new tables would not take before anything is dropped", async () => {
    await asTenant("create table by_hand as select 1 as n");
    const before = [await content(), await databases()];
    const { output } = await run(DUMP, PROOF);
    assert.match(output, /relation "schema_farmacruz\.by_hand" does not exist/);
    assert.doesNotMatch(output, /can be restored/);
    assert.deepEqual([await content(), await databases()], before);
  });

  it("restores all or nothing where somebody has written already", async () => {
    await run(DUMP, PROOF);
    await remove();
    await make();
    await asTenant("insert into products (sku, name) values ('a', 'another')");
    const { code, output } = await run(RESTORE);
    assert.notEqual(code, 0, output);
    assert.deepEqual(await asTenant("select name from categories"), []);
  });
});

/** The shell commands below a heading of the README, block by block. */
function commandsUnder(heading: string): string[] {
  const readme = readFileSync(path.join(PROJECT_DIR, "README.md"), "utf8");
  const [, section = ""] = readme.split(`\n${heading}\n`);
  const [text = ""] = section.split(/^#{2,4} /m);
  return [...text.matchAll(/^( *)```sh\n([\s\S]*?)^ *```$/gm)].map(([, indent = "", block = ""]) =>
    block.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  );
}
