import { execFileSync } from "node:child_process";
import { basename, dirname } from "node:path";

/** Whether a file differs from the last commit, or is in none; a folder that is in no repository has nothing to commit. */
export function isUncommitted(file: string): boolean {
  try {
    const args = ["status", "--porcelain", "--untracked-files=all", "--", basename(file)];
    return execFileSync("git", args, { cwd: dirname(file), stdio: ["ignore", "pipe", "ignore"] }).length > 0;
  } catch {
    return false;
  }
}
