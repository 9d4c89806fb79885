import { counts } from "../verify/show-verification";
import { type PageContent, proofOf } from "./content";
import { scriptJson } from "./markup";
import type { PageData } from "./page-data";

/** The data as they stand in the page, whose SHA-256 the page names. */
export function pageDataJson(content: PageContent): string {
  const { madeFrom, report } = content;
  const { stack, takenAt, database, host, port } = madeFrom;
  const proof = proofOf(content);
  const data: PageData = {
    format: 1,
    stack,
    takenAt,
    commit: madeFrom.commit?.hash ?? null,
    database,
    host,
    port,
    tenants:
      report?.tenants.flatMap(({ slug, size }) => {
        if (size === null) return [];
        const { tables, indexes, toast, total, rows } = size;
        return [{ slug, tables, indexes, toast, total, rows }];
      }) ?? null,
    proof: proof ? { ...counts(proof), leaks: proof.leaks.length } : null,
  };
  return scriptJson(data);
}
