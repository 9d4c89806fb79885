import { execFileSync } from "node:child_process";
import { errorMessage } from "../../database/error-message";
import { quotedText } from "../../domain/file-errors";
import { printable } from "../../domain/printable";
import { PROJECT_DIR } from "../stack/pulumi-cli";
import type { Tree } from "./declared";

/** Far above what a repository of YAML files and TypeScript has in one file or listing. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * A commit's full name; undefined if this clone has no such commit, as for the zeros that a new branch's push begins with.
 *
 * @throws Error with git's words where it cannot tell: there is no git, or no clone.
 */
export function commitOf(revision: string, repository = PROJECT_DIR): string | undefined {
  try {
    const found = git(repository, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`]);
    return found.toString().trim();
  } catch (error) {
    const { status, stderr } = error as { status?: number | null; stderr?: Buffer };
    if (status === 1) return undefined;
    throw new Error(
      `git cannot look up ${quotedText(revision)}: ${printable(stderr?.toString().trim() || errorMessage(error))}`,
    );
  }
}

/** Paths that differ between two commits. A renamed file is two: where it was, and where it is. */
export function changedPaths(before: string, after: string, repository = PROJECT_DIR): string[] {
  return separated(git(repository, ["diff", "--name-only", "--no-renames", "-z", before, after]));
}

/** Paths in the folder that differ from a commit, what is not committed yet included. */
export function changedSince(commit: string, repository = PROJECT_DIR): string[] {
  return [
    ...separated(git(repository, ["diff", "--name-only", "--no-renames", "-z", commit])),
    ...separated(git(repository, ["ls-files", "--others", "--exclude-standard", "-z"])),
  ];
}

/** The files of a commit. */
export function treeOf(commit: string, repository = PROJECT_DIR): Tree {
  const modes = new Map(
    separated(git(repository, ["ls-tree", "-r", "-z", "--full-tree", commit])).map((line): [string, string] => {
      const tab = line.indexOf("\t");
      return [line.slice(tab + 1), line.slice(0, line.indexOf(" "))];
    }),
  );
  return {
    paths: [...modes.keys()],
    // A link's content is where it leads to, which may be anywhere.
    read: (path) => (/^100/.test(modes.get(path) ?? "") ? git(repository, ["show", `${commit}:${path}`]) : undefined),
  };
}

function git(repository: string, args: readonly string[]): Buffer {
  return execFileSync("git", args, { cwd: repository, maxBuffer: MOST_BYTES, stdio: ["ignore", "pipe", "pipe"] });
}

function separated(output: Buffer): string[] {
  return output
    .toString()
    .split("\0")
    .filter((part) => part !== "");
}
