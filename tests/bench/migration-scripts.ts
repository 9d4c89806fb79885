/** Migrations of a shop's tables, as they are written in the life of a backend: whatever is asked for most often. */

/** On top of `sql/tenant_init.sql`; each number makes other names. */
const KINDS: readonly (readonly [kind: string, sql: (number: number) => string])[] = [
  ["column", (n) => `alter table products add column tag_${n} text;`],
  [
    "table",
    (n) =>
      `create table notes_${n} (id integer generated always as identity primary key, order_id integer not null, body text, created_at timestamptz not null default now());\n` +
      `create index notes_${n}_order on notes_${n} (order_id);`,
  ],
  ["default", (n) => `alter table customers add column level_${n} integer not null default ${n};`],
  ["index", (n) => `create index customers_${n} on customers (name, id) where id > ${n};`],
  [
    "fill",
    (n) =>
      `alter table orders add column channel_${n} text;\nupdate orders set channel_${n} = 'web' where notes is not null;`,
  ],
];

/** So many of them: name and SQL, in the order of their numbers. */
export function scripts(count: number): (readonly [name: string, sql: string])[] {
  return Array.from({ length: count }, (_, index) => {
    const [kind, sql] = KINDS[index % KINDS.length] ?? ["", () => ""];
    const number = index + 1;
    return [`${String(number).padStart(4, "0")}_${kind}`, `${sql(number)}\n`] as const;
  });
}
