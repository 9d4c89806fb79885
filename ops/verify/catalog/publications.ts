import { quoteIdentifier } from "../../../database/sql-text";
import { message } from "../../message";
import type { Leak } from "../leak";
import { type Catalogs, catalogQuery } from "./catalogs";

interface PublicationRow {
  readonly publication: string;
  readonly owner: string;
  readonly oid: string;
  /** Tenant whose schema it takes; null when it takes everything. */
  readonly slug: string | null;
  readonly schema: string | null;
}

const PUBLICATIONS = catalogQuery<PublicationRow>("publications.sql");

/** Publications of third roles that take whatever is in a tenant's schema, now and later. */
export async function publications(catalogs: Catalogs): Promise<Leak[]> {
  return (await catalogs.rows(PUBLICATIONS)).map(({ publication, owner, oid, slug, schema }) => {
    const name = quoteIdentifier(publication);
    return {
      check: "dependency",
      role: owner,
      victim: slug ?? undefined,
      schema: schema ?? undefined,
      object: schema === null ? `publication ${name}` : `schema ${quoteIdentifier(schema)} in publication ${name}`,
      statement: `select pubowner::regrole, puballtables, pg_get_publication_tables(pubname) from pg_publication where oid = ${oid}`,
      closes: [
        {
          as: owner,
          statement:
            schema === null
              ? `drop publication if exists ${name}`
              : `alter publication ${name} drop tables in schema ${quoteIdentifier(schema)}`,
        },
      ],
      hint: message(schema === null ? "takesEveryTable" : "takesSchema"),
    };
  });
}
