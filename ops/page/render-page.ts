import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Language } from "../texts";
import type { Charts } from "./charts";
import { tenantViews } from "./conditions";
import { type PageContent, proofOf } from "./content";
import { pageDataJson } from "./embedded-data";
import { dataScript, html, Markup, scriptJson } from "./markup";
import { sayIn, TEXTS } from "./say";
import { attentionSection } from "./sections/attention";
import { connectionsSection, growthSection, sizesSection } from "./sections/consumption";
import { isolationSection } from "./sections/isolation";
import { backupsSection, madeFromSection, unknownsSection } from "./sections/sources";
import { tenantsSection } from "./sections/tenants";

export interface Page {
  readonly text: string;
  /** SHA-256 of the data that are embedded in it. */
  readonly digest: string;
}

/**
 * The page as one file that asks nobody for anything: its policy lets run the one script, and takes the one style, that are in it.
 *
 * @param language Undefined: the browser's.
 */
export function renderPage(content: PageContent, charts: Charts, language: Language | undefined): Page {
  const say = sayIn(language);
  const { report, before, madeFrom } = content;
  const tenants = report === undefined ? [] : tenantViews(report, proofOf(content));
  const data = pageDataJson(content);
  const digest = createHash("sha256").update(data).digest("hex");
  const [style, script] = [inlined("page.css"), inlined("page.js")];
  const title = report === undefined ? "titleProof" : "title";
  const sections = [
    attentionSection(content, tenants, say),
    isolationSection(content, say),
    report === undefined ? html`` : tenantsSection(tenants, say),
    sizesSection(tenants, charts, say),
    connectionsSection(content, tenants, charts, say),
    growthSection(before, tenants, charts, say),
    backupsSection(content, say),
    unknownsSection(content, tenants, say),
    madeFromSection(content, digest, say),
  ];
  const policy = `default-src 'none'; script-src ${script.hash}; style-src ${style.hash}; img-src data:; base-uri 'none'; form-action 'none'`;
  const heading = say(title, { stack: madeFrom.stack });
  const page = html`<!doctype html>
<html lang="${language ?? "en"}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">
<title>${plain(heading)} · ${madeFrom.takenAt}</title>
<style>${style.text}</style></head><body>
<a class="skip" href="#attention">${say("skip")}</a>
<header><h1>${heading}</h1><p>${say("asOf")} <time datetime="${madeFrom.takenAt}">${madeFrom.takenAt}</time></p>
${language === undefined ? languageButtons() : undefined}</header>
<main>
${sections}
</main>
${dataScript("data", data)}
${language === undefined ? dataScript("words", scriptJson(TEXTS)) : undefined}
<script>${script.text}</script>
</body></html>
`;
  return { text: page.text, digest };
}

function languageButtons(): Markup {
  return html`<div class="languages" hidden><button type="button" lang="en" data-language="en" aria-pressed="true">English</button>
<button type="button" lang="es" data-language="es" aria-pressed="false">Español</button></div>`;
}

/** A file of the page's own, as it stands in it, and the hash by which the policy knows it. */
function inlined(name: string): { readonly text: Markup; readonly hash: string } {
  const text = readFileSync(join(__dirname, "browser", name), "utf8");
  return { text: new Markup(text), hash: `'sha256-${createHash("sha256").update(text).digest("base64")}'` };
}

/** A title holds no elements. */
export function plain({ text }: Markup): Markup {
  return new Markup(text.replace(/<[^>]*>/g, ""));
}
