import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { ServerError } from "./server-error";

/** Whom a program that refuses to run as root runs as instead. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

let nobody: Identity | undefined;

/** `nobody` when this process is root's; undefined otherwise, when programs run as the user. initdb wants an identity that has a name. */
export function unprivilegedIdentity(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  nobody ??= identityOfNobody();
  return nobody;
}

function identityOfNobody(): Identity {
  const [uid, gid] = ["-u", "-g"].map((flag) =>
    Number(spawnSync("id", [flag, "nobody"], { encoding: "utf8" }).stdout || "NaN"),
  );
  if (uid === undefined || gid === undefined || Number.isNaN(uid) || Number.isNaN(gid)) {
    throw new ServerError(
      "PostgreSQL refuses to run as root, and this machine has no user `nobody` to run it as",
      "Run the rehearsal as an ordinary user.",
    );
  }
  return { uid, gid };
}

/**
 * The folder where `identity` can keep what belongs to `home`: `home` itself, unless a folder above it is closed to others, as /root
 * is. Then it is a folder of its own under /var/tmp, which `home` remembers. A home that is closed itself is opened to passing
 * through, not to looking around; what is secret in it is closed by itself.
 */
export function reachableFolder(home: string, identity: Identity | undefined): string {
  mkdirSync(home, { recursive: true });
  if (!identity) return realpathSync(home);
  if (isReachable(path.dirname(realpathSync(home)))) {
    chmodSync(home, statSync(home).mode | 0o011);
    return realpathSync(home);
  }
  const pointer = path.join(home, "elsewhere");
  if (existsSync(pointer)) {
    const folder = readFileSync(pointer, "utf8");
    if (existsSync(folder)) return folder;
  }
  const base = existsSync("/var/tmp") && isReachable("/var/tmp") ? "/var/tmp" : os.tmpdir();
  const folder = mkdtempSync(path.join(base, "b2b-tenants-rehearsal-"));
  chmodSync(folder, 0o711);
  try {
    writeFileSync(pointer, folder, { flag: "wx" });
    return folder;
  } catch {
    // Another process was faster, or the folder that the pointer names is gone.
    const other = readFileSync(pointer, "utf8");
    if (existsSync(other)) {
      rmdirSync(folder);
      return other;
    }
    writeFileSync(pointer, folder);
    return folder;
  }
}

/**
 * Where `identity` can reach the given folders of `parent`: in place, or in a copy of its own under `folder`. Returns what takes
 * the place of `parent`. The copy is renamed into place whole, so that an interrupted one is never used.
 */
export function reachableCopy(
  parent: string,
  names: readonly string[],
  folder: string,
  identity: Identity | undefined,
): string {
  if (!identity || names.every((name) => isReachable(path.join(parent, name)))) return parent;
  const origin = createHash("sha256")
    .update(path.join(parent, ...names))
    .digest("hex")
    .slice(0, 8);
  const copy = path.join(folder, `programs-${origin}`);
  if (existsSync(copy)) return copy;
  const unfinished = mkdtempSync(path.join(folder, "unfinished-"));
  for (const name of names) {
    cpSync(path.join(parent, name), path.join(unfinished, name), { recursive: true, verbatimSymlinks: true });
  }
  spawnSync("chown", ["-R", `${identity.uid}:${identity.gid}`, unfinished]);
  renameSync(unfinished, copy);
  return copy;
}

/** Whether everybody may pass through the folder and all above it. */
function isReachable(folder: string): boolean {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}
