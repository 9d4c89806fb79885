import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { MESSAGES, message } from "../../ops/message";
import { readBackups } from "../../ops/page/backups";
import type { PageContent } from "../../ops/page/content";
import { loadCharts } from "../../ops/page/draw-charts";
import { html } from "../../ops/page/markup";
import { parsePageData } from "../../ops/page/page-data";
import { readPageData, writePageFile } from "../../ops/page/page-file";
import { renderPage } from "../../ops/page/render-page";
import { TEXTS } from "../../ops/page/say";
import { WORDS } from "../../ops/page/words";
import type { StackAccess } from "../../ops/stack/stack-access";
import { LANGUAGES, type Language } from "../../ops/texts";
import { assertWritable } from "../../ops/typed-path";
import { isolationGrid } from "../../ops/verify/isolation-grid";
import type { Verification } from "../../ops/verify/verification";
import { HOSTILE, madeUpFleet } from "../page/made-up-fleet";

const CHART = html`<svg></svg>`;
const CHARTS = { sizes: () => CHART, gauge: () => CHART, limits: () => CHART, changes: () => CHART };

describe("the page of a fleet", () => {
  const pageOf = (content: PageContent, language?: Language) => renderPage(content, CHARTS, language);

  const sectionsOf = (text: string): readonly string[] => text.match(/(?<=<section id=")[^"]*/g) ?? [];
  const count = (text: string, what: RegExp) => text.match(what)?.length ?? 0;
  /** What a section says, each element's text apart. */
  const section = (text: string, id: string) => {
    const [, markup = ""] = new RegExp(`<section id="${id}">(.*?)</section>`, "s").exec(text) ?? [];
    return decoded(markup.replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ");
  };
  const decoded = (text: string) =>
    text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");

  it("says at a glance who leaks to whom and what to run, who is largest, near its limit and behind", () => {
    const said = section(pageOf(madeUpFleet(4)).text, "attention");
    for (const part of [
      /2 leaks everybody reaches tenant_0000 , in 1 way schema schema_tenant_0000 To close it, run this as user_tenant_0000: revoke usage on schema schema_tenant_0000 from public cascade;/,
      /x"><img.* , in 1 way table schema_x\."x"><img.* No statement closes table schema_x\."x"><img/,
      /Largest tenant x"><img.* 5\.4 MB, 40 % of all tenants together Near/,
      /Near the connection limit tenant_0001 : 9 of 10 connections Near is 80 % of its limit or above\. The whole server: 12 of 80, its own limit \(max_connections\)/,
      /Behind in migrations tenant_0002 : 2 migrations behind To apply them: npx pulumi up/,
      /Declared by no file x"><img.* not managed from here: add its file with adopt: true; to be rid of it, remove that file/,
      /Warnings \(1\) No file declares tenant/,
    ]) {
      assert.match(said, part);
    }
  });

  it("names each pair once at a glance, with what is reached, and one block of statements for each role that has to run some", () => {
    const content = madeUpFleet(3);
    const proof = content.proof as Verification;
    const [open] = proof.leaks;
    assert.ok(open);
    const leak = (object: string, ...closes: readonly (readonly [as: string, statement: string])[]) => ({
      ...open,
      object,
      closes: closes.map(([as, statement]) => ({ as, statement })),
    });
    const leaks = [
      leak("table a", ["owner", "revoke a"]),
      leak("table b", ["admin", "grant b"], ["owner", "drop b"], ["admin", "revoke b"]),
      leak("table c", ["owner", "revoke c"]),
      leak("column c", ["owner", "revoke c"]),
      leak("table d"),
    ];
    const more = Array.from({ length: 9 }, (_, index) => leak(`table e${index}`, ["owner", "revoke c"]));
    const said = (found: typeof leaks) =>
      section(pageOf({ ...content, proof: { ...proof, leaks: found } }, "en").text, "attention");
    assert.match(
      said(leaks),
      new RegExp(
        "5 leaks everybody reaches tenant_0000 , in 5 ways table a table b table c column c table d " +
          "To close them, run all of this as owner: revoke a; revoke c; Then run this as admin: grant b; " +
          "Then run this as owner: drop b; Then run this as admin: revoke b; No statement closes table d\\. All leaks",
      ),
    );
    assert.match(said([...leaks, ...more]), /in 14 ways .* and 4 more, closed below All leaks/);
  });

  it("sets apart in the matrix what is no tenant, and says who was not tried since no file declares it", () => {
    const content = madeUpFleet(3);
    const proof = content.proof as Verification;
    const { text } = pageOf(content);
    assert.match(
      section(text, "isolation"),
      /Who reaches whom tries on which tenant on what all share .* Nothing was tried as x"><img.*: declared by no file\. .* Other findings, not counted as leaks \(1\)/,
    );
    assert.match(text, /colspan="3" class="group">.*colspan="2" class="group apart">/);
    // A heading and a cell for each of the two who try.
    assert.equal(count(text, /<t[hd] (?:scope="col" )?class="(?:wall|refused) apart">/g), 3);
    const victims = proof.victims.filter(({ slug }) => slug !== HOSTILE);
    const without = { ...content, proof: { ...proof, victims, leaks: [] } };
    assert.match(
      section(pageOf(without).text, "isolation"),
      /Nothing was tried as x"><img.*, nor on it: declared by no file, and without a role or a schema\./,
    );
  });

  it("has its warnings open while they are few, and says as of when it is", () => {
    const content = madeUpFleet(3);
    const { report } = content;
    assert.ok(report);
    const [warning] = report.warnings;
    assert.ok(warning);
    const pageWith = (n: number) =>
      pageOf({ ...content, report: { ...report, warnings: Array(n).fill(warning) } }, "en").text;
    assert.match(pageWith(5), /<p>as of <time .*<details open><summary>Warnings \(5\)/s);
    assert.match(pageWith(6), /<details><summary>Warnings \(6\)/);
  });

  it("lets a name be nothing but text", () => {
    const { text } = pageOf(madeUpFleet(3));
    assert.doesNotMatch(text, /<img|<b>|[\u202a-\u202e]/);
    assert.deepEqual([count(text, /<script/g), count(text, /<\/script/g)], [3, 3]);
    assert.match(
      text,
      /<th scope="row">x&quot;&gt;&lt;img src=x onerror=alert\(1\)&gt;&lt;\/script&gt;&lt;b&gt;\\u\{202e\}<\/th>/,
    );
    assert.equal(html`<p title="${'"<&>'}">${"<i>"}</p>`.text, '<p title="&quot;&lt;&amp;&gt;">&lt;i&gt;</p>');
  });

  it("keeps a hostile name one that the page's script can put into the other language", () => {
    const { text } = pageOf(madeUpFleet(3));
    const all = [...text.matchAll(/data-values="([^"]*)"/g)].map(([, values = ""]) => JSON.parse(decoded(values)));
    const shown = HOSTILE.replace("\u202e", "\\u{202e}");
    assert.ok(all.some(({ tenant }) => tenant === shown));
    assert.ok(all.some(({ why }) => why?.word === "fellSilent"));
  });

  it("lets its own script run and takes its own style, and nothing else", () => {
    const { text } = pageOf(madeUpFleet(3));
    const [, policy = ""] = /Content-Security-Policy" content="([^"]*)"/.exec(text) ?? [];
    const hash = (tag: string) =>
      createHash("sha256")
        .update(new RegExp(`<${tag}>(.*?)</${tag}>`, "s").exec(text)?.[1] ?? "")
        .digest("base64");
    assert.equal(
      policy,
      `default-src 'none'; script-src 'sha256-${hash("script")}'; style-src 'sha256-${hash("style")}'; img-src data:; ` +
        "base-uri 'none'; form-action 'none'",
    );
    assert.doesNotMatch(text, /<[^>]*\s(?:style|on\w+)="/);
  });

  it("is of one language where that is wanted, and otherwise holds both", () => {
    const [either, spanish] = [pageOf(madeUpFleet(3)).text, pageOf(madeUpFleet(3), "es").text];
    assert.match(
      either,
      /<html lang="en">.*<h1><span data-word="title" data-values="[^"]*">Fleet of prod<\/span><\/h1>.*id="words"/s,
    );
    assert.match(spanish, /<html lang="es">.*<h1>Flota de prod<\/h1>/s);
    const [body = ""] = /<body>.*(?=<script>)/s.exec(spanish) ?? [];
    for (const said of [
      /De un vistazo/,
      /cualquiera<\/strong> llega a <strong>tenant_0000/,
      /no se intentó nada como tenant_0000: su sesión dejó de responder/,
      /pueden conectarse a la base x&quot;/,
      /Ningún archivo declara al cliente x&quot;/,
    ]) {
      assert.match(body, said);
    }
    assert.doesNotMatch(body, /data-word|data-label|id="words"|At a glance|nothing was tried|may connect|No file/);
  });

  it("says what was told of a finding in English as text and as JSON, in Spanish where that is wanted, with messages among its values", () => {
    const told = message("notCarriedOut", { why: message("roleSettings", { words: "SQL says no" }) });
    const english =
      "its attempts were not carried out, so nothing is proved of it: SQL says no; look at what is set for its role (pg_db_role_setting)";
    assert.deepEqual([`${told}`, JSON.stringify({ told })], [english, JSON.stringify({ told: english })]);
    assert.match(told.in("es"), /no se probó nada de él: SQL says no; mire qué ajustes tiene su rol/);
    assert.equal(Object.keys(TEXTS).length, Object.keys(MESSAGES).length + Object.keys(WORDS).length);
  });

  it("has every text in each language, with the same values and as many forms", () => {
    for (const [word, texts] of Object.entries(TEXTS)) {
      assert.equal(texts.length, LANGUAGES.length);
      const [english, spanish] = texts.map(
        (text) => new Set(text.split("|").flatMap((form) => form.match(/\{\w+\}/g) ?? [])),
      );
      assert.deepEqual(spanish, english, word);
    }
  });

  it("has charts in which a name is text too, and that bring no style of their own", async () => {
    const { sizes, gauge, limits, changes } = await loadCharts();
    const bar = { name: HOSTILE, used: 3, limit: 10, bytes: -2048, parts: [{ kind: "toast", bytes: 5000 }] } as const;
    const drawn = [sizes([bar]), gauge(3, 10, [{ at: 8, kind: "alarm" }]), limits([bar]), changes([bar])];
    for (const { text } of drawn) assert.doesNotMatch(text, /<img|<b>|<style|style=|[\u202a-\u202e]/);
    const [size, whole, limit, change] = drawn.map(({ text }) => text);
    assert.match(size ?? "", />x"&gt;&lt;img src=x onerror=ale…<.*fill="var\(--toast\)".*>4\.9 kB</s);
    assert.match(whole ?? "", /stroke="var\(--alarm\)"/);
    assert.match(limit ?? "", />3 \/ 10</);
    assert.match(change ?? "", /fill="var\(--less\)".*>−2\.0 kB</s);
  });

  it("of a thousand tenants has all of them, their proof as far as it says something, and at most 3 MB", () => {
    const content = madeUpFleet(1000);
    const { text } = pageOf(content);
    assert.ok(text.length <= 3_000_000, `${text.length} characters`);
    assert.equal(count(text, /<tr data-has=/g), 1000);
    assert.match(section(text, "isolation"), /2 of 1000 rows, 2 of 1002 columns/);
    assert.match(section(text, "sizes"), /All together: \d+ GB\. The 25 largest; the other 975 take \d+ GB in all/);
    assert.match(section(text, "connections"), /The 25 nearest to their limits, of 999/);
  });

  it("of more than a thousand leaks has a thousand, and of many notes some; the rest is counted", () => {
    const content = madeUpFleet(3);
    const {
      leaks: [leak],
      notes: [note],
      ...proof
    } = content.proof as Verification;
    assert.ok(leak && note);
    const leaks = Array.from({ length: 1200 }, (_, index) => ({
      ...leak,
      object: `table t${index}`,
      victim: `v${index}`,
    }));
    const { text } = pageOf({ ...content, proof: { ...proof, leaks, notes: Array(250).fill(note) } });
    assert.equal(count(text, /<p>Shown by:|<p><span data-word="shownBy"/g), 1000);
    assert.match(
      section(text, "isolation"),
      /and 200 more leaks: verify --json has them all .* \(250\) .* and 50 more $/,
    );
  });

  it("lists backups by the names of their manifests, and opens none", async () => {
    const folder = mkdtempSync(join(tmpdir(), "backups-"));
    try {
      const names = ["acme_20261120T080000Z", "bolt_20261121T080000Z"].map((name) => join(folder, `backup_${name}`));
      for (const name of names) mkdirSync(`${name}.manifest.json`);
      writeFileSync(join(folder, "backup_unproved_20261122T080000Z.dump"), "");
      const settings = { backups: { destination: folder } } as StackAccess["settings"];
      const { all, newest } = await readBackups({ settings, aws: {} as StackAccess["aws"] });
      assert.deepEqual(
        [all, newest.map(({ slug, takenAt }) => `${slug} ${takenAt}`)],
        [2, ["bolt 2026-11-21T08:00:00Z", "acme 2026-11-20T08:00:00Z"]],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("of a large fleet shows those who were not tried too, and no more than fit a sheet", () => {
    const proof = madeUpFleet(100).proof as Verification;
    const tenants = proof.tenants.map((tenant) => ({ ...tenant, complete: false }));
    const grid = isolationGrid({ ...proof, tenants });
    assert.deepEqual([grid.rows.length, grid.allRows, grid.allWalls], [40, 100, 102]);
    const clean = isolationGrid({ ...proof, leaks: [] });
    assert.deepEqual([clean.rows.length, clean.allRows], [0, 99]);
    const whole = (count: number) => isolationGrid(madeUpFleet(count).proof as Verification);
    assert.deepEqual(
      [whole(38), whole(39)].map(({ rows, walls }) => [rows.length, walls.length]),
      [
        [37, 40],
        [2, 2],
      ],
    );
  });

  it("says what could not be found out, and why", () => {
    const content = madeUpFleet(3);
    const tenants = content.report?.tenants.map((tenant) => ({
      ...tenant,
      size: null,
      unmeasured: "locked meanwhile",
    }));
    const report = content.report && { ...content.report, tenants: tenants ?? [] };
    const unknown: PageContent = {
      ...content,
      report,
      proof: { unavailable: "no way to SSM" },
      backups: { unavailable: "S3 answers 403" },
      madeFrom: { ...content.madeFrom, commit: undefined },
    };
    const { text } = pageOf(unknown);
    const said = section(text, "unknowns");
    for (const part of [
      /isolated: no way to SSM/,
      /Size of tenant_0000: locked meanwhile/,
      /Backups: S3 answers 403/,
      /The commit:/,
    ]) {
      assert.match(said, part);
    }
    assert.match(section(text, "attention"), /Isolation not proved no way to SSM/);
    assert.ok(!sectionsOf(text).includes("isolation"));
    assert.match(section(pageOf(madeUpFleet(3)).text, "unknowns"), /Everything that this page shows was found out/);
  });

  it("names the SHA-256 of its data, and shows what has grown since a page whose data are given", () => {
    const { text, digest } = pageOf(madeUpFleet(3));
    const [, data = ""] = /id="data">(.*?)<\/script>/s.exec(text) ?? [];
    assert.equal(createHash("sha256").update(data).digest("hex"), digest);
    assert.ok(section(text, "made-from").includes(digest));
    const earlier = parsePageData(text, "page.html");
    assert.equal(earlier.tenants?.[2]?.slug, HOSTILE);
    const [first, ...others] = earlier.tenants ?? [];
    const changed = [
      ...others,
      { ...others[0], slug: "gone", total: 2_000_000 } as never,
      { ...first, total: 400_000 } as never,
    ];
    const growth = section(pageOf({ ...madeUpFleet(3), before: { ...earlier, tenants: changed } }).text, "growth");
    assert.match(growth, /Since 2026-11-24T14:03:14\.076Z: −938 kB in all/);
    assert.match(growth, /gone gone since 1\.9 MB – −1\.9 MB tenant_0000 391 kB 1\.4 MB 1016 kB/);
  });

  it("refuses to compare with what is no page", () => {
    assert.throws(
      () => parsePageData("<p>hello</p>", "x.html"),
      /x\.html is no page that `report --html` wrote: it holds no data/,
    );
    assert.throws(
      () => parsePageData('<script type="application/json" id="data">{"format":2}</script>', "x.html"),
      /x\.html is no page .* another version of the program did: format:/,
    );
    const fleet = { stack: "prod", database: "postgres" };
    assert.throws(() => readPageData("/nowhere/x.html", fleet), /cannot read the page \/nowhere\/x\.html: .*ENOENT/);
    const folder = mkdtempSync(join(tmpdir(), "page-"));
    try {
      const file = join(folder, "x.html");
      const read = (content: PageContent, change = (text: string) => text) => {
        writeFileSync(file, change(pageOf(content).text));
        return () => readPageData(file, fleet);
      };
      const content = madeUpFleet(3);
      assert.equal(read(content)().tenants?.length, 3);
      assert.throws(
        read({ ...content, report: undefined }),
        /x\.html is the proof alone: name a page that `report --html`/,
      );
      const other = { ...content, madeFrom: { ...content.madeFrom, stack: "prod-2\u001b[2J" } };
      assert.throws(
        read(other),
        /x\.html is of stack prod-2\\u\{1b\}\[2J, database postgres, and this is stack prod, database postgres:/,
      );
      for (const [good, bad, at] of [
        ['"total":1440000', '"total":1e308', "tenants.0.total"],
        ['"slug":"tenant_0000"', `"slug":"${"x".repeat(64)}"`, "tenants.0.slug"],
        ['"takenAt":"2026-11-24', '"takenAt":"<b>', "takenAt"],
      ] as const) {
        assert.throws(
          read(content, (text) => text.replace(good, bad)),
          new RegExp(`no page .*: ${at}: `),
        );
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is written whole, for its writer alone, and refused before the work where that cannot be", async () => {
    const folder = mkdtempSync(join(tmpdir(), "page-"));
    try {
      const file = join(folder, "page.html");
      writeFileSync(file, "before");
      await writePageFile(file, "after");
      assert.deepEqual([readFileSync(file, "utf8"), statSync(file).mode & 0o777], ["after", 0o600]);
      assert.throws(
        () => assertWritable(join(folder, "none", "page.html")),
        /cannot write .*none\/page\.html: .*ENOENT.*; name a file/,
      );
      assert.throws(() => assertWritable(folder), /cannot write .*: it is a folder/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("that is the proof alone has no figures, and says what it was made from", () => {
    const { text } = pageOf({ ...madeUpFleet(3), report: undefined, backups: undefined, thresholds: undefined });
    assert.deepEqual(sectionsOf(text), ["attention", "isolation", "unknowns", "made-from"]);
    assert.match(section(text, "made-from"), /3 tenants, 2 tried, 4 pairs, 298 statements, 298 refused, 2 leaks/);
  });
});
