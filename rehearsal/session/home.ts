import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "../../domain/usage-error";
import { majorOfFolder, type PostgresMajor } from "../servers/postgres-programs";
import { majorVersion } from "./session-options";

const DEFAULT_MAJOR: PostgresMajor = 16;

/** What a new home is made with where nobody names a version: so the same tests run on either. */
const MAJOR_VARIABLE = "REHEARSAL_POSTGRES";

/** A folder of programs, likewise. */
const FOLDER_VARIABLE = "REHEARSAL_POSTGRES_BIN";

/** The folder that holds everything of one rehearsal: database, emulated account, states, booted servers. */
export class Home {
  readonly path: string;

  /** Makes no folder. */
  constructor(path: string) {
    this.path = resolve(path);
  }

  make(): void {
    mkdirSync(this.path, { recursive: true });
  }

  get statesDir(): string {
    return join(this.path, "state");
  }

  statePath(stack: string): string {
    return join(this.statesDir, `${stack}.json`);
  }

  /** What the Pulumi CLI keeps of a home that it drives. */
  get cliPath(): string {
    return join(this.path, "pulumi");
  }

  /**
   * Whether the Pulumi CLI drives the stacks of this home, as it does from the first time on that it was asked to.
   *
   * @throws UsageError when the rehearsal's own engine has made them: neither knows the other's states.
   */
  drivenByCli(wished: boolean): boolean {
    if (existsSync(this.cliPath)) return true;
    if (wished && existsSync(this.statesDir)) {
      throw new UsageError(
        `--cli: the stacks in ${this.path} are those of the rehearsal's own engine; name another folder with --home`,
      );
    }
    return wished;
  }

  /** Where the database server of one stack alone is, if that stack has one. */
  ownDatabase(stack: string): string | undefined {
    const folder = join(this.path, "databases", stack);
    return existsSync(folder) ? folder : undefined;
  }

  /** Gives a stack a database server of its own, and with it the part of a fleet stack. */
  makeOwnDatabase(stack: string): void {
    mkdirSync(join(this.path, "databases", stack), { recursive: true });
  }

  get ownDatabases(): string[] {
    const folder = join(this.path, "databases");
    return existsSync(folder) ? readdirSync(folder) : [];
  }

  /** The folders that have a database server's data in them. */
  get databaseHomes(): string[] {
    return [this.path, ...this.ownDatabases.map((stack) => join(this.path, "databases", stack))];
  }

  get lockPath(): string {
    return join(this.path, "lock");
  }

  get backups(): string {
    return join(this.path, "backups");
  }

  /**
   * The version of this home's database and the folder of its programs: those that it was made with, or the wished ones, or the
   * environment's, or 16.
   *
   * @throws UsageError when another one is wished for: what is in the database would seem to be gone.
   */
  postgres(wished: PostgresMajor | undefined, folder?: string): { major: PostgresMajor; bin: string | undefined } {
    const [versionFile, folderFile] = [join(this.path, "postgres-version"), join(this.path, "postgres-bin")];
    const isNew = !existsSync(versionFile);
    const newBin = folder ?? (isNew && wished === undefined ? process.env[FOLDER_VARIABLE] : undefined);
    const named = newBin === undefined ? wished : majorOfFolder(newBin);
    if (isNew) {
      const made = named ?? majorVersion(MAJOR_VARIABLE, process.env[MAJOR_VARIABLE]) ?? DEFAULT_MAJOR;
      writeFileSync(versionFile, `${made}\n`);
    }
    const major = majorVersion(versionFile, readFileSync(versionFile, "utf8").trim()) ?? DEFAULT_MAJOR;
    for (const other of [wished, named]) {
      if (other === undefined || other === major) continue;
      throw new UsageError(
        `--postgres ${other}: the database in ${this.path} is PostgreSQL ${major}; name another folder with --home`,
      );
    }
    if (newBin !== undefined) writeFileSync(folderFile, resolve(newBin));
    return { major, bin: existsSync(folderFile) ? readFileSync(folderFile, "utf8") : undefined };
  }

  /** Opens the secrets in this home's states; made up once. */
  get passphrase(): string {
    const path = join(this.path, "passphrase");
    if (!existsSync(path)) {
      this.make();
      writeFileSync(path, randomBytes(32).toString("hex"), { mode: 0o600 });
      chmodSync(path, 0o600);
    }
    return readFileSync(path, "utf8").trim();
  }
}
