import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, constants, link, lstat, mkdir, open, readdir, rm, stat, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { printable } from "../../../domain/printable";
import { type BackupDestination, DestinationError } from "./backup-destination";
import { WatchedContent } from "./watched-content";

const NO_ROOM = "free space there, or name another folder in b2b-tenants:backups destination";
const NOT_ALLOWED = "let the login that deploys write there, or name another folder in b2b-tenants:backups destination";
const NO_FOLDER = "name a folder in b2b-tenants:backups destination that is there or can be made";
const NO_LINKS = "its file system must know hard links; name a folder on another in b2b-tenants:backups destination";

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: NO_ROOM,
  EDQUOT: NO_ROOM,
  EFBIG: NO_ROOM,
  EACCES: NOT_ALLOWED,
  EPERM: NOT_ALLOWED,
  EROFS: NOT_ALLOWED,
  ENOENT: NO_FOLDER,
  ENOTDIR: NO_FOLDER,
  EEXIST: NO_FOLDER,
};

/** Backups in a folder, readable for the login that deploys alone. */
export class FolderDestination implements BackupDestination {
  private readonly folder: string;

  /** @param location Relative to the project folder, which a deployment runs in, or absolute. */
  constructor(location: string) {
    this.folder = path.resolve(location);
  }

  place(file: string): string {
    return path.join(this.folder, file);
  }

  async check(): Promise<void> {
    const probe = `.probe-${randomUUID()}`;
    const failed = `cannot write to the folder ${this.folder}`;
    await this.store(probe, Readable.from(["can this folder be written to?\n"]), failed);
    await unlink(this.place(probe)).catch((error) => {
      throw destinationError(`${failed}: ${probe}, written to see whether it can be, cannot be removed`, error, ADVICE);
    });
  }

  write(file: string, content: Readable): Promise<void> {
    return this.store(file, content, `cannot write ${this.place(file)}`);
  }

  private async store(file: string, content: Readable, failed: string): Promise<void> {
    const watched = new WatchedContent(content);
    const place = this.place(file);
    const partial = this.place(`.${file}.${randomUUID()}.partial`);
    const made: string[] = [];
    try {
      await makeFolder(this.folder);
      await refuseExisting(place);
      made.push(partial);
      await writeThrough(partial, watched);
      await nameWhole(partial, place);
      made.push(place);
      await unlink(partial);
      await syncFolder(this.folder);
    } catch (error) {
      const left = await removeAll(made);
      if (watched.failure) throw watched.failure.reason;
      throw error instanceof DestinationError ? error : destinationError(`${failed}${left}`, error, ADVICE);
    } finally {
      watched.release();
    }
  }

  async read(file: string): Promise<Readable> {
    const place = this.place(file);
    try {
      if (!(await stat(place)).isFile()) throw new DestinationError(`cannot read ${place}: it is not a file`);
      await access(place, constants.R_OK);
    } catch (error) {
      throw error instanceof DestinationError ? error : unreadable(place, error);
    }
    return Readable.from(chunksOf(place), { objectMode: false });
  }

  /** The first backup makes the folder: until then there is none. */
  async list(): Promise<string[]> {
    return readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw unreadable(this.folder, error);
    });
  }
}

/** Node's own way to make a folder with its parents never comes back where a file system says ENOENT to a folder it cannot make. */
async function makeFolder(folder: string, withParents = true): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await stat(folder)).isDirectory()) return;
    if (code !== "ENOENT" || !withParents) throw error;
    await makeFolder(path.dirname(folder));
    await makeFolder(folder, false);
  }
}

async function refuseExisting(place: string): Promise<void> {
  const found = await lstat(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (found) throw alreadyThere(place);
}

/** Returns once the disk has it. */
async function writeThrough(place: string, watched: WatchedContent): Promise<void> {
  const file = await open(place, "wx", 0o600);
  try {
    await writeFile(file, watched.chunks());
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename would replace a file that somebody else wrote meanwhile; a link does not. */
async function nameWhole(partial: string, place: string): Promise<void> {
  await link(partial, place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST") throw alreadyThere(place);
    throw destinationError(`cannot give ${place} its name`, error, {
      ...ADVICE,
      EPERM: NO_LINKS,
      ENOTSUP: NO_LINKS,
      ENOSYS: NO_LINKS,
    });
  });
}

/** A name is on the disk once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder, "r");
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

/** @returns What a message has to add: nothing, unless files are still there. */
async function removeAll(places: readonly string[]): Promise<string> {
  const outcomes = await Promise.allSettled(places.map((place) => rm(place, { force: true })));
  const left = places.filter((_, index) => outcomes[index]?.status === "rejected");
  return left.length > 0 ? ` (what was written could not be removed: ${left.join(", ")})` : "";
}

async function* chunksOf(place: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(place);
  } catch (error) {
    throw unreadable(place, error);
  }
}

function unreadable(place: string, error: unknown): DestinationError {
  return destinationError(`cannot read ${place}`, error, {
    ENOENT: "there is no such file; check the name",
    EACCES: "let the login that runs this read it",
  });
}

function alreadyThere(place: string): DestinationError {
  return new DestinationError(
    `cannot write ${place}: a file of this name is there already, and was not touched; move it away, or run again later: the time is part of the name`,
  );
}

function destinationError(failed: string, error: unknown, advice: Readonly<Record<string, string>>): DestinationError {
  const { code, message } = error as NodeJS.ErrnoException;
  const todo = code === undefined ? undefined : advice[code];
  return new DestinationError(printable(`${failed}: ${message}${todo ? `; ${todo}` : ""}`));
}
