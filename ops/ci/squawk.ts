import { spawnSync } from "node:child_process";
import { devNull } from "node:os";
import { z } from "zod";
import { OLDEST_MAJOR } from "../../database/server-version";
import { LEFT_OUT } from "./lint-rules";

/** What squawk has found at a line, from 1. */
export interface SquawkFinding {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

const MOST_BYTES = 64 * 1024 * 1024;

const FINDINGS = z.array(
  z.object({ file: z.string(), line: z.int(), rule_name: z.string(), message: z.string() }).transform((found) => ({
    file: found.file,
    line: found.line + 1,
    rule: found.rule_name,
    message: found.message,
  })),
);

/**
 * What squawk finds in SQL files, by the rules that are asked.
 *
 * @param files Relative to `root`, or absolute.
 * @param inTransaction Whether all of a file runs in one transaction.
 * @throws Error when squawk is not there, or does not do its work.
 */
export function squawkFindings(root: string, files: readonly string[], inTransaction: boolean): SquawkFinding[] {
  if (files.length === 0) return [];
  const options = ["--reporter", "json", "--config", devNull, "--pg-version", String(OLDEST_MAJOR)];
  const transaction = inTransaction ? ["--assume-in-transaction"] : [];
  const { status, stdout, stderr, error } = spawnSync(
    squawkBinary(),
    [...options, ...transaction, "--exclude", LEFT_OUT.join(","), "--", ...files],
    { cwd: root, encoding: "utf8", maxBuffer: MOST_BYTES },
  );
  if (error) throw new Error(`squawk cannot be run: ${error.message}`);
  // Findings alone have something on stdout.
  if ((status !== 0 && status !== 1) || stdout === "") throw new Error(`squawk has failed: ${stderr.trim()}`);
  return FINDINGS.parse(JSON.parse(stdout));
}

/** squawk's binary is a package of its own for each platform; package-lock.json pins that of Linux, where the workflows run. */
export function squawkBinary(): string {
  const platform = `@squawk-cli/${process.platform}-${process.arch}`;
  try {
    return require.resolve(`${platform}/bin/squawk`);
  } catch {
    throw new Error(
      `the linter of migrations is missing: npm has not installed ${platform}. ` +
        `On Linux run \`npm ci --include=optional\`; elsewhere \`npm install --no-save ${platform}\` of the version in package.json`,
    );
  }
}
