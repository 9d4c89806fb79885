import { message } from "../../ops/message";
import type { PageContent } from "../../ops/page/content";
import type { Report, TenantReport } from "../../ops/report/report";
import type { ProvenLeak } from "../../ops/verify/merge";
import type { Verification } from "../../ops/verify/verification";

/** A schema that anybody may have made: its name is markup, a direction mark and what the page's own data end with. */
export const HOSTILE = `x"><img src=x onerror=alert(1)></script><b>\u202e`;

const TAKEN_AT = "2026-11-24T14:03:14.076Z";

const NO_SESSIONS = { active: 0, idle: 0, idleInTransaction: 0, other: 0, total: 0, longestTransactionMs: null };

/** The content of a page of so many tenants: the first is open to everybody, the second is at its limit, the third is behind. */
export function madeUpFleet(count: number): PageContent {
  const slugs = Array.from({ length: count }, (_, index) =>
    index === count - 1 ? HOSTILE : `tenant_${String(index).padStart(4, "0")}`,
  );
  const tenants = slugs.map(tenantReport);
  const total = tenants.reduce((sum, { connections }) => sum + connections.total, 0);
  const limits = 10 * count;
  const report: Report = {
    stack: "prod",
    takenAt: TAKEN_AT,
    server: { host: "db.example.com", port: 5432, database: "postgres", version: "16.14" },
    tenants,
    biggestTables: [],
    connections: {
      ...NO_SESSIONS,
      total,
      maxConnections: limits + 40,
      expectedMaxConnections: limits + 40,
      budget: { limits, reserve: 10, total: limits + 10 },
    },
    slowStatements: { statements: [], unavailable: null },
    roles: [],
    warnings: [message("undeclaredSchema", { tenant: HOSTILE, schema: "schema_x", role: "user_x" })],
  };
  return {
    madeFrom: {
      stack: "prod",
      commit: { hash: "5cb2d87c3b1f8a2f6a0f7f3f0a9d6a1b2c3d4e5f", changed: false },
      takenAt: TAKEN_AT,
      database: "postgres",
      host: "db.example.com",
      port: 5432,
      versions: { "b2b-tenants": "0.1.0", PostgreSQL: "16.14", Node: "20.12.0" },
    },
    report,
    proof: proofOf(slugs),
    thresholds: { connectionsWarning: 15, connectionsAlarm: 18 },
    before: undefined,
    backups: {
      place: "s3://backups/b2b",
      all: 1,
      newest: [{ slug: "gone", takenAt: "2026-11-20T08:00:00Z", file: "backup_gone_20261120T080000Z.dump" }],
    },
  };
}

function tenantReport(slug: string, index: number): TenantReport {
  const [tables, indexes, toast] = [(index + 1) * 1_000_000, (index + 1) * 400_000, 40_000];
  const behind = index === 2 ? 2 : 0;
  const declared = slug !== HOSTILE;
  return {
    slug,
    role: `user_${slug}`,
    schema: `schema_${slug}`,
    hasRole: declared,
    hasSchema: true,
    stack: declared ? "prod" : null,
    file: declared ? `tenants/${slug}.yaml` : null,
    size: {
      total: tables + indexes + toast,
      tables,
      indexes,
      toast,
      tableCount: 15,
      rows: 1000 * index,
      deadRows: 0,
      lastVacuum: null,
      lastAnalyze: null,
      lockedTables: 0,
    },
    unmeasured: null,
    connections: { ...NO_SESSIONS, total: index === 1 ? 9 : 1 },
    pooler: declared ? "none" : null,
    connectionLimit: declared ? 10 : null,
    handover: null,
    migrations: {
      condition: behind > 0 ? "behind" : "current",
      at: `000${4 - behind}_x`,
      number: 4 - behind,
      behind,
    },
  };
}

function proofOf(slugs: readonly string[]): Verification {
  const place = (slug: string) => ({ slug, role: `user_${slug}`, schema: `schema_${slug}` });
  const tried = slugs.filter((slug) => slug !== HOSTILE);
  const [first = "", second = ""] = slugs;
  const open: ProvenLeak = {
    check: "schema",
    role: "public",
    victim: first,
    schema: `schema_${first}`,
    object: `schema schema_${first}`,
    statement: "select has_schema_privilege('public', 16405::oid, 'USAGE')",
    closes: [{ as: `user_${first}`, statement: `revoke usage on schema schema_${first} from public cascade` }],
    hint: message("nothingTried", { tenant: first, why: message("fellSilent") }),
    evidence: "both",
  };
  const hostile: ProvenLeak = {
    ...open,
    role: `user_${second}`,
    victim: HOSTILE,
    object: `table schema_x."${HOSTILE}"`,
    closes: [],
  };
  return {
    stack: "prod",
    database: "postgres",
    tenants: tried.map((slug) => ({
      ...place(slug),
      problem: undefined,
      attempts: 149,
      refused: 149,
      complete: true,
      superuser: false,
      leaks: [],
      memberOf: [],
      notes: [],
    })),
    victims: slugs.map(place),
    leaks: [open, hostile],
    notes: [{ sentence: message("everyLogin", { database: HOSTILE }), statement: undefined }],
  };
}
