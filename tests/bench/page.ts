import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { CDPSession } from "playwright-core";
import { jsonText } from "../../domain/json-text";
import { loadCharts } from "../../ops/page/draw-charts";
import { renderPage } from "../../ops/page/render-page";
import { readReport } from "../../ops/report/read-report";
import { withReportSession } from "../../ops/report/report-session";
import type { StackAccess } from "../../ops/stack/stack-access";
import { SETTINGS } from "../components/settings";
import { freshServer } from "../conformance/postgres-server";
import { findChromium, NO_CHROMIUM } from "../page/browser";
import { madeUpFleet } from "../page/made-up-fleet";
import { fastest } from "./commands";

/** What the page of a large fleet costs. */
export interface PageCost {
  readonly bytes: number;
  /** Seconds: to read the report of a real database and write it as JSON; to read it and write the page. */
  readonly json: number;
  readonly page: number;
  /** Milliseconds of scripting in the browser, and until something was painted. */
  readonly firstPaint: number;
  readonly loading: number;
  readonly filtering: number;
  readonly sorting: number;
}

/** Each has so many tables. */
const TABLES = 5;

export async function measurePage(tenants: number): Promise<PageCost> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(NO_CHROMIUM);
  const on = await freshServer(16);
  const folder = mkdtempSync(join(tmpdir(), "page-"));
  try {
    await on.admin.query(`
      do $$ begin
        for i in 1 .. ${tenants} loop
          execute format('create schema schema_t%s', i);
          for j in 1 .. ${TABLES} loop execute format('create table schema_t%s.t%s (id serial primary key, body text)', i, j); end loop;
          commit;
        end loop;
      end $$`);
    const { host, port, database: name, adminUser, adminPassword } = on.server;
    const settings = { ...SETTINGS, database: { host, port, name, adminUser, sslmode: "disable" } };
    const access = { stack: "prod", settings, adminPassword, everyStack: [] } as unknown as StackAccess;
    const charts = await loadCharts();
    const content = madeUpFleet(tenants);
    const read = () => withReportSession(access, (query) => readReport(query, access, () => {}, []));
    const pageOf = async () => renderPage({ ...content, report: await read() }, charts, undefined).text;
    const json = await fastest(async () => jsonText(await read(), 2));
    const page = await fastest(pageOf);
    // Of a fleet that has something to say.
    const { text } = renderPage(content, charts, undefined);
    const file = join(folder, "page.html");
    writeFileSync(file, text);
    return { bytes: Buffer.byteLength(text), json, page, ...(await inBrowser(file, executablePath)) };
  } finally {
    await on.remove();
    rmSync(folder, { recursive: true });
  }
}

async function inBrowser(file: string, executablePath: string) {
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({ executablePath });
  try {
    const page = await browser.newPage();
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    await page.goto(pathToFileURL(file).href);
    const loading = await scripting(session);
    const firstPaint = await page.evaluate(
      () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
    );
    const during = async (work: () => Promise<unknown>) => {
      const before = await scripting(session);
      await work();
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve(undefined))));
      return (await scripting(session)) - before;
    };
    const filtering = await during(() => page.getByRole("searchbox").fill("7"));
    const sorting = await during(() => page.getByRole("button", { name: "Connections" }).click());
    return { firstPaint, loading, filtering, sorting };
  } finally {
    await browser.close();
  }
}

/** Milliseconds that the page's scripts have run so far. */
async function scripting(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return 1000 * (metrics.find(({ name }) => name === "ScriptDuration")?.value ?? 0);
}
