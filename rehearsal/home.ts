import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The folder that holds everything of one rehearsal: database, emulated account, states, booted servers. */
export class Home {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
    mkdirSync(this.path, { recursive: true });
  }

  statePath(stack: string): string {
    return join(this.path, "state", `${stack}.json`);
  }

  get lockPath(): string {
    return join(this.path, "lock");
  }

  get backups(): string {
    return join(this.path, "backups");
  }

  /** Opens the secrets in this home's states; made up once. */
  get passphrase(): string {
    const path = join(this.path, "passphrase");
    if (!existsSync(path)) {
      writeFileSync(path, randomBytes(32).toString("hex"), { mode: 0o600 });
      chmodSync(path, 0o600);
    }
    return readFileSync(path, "utf8").trim();
  }
}
