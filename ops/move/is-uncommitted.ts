import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { withoutKey } from "./stack-key";

/**
 * Whether a file differs from the last commit, or is in none; a folder that is in no repository has nothing to commit.
 *
 * @param but A key that may differ, since an earlier move has written it.
 */
export function isUncommitted(file: string, but?: string): boolean {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: dirname(file), encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  try {
    if (git("status", "--porcelain", "--untracked-files=all", "--", basename(file)) === "") return false;
  } catch {
    return false;
  }
  if (but === undefined) return true;
  try {
    const [committed, present] = [git("show", `HEAD:./${basename(file)}`), readFileSync(file, "utf8")];
    return withoutKey(committed, but) !== withoutKey(present, but);
  } catch {
    // It is in no commit.
    return true;
  }
}
