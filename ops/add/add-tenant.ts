import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, posix, relative, resolve } from "node:path";
import { stringify } from "yaml";
import { FileErrors, quotedText } from "../../domain/file-errors";
import { loadTenants } from "../../domain/load-tenants";
import { isSlug, MAX_SLUG_LENGTH } from "../../domain/names";
import { checkSettings } from "../../domain/settings-file";
import { parseSettings } from "../../domain/settings-text";
import { UsageError } from "../../domain/usage-error";
import { type Declared, declarationErrors, declaredIn, stacksOf } from "../fleet/declared";
import { workingTree } from "../fleet/working-tree";
import { PROJECT_DIR } from "../stack/pulumi-cli";
import { type NextSettings, nextSettings } from "./next-settings";
import { type FilledStack, type Place, placeFor } from "./room";

/** What is wanted of a new tenant. */
export interface NewTenant {
  readonly slug: string;
  /** What its file holds besides its stack, by key. */
  readonly keys: Readonly<Record<string, unknown>>;
  /** Undefined: the stack that has room. */
  readonly stack: string | undefined;
}

export interface AddedTenant {
  /** Paths of the files that were written, relative to the project's folder. */
  readonly file: string;
  readonly settings: string | undefined;
  readonly place: Place;
  /** Of a stack that has yet to be made. */
  readonly next: NextSettings | undefined;
}

/**
 * Writes a tenant's file, and the settings of the next stack where none has room. Nothing is left of either if the files are not right
 * together, for example for want of connections.
 *
 * @throws UsageError @throws FileErrors
 */
export function addTenant(wanted: NewTenant, project = PROJECT_DIR): AddedTenant {
  const { slug } = wanted;
  if (!isSlug(slug)) {
    throw new UsageError(
      `${quotedText(slug)} is not a slug; allowed: a lower-case letter, then those, digits and _, at most ${MAX_SLUG_LENGTH} in all`,
    );
  }
  const declared = declaredIn(workingTree(undefined, project));
  const errors = declarationErrors(declared);
  if (errors.length > 0) throw new FileErrors(errors);
  const stacks = filled(declared);
  const fleet = fleetStack(stacks);
  const place = wanted.stack === undefined ? placeFor(stacks, fleet) : placeIn(wanted.stack, stacks);
  const named = place.stack === fleet.stack ? {} : { stack: place.stack };
  const model = readFileSync(join(project, fleet.file), "utf8");
  const next = place.isNew ? nextSettings(fleet.file, model, place.room) : undefined;
  const settings = next === undefined ? undefined : `Pulumi.${place.stack}.yaml`;
  const file = posix.join(fleet.tenantsDir, `${slug}.yaml`);
  refuseExisting(slug, resolve(project, fleet.tenantsDir));
  withFiles(
    project,
    [
      ...(settings === undefined || next === undefined ? [] : [[settings, next.text] as const]),
      [file, stringify({ ...wanted.keys, ...named })],
    ],
    () => check(place.stack, fleet.tenantsDir, project),
  );
  return { file: relative(project, resolve(project, file)), settings, place, next };
}

function filled({ stacks, tenants }: Declared): FilledStack[] {
  return stacks.map((stack) => ({
    ...stack,
    tenants: [...tenants.values()].filter((tenant) => stacksOf(tenant, stacks).includes(stack.stack)).length,
  }));
}

function fleetStack(stacks: readonly FilledStack[]): FilledStack {
  const [fleet, ...others] = stacks.filter((stack) => stack.fleet);
  if (fleet !== undefined && others.length === 0) return fleet;
  if (fleet === undefined) {
    throw new UsageError(
      "one stack has to set b2b-tenants:fleet to true, and none of the stacks' settings does: write the tenant's file by hand",
    );
  }
  const files = [fleet, ...others].map(({ file }) => file).join(", ");
  throw new UsageError(
    `add works where one stack has b2b-tenants:fleet: true, and ${files} have: write the tenant's file by hand, in the folder of its database`,
  );
}

function placeIn(name: string, stacks: readonly FilledStack[]): Place {
  const found = stacks.find(({ stack }) => stack === name);
  if (found !== undefined) return { stack: name, tenants: found.tenants + 1, room: found.tenants + 1, isNew: false };
  const known = stacks.map(({ stack }) => stack).join(", ");
  throw new UsageError(`--stack ${quotedText(name)}: there is no Pulumi.STACK.yaml of that name; there are: ${known}`);
}

/** Also for a file whose name differs in case alone: on some disks it is the same. */
function refuseExisting(slug: string, folder: string): void {
  const twin = readdirSync(folder).find((name) => name.toLowerCase() === `${slug}.yaml`);
  if (twin !== undefined) throw new UsageError(`there is a tenant ${slug} already: ${join(folder, twin)}`);
}

/** Writes files that are not there yet, and takes them away again if `check` throws. */
function withFiles(
  project: string,
  files: readonly (readonly [path: string, text: string])[],
  check: () => void,
): void {
  const written: string[] = [];
  try {
    for (const [path, text] of files) {
      writeFileSync(resolve(project, path), text, { flag: "wx" });
      written.push(path);
    }
    check();
  } catch (error) {
    for (const path of written) rmSync(resolve(project, path));
    throw error;
  }
}

/** Holds the stack's settings and all tenant files to what a deployment of that stack would. */
function check(stack: string, tenantsDir: string, project: string): void {
  const file = `Pulumi.${stack}.yaml`;
  const { config } = parseSettings(readFileSync(join(project, file), "utf8"), file) as {
    config: Record<string, unknown>;
  };
  const values = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const { spec } = checkSettings({
    stack,
    config: Object.fromEntries(values),
    isSecret: (key) => typeof config[key] === "object",
    // Nothing here needs it, and whoever adds a tenant may not know it.
    environmentPassword: "not known here",
  });
  loadTenants(resolve(project, tenantsDir), { stack, ...spec });
}
