import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Client } from "pg";
import { readLogins } from "../../ops/stack/tenant-environment";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { stackAccess } from "../../rehearsal/session/stack-access";
import { hostedCommand } from "../rehearsal/command-host";
import { ScratchRehearsal } from "../rehearsal/scratch-rehearsal";
import { findChromium, NO_CHROMIUM } from "./browser";
import { commentPage } from "./comment-page";

// Makes the pictures of README and docs/, see "npm run pictures": the page of a rehearsal in which one tenant is open to another, one is
// large, one is at its limit, one is behind in its migrations, and one is declared by nobody; and the comment on a pull request.

const FOLDER = join(PROJECT_DIR, "docs", "pictures");

const SLUGS = ["acme", "botica", "distribuidora_mx", "farmacon", "farmacruz"];

/** Rows of each tenant. */
const PRODUCTS: Readonly<Record<string, number>> = {
  farmacruz: 90_000,
  distribuidora_mx: 40_000,
  acme: 12_000,
  botica: 3000,
};

const ONE_NAME = "create unique index if not exists products_one_name on products (name);\n";

async function main(): Promise<void> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(NO_CHROMIUM);
  const migrations = mkdtempSync(join(tmpdir(), "migrations-"));
  const files = SLUGS.map((slug) => [slug, `frontendUrl: https://${slug.replace("_", "-")}.example.com\n`]);
  const rehearsal = new ScratchRehearsal(Object.fromEntries(files), ["--migrations", migrations]);
  const open: Client[] = [];
  try {
    console.error("a rehearsal is brought to life ...");
    const { failures } = await rehearsal.up();
    if (failures.length > 0) throw new Error(`the rehearsal failed: ${failures[0]}`);
    await seed(rehearsal);
    // It fails for the one tenant that has two products of one name.
    writeFileSync(join(migrations, "0001_one_name.sql"), ONE_NAME);
    await rehearsal.up();
    open.push(...(await sessionsOf(rehearsal, "acme", 8)));
    const places = ["--home", rehearsal.home.path, "--tenants", rehearsal.tenants, "--migrations", migrations];
    const page = join(rehearsal.folder, "page.html");
    const { status, stderr } = await hostedCommand("report", "--html", page, "--lang", "en", ...places);
    if (status !== 0) throw new Error(`report ended with status ${status}: ${stderr}`);
    const comment = join(rehearsal.folder, "comment.html");
    writeFileSync(comment, await commentPage(await commentOf(rehearsal)));
    await photograph(executablePath, { page, comment });
  } finally {
    await Promise.all(open.map((client) => client.end()));
    await rehearsal.remove();
    rmSync(migrations, { recursive: true });
  }
}

/** Of a pull request that onboards one tenant, changes another and removes a third. */
async function commentOf(rehearsal: ScratchRehearsal): Promise<string> {
  rehearsal.declare("salud_norte");
  rehearsal.declare("farmacon", "frontendUrl: https://www.farmacon.example.com\n");
  rehearsal.withdraw("botica");
  const preview = join(rehearsal.folder, "preview.json");
  writeFileSync(preview, (await rehearsal.command(["preview", "--json"])).stdout);
  const { status, stdout, stderr } = await hostedCommand("preview-comment", `prod=${preview}`);
  if (status !== 0) throw new Error(`preview-comment ended with status ${status}: ${stderr}`);
  return stdout.replaceAll(rehearsal.home.path, ".rehearsal");
}

async function seed(rehearsal: ScratchRehearsal): Promise<void> {
  const { superuser } = rehearsal.session.postgres;
  for (const [slug, count] of Object.entries(PRODUCTS)) {
    await rehearsal.sql(
      `insert into schema_${slug}.products (sku, name, description)
       select 'S' || i, 'Product ' || ${slug === "botica" ? "i / 2" : "i"}, repeat('x', 60) from generate_series(1, ${count}) i`,
      [],
      superuser,
    );
  }
  await rehearsal.sql(
    `grant usage on schema schema_farmacruz to user_farmacon;
     grant select on schema_farmacruz.products to user_farmacon;
     create schema schema_prueba`,
    [],
    superuser,
  );
}

/** Opens so many sessions of a tenant, as its server does. */
async function sessionsOf(rehearsal: ScratchRehearsal, slug: string, count: number): Promise<Client[]> {
  const login = (await readLogins(stackAccess(rehearsal.session), [slug])).get(slug);
  if (login === undefined || "problem" in login) throw new Error(`${slug} cannot log in`);
  const { host, port, database } = rehearsal.session.postgres;
  const clients = Array.from({ length: count }, () => new Client({ ...login, host, port, database }));
  await Promise.all(clients.map((client) => client.connect()));
  return clients;
}

/** A picture of each page, by its name: of the comment all of it, of the others what a window shows. */
async function photograph(executablePath: string, pages: Readonly<Record<string, string>>): Promise<void> {
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({ executablePath });
  mkdirSync(FOLDER, { recursive: true });
  try {
    for (const [name, file] of Object.entries(pages)) {
      const page = await browser.newPage({ viewport: { width: name === "comment" ? 980 : 1180, height: 1240 } });
      await page.goto(pathToFileURL(file).href);
      const path = join(FOLDER, `${name}.png`);
      if (name === "comment") await page.locator("article").screenshot({ path });
      else await page.screenshot({ path });
      console.error(`wrote ${path}`);
    }
  } finally {
    await browser.close();
  }
}

main().then(
  // The process that ran the command would keep this one.
  () => process.exit(),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
