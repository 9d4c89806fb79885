import { randomBytes } from "node:crypto";
import { type Client, escapeIdentifier, escapeLiteral } from "pg";
import type { ActingLogin, ConnectionTarget } from "../../../domain/connection-string";
import { roleName, schemaName, scratchName } from "../../../domain/names";
import { errorMessage } from "../../error-message";
import { joining, joiningOn } from "../../membership";
import { majorOf } from "../../server-version";
import { dropScratchDatabase, SCRATCH_MARKER } from "./drop-scratch";
import { scramVerifier } from "./scram-verifier";
import { copyExtensions } from "./scratch-extensions";

/** A restore takes one session, a comparison another. */
const SESSIONS = 4;

/**
 * Makes a database that nothing else uses on the admin's server, for `work` to restore a copy of the tenant's schema into, and
 * drops it afterwards, whatever happens; what an earlier run left of it is dropped first. It has the locale and, as far as they
 * can be made, the extensions of the database that the admin is in.
 *
 * `work` gets the login of a role that owns the database and has no rights elsewhere: a restore runs the tenant's own code
 * (checks, index expressions, column defaults), which must run with no rights that matter.
 *
 * @param admin A session of the admin, in no transaction.
 * @param login The admin's login to that database.
 * @param slug Names the database and its role: `scratch_<slug>`.
 * @param onLeft Told when `work` has succeeded and the database cannot be dropped; fails by default.
 * @throws Error when something of that name exists that this program did not make; what `work` fails with, when it does.
 */
export async function withScratchDatabase<T>(
  admin: Client,
  login: ConnectionTarget,
  slug: string,
  work: (owner: ConnectionTarget) => Promise<T>,
  onLeft: (message: string) => void = (message) => {
    throw new Error(message);
  },
): Promise<T> {
  const name = scratchName(slug);
  await dropScratchDatabase(admin, slug);
  const drop = () =>
    dropScratchDatabase(admin, slug).then(
      () => undefined,
      (reason: unknown) =>
        `the scratch database ${name} is still there (${errorMessage(reason)}); the next run drops it`,
    );
  let result: T;
  try {
    const password = randomBytes(24).toString("base64url");
    await createOwner(admin, name, password);
    await createDatabase(admin, name);
    const missing = await copyExtensions(admin, { ...login, database: name }, schemaName(slug));
    result = await work({ ...login, user: name, password, database: name }).catch((error: unknown) => {
      throw missing.length > 0 ? new Error(`${errorMessage(error)}; ${missing.join(", ")}`) : error;
    });
  } catch (error) {
    const left = await drop();
    throw left ? new Error(`${errorMessage(error)}; ${left}`) : error;
  }
  const left = await drop();
  if (left !== undefined) onLeft(left);
  return result;
}

/**
 * Makes a login that acts as the tenant's role, for `work` to restore the tenant's own code with, and drops it afterwards: it has no
 * rights but the tenant's. What an earlier run left of it is dropped first, by {@link withScratchDatabase} too.
 */
export async function withScratchLogin<T>(
  admin: Client,
  login: ConnectionTarget,
  slug: string,
  work: (owner: ActingLogin) => Promise<T>,
): Promise<T> {
  const name = scratchName(slug);
  await dropScratchDatabase(admin, slug);
  const password = randomBytes(24).toString("base64url");
  const role = roleName(slug);
  let result: T;
  try {
    await createOwner(admin, name, password);
    await admin.query(joining(await majorOf(admin), escapeIdentifier(role), escapeIdentifier(name)));
    result = await work({ ...login, user: name, password, actsAs: role });
  } catch (error) {
    const left = await dropScratchDatabase(admin, slug).then(
      () => "",
      (reason: unknown) => `; the login ${name} is still there (${errorMessage(reason)}); the next run drops it`,
    );
    throw left ? new Error(`${errorMessage(error)}${left}`) : error;
  }
  await dropScratchDatabase(admin, slug);
  return result;
}

async function createOwner(admin: Client, name: string, password: string): Promise<void> {
  const role = escapeIdentifier(name);
  // One message is one transaction: there is no moment in which the role exists without its marker. Whoever makes a database
  // another's has to be able to become that role, and whoever drops it, to have its rights.
  await admin.query(`
    create role ${role} login noinherit connection limit ${SESSIONS} password ${escapeLiteral(scramVerifier(password))};
    comment on role ${role} is ${escapeLiteral(SCRATCH_MARKER)};
    ${await joiningOn(admin, name)}`);
}

interface Locale {
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  /** null before PostgreSQL 15: libc. */
  readonly provider: "c" | "i" | "b" | null;
  readonly locale: string | null;
  readonly rules: string | null;
}

async function createDatabase(admin: Client, name: string): Promise<void> {
  // PostgreSQL 17 has renamed a column; 15 and 16 have brought the others.
  const { rows } = await admin.query<Locale>(
    `select pg_encoding_to_char(encoding) as encoding, datcollate as collate, datctype as ctype, to_jsonb(d) ->> 'datlocprovider' as provider,
            coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') as locale, to_jsonb(d) ->> 'daticurules' as rules
       from pg_database d where datname = current_database()`,
  );
  const database = escapeIdentifier(name);
  const options = rows.map(localeOptions).join("");
  await admin.query(`create database ${database} owner ${database} template template0 ${options}`);
  await admin.query(`
    revoke connect, temporary on database ${database} from public;
    comment on database ${database} is ${escapeLiteral(SCRATCH_MARKER)}`);
}

function localeOptions({ encoding, collate, ctype, provider, locale, rules }: Locale): string {
  const given = {
    encoding,
    lc_collate: collate,
    lc_ctype: ctype,
    locale_provider: provider && { c: "libc", i: "icu", b: "builtin" }[provider],
    icu_locale: provider === "i" ? locale : null,
    icu_rules: provider === "i" ? rules : null,
    builtin_locale: provider === "b" ? locale : null,
  };
  return Object.entries(given)
    .map(([option, value]) => (value === null ? "" : ` ${option} ${escapeLiteral(value)}`))
    .join("");
}
