import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "../../domain/usage-error";
import type { PostgresMajor } from "../servers/postgres";
import { majorVersion } from "./session-options";

const DEFAULT_MAJOR: PostgresMajor = 16;

/** What a new home is made with where nobody names a version: so the same tests run on either. */
const MAJOR_VARIABLE = "REHEARSAL_POSTGRES";

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

  /**
   * The version of this home's database: the one it was made with, or the wished one, or the environment's, or 16.
   *
   * @throws UsageError when another one is wished for: what is in the database would seem to be gone.
   */
  postgresMajor(wished: PostgresMajor | undefined): PostgresMajor {
    const path = join(this.path, "postgres-version");
    if (!existsSync(path)) {
      writeFileSync(path, `${wished ?? majorVersion(MAJOR_VARIABLE, process.env[MAJOR_VARIABLE]) ?? DEFAULT_MAJOR}\n`);
    }
    const major: PostgresMajor = readFileSync(path, "utf8").trim() === "18" ? 18 : 16;
    if (wished !== undefined && wished !== major) {
      throw new UsageError(
        `--postgres ${wished}: the database in ${this.path} is PostgreSQL ${major}; name another folder with --home`,
      );
    }
    return major;
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
