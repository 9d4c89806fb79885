import { relative } from "node:path";
import { jsonText } from "../../../domain/json-text";
import { printable } from "../../../domain/printable";
import { PROJECT_DIR } from "../../stack/pulumi-cli";
import type { DatabaseMove, Side } from "./find-move";
import type { Arrival } from "./wait-for-server";

/** @param seconds That a trial copy took. */
export function planText({ slug, source, target }: DatabaseMove, seconds: number): string {
  return [
    `${slug}: moves from ${source.stack} (${placeOf(source)}) to ${target.stack} (${placeOf(target)}).`,
    `It will be down for about ${rounded(seconds)} s (a trial copy took that long), plus a deployment of ${target.stack}, plus the time until its server has fetched its new .env, up to three and a half minutes.`,
  ].join("\n");
}

export function takenBackText({ slug, source, target }: DatabaseMove): string {
  return `${slug}: goes on in ${source.stack}, and ${target.stack} has nothing of it.`;
}

/**
 * What came of it.
 *
 * @param place The options that the next command has to repeat, each after a space.
 */
export function arrivalText(
  { slug, source, target }: DatabaseMove,
  { since, seconds }: Arrival,
  changes: readonly string[],
  place: string,
): string {
  const files = [source, target].map(({ file }) => relative(PROJECT_DIR, file)).join(" ");
  const command = `npx b2b-tenants move ${slug} --to-stack ${target.stack}`;
  return [
    seconds === undefined
      ? `${slug}: is in ${target.stack}, but its server has not been seen to log in there; it is down since ${since.toISOString()}. See that it runs and reads its parameters.`
      : `${slug}: is in ${target.stack}, and its server has logged in there. It was down for ${rounded(seconds)} s.`,
    ...(changes.length === 0
      ? [`The previews of ${source.stack} and ${target.stack} show no change.`]
      : ["These changes are waiting:", ...changes.map((change) => `  ${printable(change)}`)]),
    "",
    "Next:",
    `  git add ${files}   # and merge it`,
    `  ${command} --finish${place}   # removes what ${source.stack} still has of it, shut out, behind a proved backup`,
  ].join("\n");
}

export function arrivalJson(
  { slug, source, target }: DatabaseMove,
  { since, seconds }: Arrival,
  changes: readonly string[],
): string {
  const moved = { slug, from: source.stack, to: target.stack, downSince: since, downSeconds: seconds ?? null };
  return jsonText({ ...moved, waiting: changes }, 2);
}

function placeOf({ access }: Side): string {
  const { host, port, name } = access.settings.database;
  return `${host}:${port}, ${name}`;
}

function rounded(seconds: number): string {
  return seconds < 10 ? seconds.toFixed(1) : String(Math.round(seconds));
}
