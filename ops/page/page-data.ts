import { z } from "zod";

/** The file may be anybody's: what no page holds would break the next one, or hide what is in it. */
const amount = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER);
/** PostgreSQL has no longer names. */
const slug = z.string().max(63);

const schema = z.object({
  format: z.literal(1),
  stack: z.string(),
  takenAt: z.iso.datetime(),
  commit: z.string().nullable(),
  database: z.string(),
  host: z.string(),
  port: z.int(),
  tenants: z
    .array(z.object({ slug, tables: amount, indexes: amount, toast: amount, total: amount, rows: amount }))
    .nullable(),
  proof: z
    .object({
      tried: z.int(),
      pairs: z.int(),
      statements: z.int(),
      refused: z.int(),
      leaks: z.int(),
    })
    .nullable(),
});

/** What a page was made from, for the next page and for programs: sizes in bytes, of the tenants that could be measured. */
export type PageData = z.infer<typeof schema>;

const DATA = /<script type="application\/json" id="data">(.*?)<\/script>/s;

/**
 * The data of an earlier page.
 *
 * @param place Where the page comes from, as a message names it.
 * @throws Error that names the place and what is wrong with it.
 */
export function parsePageData(page: string, place: string): PageData {
  const [, json] = DATA.exec(page) ?? [];
  const what = `${place} is no page that \`report --html\` wrote`;
  if (json === undefined) throw new Error(`${what}: it holds no data`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Error(`${what}: its data are no JSON`);
  }
  const { data, error } = schema.safeParse(value);
  if (data) return data;
  const [first] = error.issues;
  throw new Error(`${what}, or another version of the program did: ${first?.path.join(".")}: ${first?.message}`);
}
