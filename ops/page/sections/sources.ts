import { counts } from "../../verify/show-verification";
import type { TenantView } from "../conditions";
import { type PageContent, proofOf } from "../content";
import { html, type Markup } from "../markup";
import type { Say } from "../say";

export function backupsSection({ backups }: PageContent, say: Say): Markup {
  if (backups === undefined || "unavailable" in backups) return html``;
  const { place, all, newest } = backups;
  const head = html`<section id="backups"><h2>${say("backups")}</h2>`;
  if (newest.length === 0) return html`${head}<p>${say("backupsNone", { place })}</p></section>`;
  const rows = newest.map(
    ({ slug, takenAt, file }) =>
      html`<tr><th scope="row">${slug}</th><td>${takenAt}</td><td><code>${file}</code></td></tr>`,
  );
  return html`${head}<p>${place}</p>${newest.length < all ? html`<p>${say("backupsPart", { shown: newest.length, all })}</p>` : undefined}
<table class="small"><caption class="heard">${say("backups")}</caption>
<thead><tr><th scope="col">${say("tenant")}</th><th scope="col">${say("taken")}</th><th scope="col">${say("file")}</th></tr></thead>
<tbody>${rows}</tbody></table></section>`;
}

/** Reasons of one page; the rest of them show in the table of tenants. */
const MOST_REASONS = 50;

/** What the page cannot say, and why. */
export function unknownsSection(content: PageContent, tenants: readonly TenantView[], say: Say): Markup {
  const { backups, proof, madeFrom, report } = content;
  const why = (words: Markup) => html`<li>${words}</li>`;
  const all = [
    ...("unavailable" in proof ? [say("unknownProof", { why: proof.unavailable })] : []),
    ...(proofOf(content)?.tenants.flatMap(({ slug, problem, complete }) =>
      complete ? [] : [say("unknownTry", { who: slug, why: problem ?? "?" })],
    ) ?? []),
    ...tenants.flatMap(({ slug: who, unmeasured, size, migrations }) => [
      ...(unmeasured === null ? [] : [say("unknownSize", { who, why: unmeasured })]),
      ...(size !== null && size.lockedTables > 0 ? [say("unknownLocked", { who, n: size.lockedTables })] : []),
      ...(migrations?.condition === "unknown" ? [say("unknownMigration", { who })] : []),
    ]),
    ...(backups !== undefined && "unavailable" in backups ? [say("unknownBackups", { why: backups.unavailable })] : []),
    ...(madeFrom.commit === undefined ? [say("unknownCommit")] : []),
  ];
  const left = all.length - MOST_REASONS;
  const list = html`<ul>${all.slice(0, MOST_REASONS).map(why)}</ul>${left > 0 ? html`<p>${say("more", { n: left })}</p>` : undefined}`;
  return html`<section id="unknowns"><h2>${say("unknowns")}</h2>
${all.length === 0 ? html`<p>${say("unknownsNone")}</p>` : list}
${report === undefined ? undefined : html`<p>${say("notLookedAt")}</p>`}</section>`;
}

/** What an auditor can compare. */
export function madeFromSection(content: PageContent, digest: string, say: Say): Markup {
  const { stack, commit, takenAt, database, host, port, versions } = content.madeFrom;
  const proof = proofOf(content);
  const hash = commit?.changed ? say("commitChanged", { commit: commit.hash }) : (commit?.hash ?? say("unknown"));
  const counted =
    proof === undefined
      ? say("unknown")
      : say("countsDetail", { ...counts(proof), tenants: proof.victims.length, leaks: proof.leaks.length });
  const facts: readonly (readonly [Markup, Markup | string])[] = [
    [say("stack"), stack],
    [say("commit"), html`<code>${hash}</code>`],
    [say("time"), html`<time datetime="${takenAt}">${takenAt}</time>`],
    [say("database"), `${database}, ${host}:${port}`],
    [
      say("versions"),
      Object.entries(versions)
        .map(([of, version]) => `${of} ${version}`)
        .join(", "),
    ],
    [say("counts"), counted],
    [say("digest"), html`<code>${digest}</code><br>${say("digestHow")}`],
  ];
  return html`<section id="made-from"><h2>${say("madeFrom")}</h2>
<dl>${facts.map(([term, what]) => html`<dt>${term}</dt><dd>${what}</dd>`)}</dl></section>`;
}
