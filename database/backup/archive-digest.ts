import { createHash, type Hash } from "node:crypto";
import type { ArchiveDigest } from "./backup-manifest";
import type { Watch } from "./watch";

/** Size and hash of an archive, taken while it passes by; tells `watch` how far it is. */
export class Digest {
  private readonly hash: Hash = createHash("sha256");
  private bytes = 0;

  constructor(private readonly watch: Watch) {
    watch.bytes?.(0);
  }

  update(chunk: Buffer): Buffer {
    this.hash.update(chunk);
    this.bytes += chunk.length;
    this.watch.bytes?.(this.bytes);
    return chunk;
  }

  value(): Pick<ArchiveDigest, "bytes" | "sha256"> {
    return { bytes: this.bytes, sha256: this.hash.digest("hex") };
  }
}

/** @throws Error when an archive is not the one that was written. */
export function refuseOther(
  place: string,
  expected: ArchiveDigest,
  { bytes, sha256 }: Pick<ArchiveDigest, "bytes" | "sha256">,
) {
  if (bytes !== expected.bytes) throw new Error(`${place} has ${bytes} bytes where ${expected.bytes} were written`);
  if (sha256 !== expected.sha256) throw new Error(`${place} is not what was written: its SHA-256 is ${sha256}`);
}
