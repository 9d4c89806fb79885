import { openDestination } from "../../database/backup/destination/open-destination";
import { configuredPlace } from "../restore/open-backup";
import type { StackAccess } from "../stack/stack-access";
import type { Backups } from "./content";

/** Backups that a page lists. */
const MOST = 20;

/** A manifest is written once its backup has been verified. */
const MANIFEST = /^(backup_([a-z][a-z0-9_]*)_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z)\.manifest\.json$/;

/** The backups at the stack's destination, by their names alone: none is opened. @throws DestinationError */
export async function readBackups(access: Pick<StackAccess, "settings" | "aws">): Promise<Backups> {
  const place = configuredPlace(access);
  const files = await openDestination(place, { aws: access.aws }).list();
  const found = files.flatMap((file) => {
    const [, name, slug = "", year, month, day, hour, minute, second] = MANIFEST.exec(file) ?? [];
    if (name === undefined) return [];
    return [{ slug, takenAt: `${year}-${month}-${day}T${hour}:${minute}:${second}Z`, file: `${name}.dump` }];
  });
  const newest = found.sort((a, b) => (a.takenAt < b.takenAt ? 1 : -1)).slice(0, MOST);
  return { place, all: found.length, newest };
}
