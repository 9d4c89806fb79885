import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { loadCharts } from "../../ops/page/draw-charts";
import { renderPage } from "../../ops/page/render-page";
import { findChromium, NO_CHROMIUM } from "./browser";
import { HOSTILE, madeUpFleet } from "./made-up-fleet";

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** A4 across, less its margins, at 96 pixels an inch. */
const SHEET = { width: 1032, height: 703 };

/** What axe says of one of its rules. */
interface Rule {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

const executablePath = findChromium();

describe("the page in a browser", { skip: executablePath === undefined && NO_CHROMIUM }, () => {
  const folder = mkdtempSync(join(tmpdir(), "page-"));
  const fileOf = (count: number) => join(folder, `${count}.html`);
  let browser: Browser;

  before(async () => {
    const charts = await loadCharts();
    for (const count of [3, 100, 1000]) {
      const content = madeUpFleet(count);
      const before = madeUpFleet(2).report?.tenants.map(({ slug }) => ({
        slug,
        tables: 0,
        indexes: 0,
        toast: 0,
        total: 0,
        rows: 0,
      }));
      const { stack, takenAt, database, host, port } = content.madeFrom;
      const earlier = {
        format: 1 as const,
        stack,
        takenAt,
        commit: null,
        database,
        host,
        port,
        tenants: before ?? [],
        proof: null,
      };
      writeFileSync(fileOf(count), renderPage({ ...content, before: earlier }, charts, undefined).text);
    }
    const { chromium } = await import("playwright-core");
    browser = await chromium.launch({ executablePath });
  });
  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  /** Opens the page of so many tenants, and holds that it neither fails nor asks anybody for anything. */
  async function opened<Result>(
    count: number,
    work: (page: Page) => Promise<Result>,
    options: BrowserContextOptions = {},
  ) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const [asked, failed]: [string[], string[]] = [[], []];
    page.on("request", (request) => void asked.push(request.url()));
    page.on("pageerror", (error) => void failed.push(String(error)));
    page.on("console", (message) => void failed.push(message.text()));
    const url = pathToFileURL(fileOf(count)).href;
    await page.goto(url);
    const result = await work(page);
    await context.close();
    assert.deepEqual({ asked: asked.map((one) => one.replace(/#.*/, "")), failed }, { asked: [url], failed: [] });
    return result;
  }

  const visible = (page: Page) =>
    page
      .locator("#fleet tbody tr:visible th")
      .evaluateAll((heads) => heads.map(({ textContent }) => textContent ?? ""));

  for (const count of [3, 100, 1000]) {
    it(`of ${count} tenants is searched, filtered and sorted`, () =>
      opened(count, async (page) => {
        assert.deepEqual(
          [(await visible(page)).length, await page.title()],
          [count, "Fleet of prod · 2026-11-24T14:03:14.076Z"],
        );
        await page.getByRole("searchbox", { name: "Search" }).fill("NT_0001");
        assert.deepEqual(await visible(page), ["tenant_0001"]);
        await page.getByRole("searchbox").fill("");
        await page.getByRole("combobox", { name: "Show" }).selectOption({ label: "near its limit" });
        assert.deepEqual(
          [await visible(page), await page.locator("output").innerText()],
          [["tenant_0001"], "Shown: 1"],
        );
        await page.getByRole("combobox").selectOption({ label: "all" });
        await page.getByRole("button", { name: "Connections" }).press("Enter");
        assert.equal((await visible(page))[0], "tenant_0001");
        await page.getByRole("button", { name: "Tenant", exact: true }).click();
        assert.equal((await visible(page))[0], "tenant_0000");
        await page.getByRole("button", { name: "Tenant", exact: true }).click();
        assert.match((await visible(page))[0] ?? "", /^x"><img/);
        assert.equal(await page.locator("#fleet [aria-sort=descending]").innerText(), "Tenant");
      }));
  }

  it("shows a hostile name as text, and a leak's remedy behind one click in the matrix", () =>
    opened(3, async (page) => {
      const shown = HOSTILE.replace("\u202e", "\\u{202e}");
      assert.deepEqual(
        [await page.locator("#fleet").getByRole("row", { name: shown }).count(), await page.locator("img").count()],
        [1, 0],
      );
      const remedy = page.locator("details code", { hasText: "revoke usage on schema schema_tenant_0000 from public" });
      assert.equal(await remedy.isVisible(), false);
      await page.locator(".matrix").getByRole("link", { name: "gets through in 1 way" }).first().click();
      assert.equal(await remedy.isVisible(), true);
    }));

  it("is Spanish where the browser wants that, and English again at a press", () =>
    opened(
      3,
      async (page) => {
        const heading = page.getByRole("heading", { level: 1 });
        assert.deepEqual(
          [await heading.innerText(), await page.locator("html").getAttribute("lang")],
          ["Flota de prod", "es"],
        );
        assert.equal(await page.getByRole("option", { name: "cerca de su límite" }).count(), 1);
        const hint = "no se intentó nada como tenant_0000: su sesión dejó de responder";
        assert.equal(await page.locator("details").getByText(hint).count(), 2);
        await page.getByRole("button", { name: "English" }).press("Enter");
        assert.deepEqual(
          [await heading.innerText(), await page.locator("html").getAttribute("lang")],
          ["Fleet of prod", "en"],
        );
      },
      { locale: "es-MX" },
    ));

  for (const colorScheme of ["light", "dark"] as const) {
    it(`has no fault that axe knows of, ${colorScheme}`, () =>
      opened(
        100,
        async (page) => {
          await page.locator("details").evaluateAll((all) => {
            for (const details of all as HTMLDetailsElement[]) details.open = true;
          });
          await page.evaluate(AXE);
          const found = (await page.evaluate("axe.run()")) as Record<"passes" | "violations", readonly Rule[]>;
          assert.ok(found.passes.some(({ id }) => id === "color-contrast"));
          assert.deepEqual(
            found.violations.map(({ id, nodes: [node] }) => [id, node?.html, node?.failureSummary]),
            [],
          );
        },
        { colorScheme },
      ));
  }

  it("prints every table whole, and what is behind a click too", () =>
    opened(
      100,
      async (page) => {
        await page.emulateMedia({ media: "print" });
        await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
        assert.equal(await page.locator("details:not([open])").count(), 0);
        const wider = await page.locator("table, svg, pre").evaluateAll((all) =>
          all.flatMap((element) => {
            const { right } = element.getBoundingClientRect();
            return right > document.documentElement.clientWidth || element.scrollWidth > element.clientWidth + 1
              ? [`${element.tagName} ${element.id} ${right}`]
              : [];
          }),
        );
        assert.deepEqual(wider, []);
        await page.evaluate(() => dispatchEvent(new Event("afterprint")));
        assert.ok((await page.locator("details:not([open])").count()) > 0);
      },
      { viewport: SHEET },
    ));
});
