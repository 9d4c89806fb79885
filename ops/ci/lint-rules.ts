/** The rules of squawk, the linter that migrations are checked with: which of them are asked, and what each means here. */

/** A rule that is asked. */
export interface AskedRule {
  /** What its finding means for a tenant that is at work. */
  readonly means: string;
  readonly instead: string;
}

/** A rule that is not asked. */
export interface LeftOutRule {
  readonly why: string;
}

const CONCURRENTLY = "a file of its own with the first line `-- migration: no transaction`";
const TWO_STEPS = "let the backend stop using it first, and accept this with a word on when that was deployed";

/** By the names that squawk has for them. */
export const LINT_RULES: Readonly<Record<string, AskedRule | LeftOutRule>> = {
  "require-concurrent-index-creation": {
    means: "nobody can write to the table until the index is built",
    instead: `\`create index concurrently\`, in ${CONCURRENTLY}`,
  },
  "require-concurrent-index-deletion": {
    means: "nobody can read or write the table until every session that uses it has released it",
    instead: `\`drop index concurrently\`, in ${CONCURRENTLY}`,
  },
  "require-concurrent-reindex": {
    means: "nobody can write to the table, or read it by that index, until the index is built",
    instead: `\`reindex … concurrently\`, in ${CONCURRENTLY}`,
  },
  "require-concurrent-partition-detach": {
    means: "nobody can read or write the table until the partition is detached",
    instead: `\`detach partition … concurrently\`, in ${CONCURRENTLY}`,
  },
  "constraint-missing-not-valid": {
    means: "every row is checked while nobody can write to the table",
    instead: "add the constraint `not valid`, and `validate constraint` in the next file",
  },
  "adding-foreign-key-constraint": {
    means: "every row is looked up while nobody can write to either table",
    instead: "add the foreign key `not valid`, and `validate constraint` in the next file",
  },
  "disallowed-unique-constraint": {
    means: "nobody can read or write the table until the index of the constraint is built",
    instead: `\`create unique index concurrently\` in ${CONCURRENTLY}, then \`add constraint … unique using index\` in the next`,
  },
  "adding-serial-primary-key-field": {
    means: "every row is written anew while nobody can read or write the table",
    instead: "add the column without a default, fill it, index it concurrently, and make that index the primary key",
  },
  "adding-field-with-default": {
    means: "every row is written anew while nobody can read or write the table, since the default is another for each",
    instead: "add the column without the default, set the default after that, and fill the rows in a file of their own",
  },
  "adding-not-nullable-field": {
    means: "every row is checked while nobody can read or write the table",
    instead:
      "add a check that it is not null `not valid`, validate it in the next file, and `set not null` in the one after",
  },
  "adding-required-field": {
    means: "fails wherever the table has a row, and the backend that is running inserts none of it",
    instead: "give the column a default, or let it be null",
  },
  "changing-column-type": {
    means: "most often every row is written anew while nobody can read or write the table (`migrate --try` tells)",
    instead: "add another column, fill it, and move the backend over; or accept it if `migrate --try` shows no rewrite",
  },
  "renaming-column": { means: "breaks the backend that is running", instead: `add another column, or ${TWO_STEPS}` },
  "renaming-table": {
    means: "breaks the backend that is running",
    instead: "rename it and make a view with the old name in the same file",
  },
  "ban-drop-column": { means: "breaks a backend that still uses it, and its values are gone", instead: TWO_STEPS },
  "ban-drop-table": { means: "breaks a backend that still uses it, and its rows are gone", instead: TWO_STEPS },
  "ban-drop-not-null": {
    means: "the backend that is running may not expect a null there",
    instead: "change the backend first, and accept this with a word on when that was deployed",
  },
  "ban-truncate-cascade": {
    means: "empties every table that refers to this one, and those that refer to them",
    instead: "name the tables that are to be emptied",
  },
  "ban-create-domain-with-constraint": {
    means: "the constraint cannot be changed later without checking every row under a lock",
    instead: "a check on the column",
  },
  "ban-alter-domain-with-add-constraint": {
    means: "every row of every table with the domain is checked under a lock",
    instead: "a check on the column, `not valid` first",
  },
  "prefer-timestamp-tz": {
    means: "which moment a value is depends on who reads it",
    instead: "`timestamptz`, as everywhere in `tenant_init.sql`",
  },
  "ban-char-field": { means: "values are filled with spaces, which count in some comparisons", instead: "`text`" },
  "identifier-too-long": {
    means: "the server cuts the name at 63 bytes, and two names with the same first 63 bytes become one",
    instead: "a shorter name",
  },
  "syntax-error": {
    means: "the linter does not understand the statement, although the server does, and has checked nothing of it",
    instead: "accept it with a word on what it locks (`migrate --try` tells)",
  },
  "require-lock-timeout": { why: "the runner sets `lock_timeout`, and refuses a file that sets another" },
  "require-statement-timeout": { why: "the runner sets `statement_timeout`" },
  "require-timeout-settings": { why: "the runner sets both" },
  "prefer-robust-stmts": {
    why: "a file runs once: whole or not at all, and without transaction from the statement on that failed",
  },
  "transaction-nesting": { why: "transaction control is refused anyway" },
  "ban-uncommitted-transaction": { why: "transaction control is refused anyway" },
  "ban-concurrent-index-creation-in-transaction": { why: "refused anyway" },
  "ban-drop-database": { why: "no tenant's role may" },
  "require-table-schema": { why: "names have no schema, so that a file fits every tenant" },
  "prefer-bigint-over-int": {
    why: "a reference has the type of its key, and those of `tenant_init.sql` are `integer`",
  },
  "prefer-bigint-over-smallint": { why: "a running tenant does not notice it" },
  "prefer-identity": { why: "a running tenant does not notice it" },
  "prefer-text-field": { why: "making a `varchar` wider neither rewrites nor checks a row" },
  "require-enum-value-ordering": { why: "a new value is usually meant to come last" },
  "prefer-repack": { why: "servers before PostgreSQL 19 have no `repack`" },
};

export const LEFT_OUT = Object.keys(LINT_RULES).filter((name) => "why" in (LINT_RULES[name] ?? {}));

/** `undefined` of a rule that is left out, or that this table does not know. */
export function askedRule(name: string): AskedRule | undefined {
  const rule = LINT_RULES[name];
  return rule !== undefined && "means" in rule ? rule : undefined;
}
