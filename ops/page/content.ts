import type { AlarmThresholds } from "../../domain/settings-spec";
import type { Report } from "../report/report";
import type { Verification } from "../verify/verification";
import type { PageData } from "./page-data";

/** What a page shows. */
export interface PageContent {
  readonly madeFrom: MadeFrom;
  /** Undefined for a page that is the proof alone. */
  readonly report: Report | undefined;
  readonly proof: Verification | NotFound;
  /** Where the alarms on all connections go off; undefined where the stack has none. */
  readonly thresholds: Pick<AlarmThresholds, "connectionsWarning" | "connectionsAlarm"> | undefined;
  /** Of an earlier page; undefined without one. */
  readonly before: PageData | undefined;
  /** Undefined for a page that is the proof alone. */
  readonly backups: Backups | NotFound | undefined;
}

/** What could not be found out, and why: words of the program or the server. */
export interface NotFound {
  readonly unavailable: string;
}

export interface MadeFrom {
  readonly stack: string;
  /** Undefined where the program does not run in a clone. */
  readonly commit: { readonly hash: string; readonly changed: boolean } | undefined;
  /** ISO 8601. */
  readonly takenAt: string;
  readonly database: string;
  readonly host: string;
  readonly port: number;
  /** By what they are of. */
  readonly versions: Readonly<Record<string, string>>;
}

export interface Backups {
  readonly place: string;
  readonly all: number;
  /** The newest first. */
  readonly newest: readonly { readonly slug: string; readonly takenAt: string; readonly file: string }[];
}

export function proofOf({ proof }: Pick<PageContent, "proof">): Verification | undefined {
  return "unavailable" in proof ? undefined : proof;
}

/** The part of its connections from which a tenant is near its limit. */
export const NEAR = 0.8;

/** Bars of a chart: of more, nobody would read one. */
export const MOST_BARS = 25;
