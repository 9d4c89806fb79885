import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BackupManifest, parseManifest } from "../../database/backup/backup-manifest";
import { differences } from "../../database/backup/contents/differences";
import { readContents, type SchemaContents } from "../../database/backup/contents/schema-contents";
import { withConnection } from "../../database/connection";
import { schemaName } from "../../domain/names";
import { quickReference } from "../../domain/quick-reference";
import { restore } from "../../ops/restore/restore";
import { verificationText } from "../../ops/verify/show-verification";
import { boot } from "../session/boot";
import type { Session } from "../session/session";
import { stackAccess } from "../session/stack-access";
import { tenantLogin } from "../session/tenant-login";
import { leftOf } from "./left-of";
import { ownSchemaProblems } from "./own-schema";
import { provedApart } from "./proved-apart";
import { rotated } from "./rotated";
import { expect, summary, type Telling } from "./telling";

/** The tenant that comes and goes, and the one that its data come back as. */
const NEWCOMER = "story_newcomer";
const RETURNED = "story_returned";

/** What a shop's first day leaves in its tables. */
const FIRST_DAY = `
  insert into categories (name) values ('Analgesics'), ('Vitamins');
  insert into products (sku, name, price, category_id)
    select 'SKU-' || i, 'Product ' || i, i * 9.5, 1 + i % 2 from generate_series(1, 40) i;
  insert into customers (code, name) select 'C' || i, 'Farmacia Nº ' || i from generate_series(1, 10) i;
  insert into orders (customer_id, status, total, notes)
    select 1 + i % 10, 'confirmed', i * 100, 'door ''B'', ' || i || E'\\n2nd floor' from generate_series(1, 60) i;
  insert into orderitems (order_id, product_id, quantity, unit_price)
    select 1 + i % 60, 1 + i % 40, i, 9.5 from generate_series(1, 180) i`;

/**
 * One more tenant comes, works for a day, has its password rotated, and is removed: its backup is restored as another tenant, row for row the same. That
 * one goes too. Nobody else is touched.
 *
 * @param folder Of the tenant files.
 */
export async function newcomer(telling: Telling, folder: string): Promise<void> {
  const file = (slug: string) => join(folder, `${slug}.yaml`);
  await writeFile(file(NEWCOMER), "frontendUrl: https://newcomer.example.com\n");
  const had = await telling.inSession(async (session) => {
    await onboard(telling, session);
    return work(telling, session);
  });
  await telling.inSession((session) => rotated(telling, session, NEWCOMER, file(NEWCOMER)));
  await rename(file(NEWCOMER), file(RETURNED));
  await telling.inSession(async (session) => {
    const manifest = await removed(telling, session);
    await restored(telling, session, manifest, had);
  });
  await rm(file(RETURNED));
  await telling.inSession(async (session) => {
    const { steps, tenants } = await telling.upOf(session, [RETURNED]);
    await gone(session, RETURNED);
    telling.held(`that file removed: ${RETURNED} is gone (${summary(steps)}), nobody else was touched`);
    telling.output.print(quickReference(tenants, "text"));
    telling.output.print(verificationText(await provedApart(telling, session)));
  });
}

async function onboard(telling: Telling, session: Session): Promise<void> {
  const { steps } = await telling.upOf(session, [NEWCOMER]);
  const { env } = await boot(session, NEWCOMER);
  const problems = await ownSchemaProblems(NEWCOMER, env);
  expect(problems.length === 0, `${NEWCOMER} is not as it should be`, problems);
  telling.held(`one more YAML file: ${NEWCOMER} is live (${summary(steps)}), nobody else was touched`);
  const { tenants } = await provedApart(telling, session);
  telling.held(`each of the ${tenants.length} tenants has tried to get at every other, and was refused`);
}

/** @returns What the newcomer has then. */
async function work(telling: Telling, session: Session): Promise<SchemaContents> {
  const contents = await withConnection(await loginOf(session, NEWCOMER), async (client) => {
    await client.query(`set search_path to ${client.escapeIdentifier(schemaName(NEWCOMER))}; ${FIRST_DAY}`);
    return readContents(client, schemaName(NEWCOMER));
  });
  telling.held(`${NEWCOMER} fills its tables: ${counts(contents)}`);
  return contents;
}

async function removed(telling: Telling, session: Session): Promise<BackupManifest> {
  const { steps } = await telling.upOf(session, [NEWCOMER, RETURNED]);
  await gone(session, NEWCOMER);
  telling.held(
    `the file renamed: ${NEWCOMER} is gone, ${RETURNED} is live (${summary(steps)}), nobody else was touched`,
  );
  const manifest = await newestManifest(session);
  const place = join(session.home.backups, manifest.archive.file);
  telling.held(`its backup was restored and compared before anything was dropped: ${place}`);
  telling.held(`its manifest counts ${manifest.tables.length} tables: ${counts(manifest)}`);
  return manifest;
}

/** The newcomer's backup, in the place of what the other tenant has. */
async function restored(
  telling: Telling,
  session: Session,
  { archive }: BackupManifest,
  had: SchemaContents,
): Promise<void> {
  telling.output.report("… restore");
  const said: string[] = [];
  const output = { print: (text: string) => void said.push(text), report: () => {} };
  const options = { tenant: NEWCOMER, from: archive.file, into: RETURNED, neighbours: true, json: false };
  const status = await restore(stackAccess(session), output, options);
  expect(status === 0, "the backup is not restored as it should be", said.join("\n").split("\n"));
  const has = await withConnection(await loginOf(session, RETURNED), (client) =>
    readContents(client, schemaName(RETURNED)),
  );
  const differing = [...new Set([...differences(had, has), ...differences(has, had)])];
  expect(differing.length === 0, `${RETURNED} does not have what ${NEWCOMER} had`, differing);
  telling.held(`restored as ${RETURNED}: ${counts(has)}, all as they were, checksums too; nobody else has changed`);
}

async function gone(session: Session, slug: string): Promise<void> {
  const left = await leftOf(session, slug);
  expect(left.length === 0, `${slug} is not gone`, left);
}

async function newestManifest({ home }: Session): Promise<BackupManifest> {
  const names = (await readdir(home.backups)).filter((name) =>
    /^backup_story_newcomer_\w+\.manifest\.json$/.test(name),
  );
  const place = join(home.backups, names.sort().at(-1) ?? "");
  return parseManifest(await readFile(place, "utf8"), place);
}

async function loginOf(session: Session, slug: string) {
  const { host, port, database } = session.postgres;
  return { ...(await tenantLogin(session, slug)), host, port, database, sslmode: "disable" as const };
}

/** For example `2 categories, 10 customers`. */
function counts({ tables }: SchemaContents): string {
  return tables
    .filter(({ rows }) => rows > 0)
    .map(({ name, rows }) => `${rows} ${name}`)
    .join(", ");
}
