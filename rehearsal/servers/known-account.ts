import { readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { AccountSettings } from "./account";
import type { MotoServer } from "./moto";

/** What the account of a home was prepared for, and what is in it since. */
interface Prepared {
  readonly region: string;
  readonly subnetIds: readonly string[];
  readonly account: AccountSettings;
}

/**
 * What the account of a home has that production has before the first `up`. It is prepared once and then known: the clients that this takes
 * are slow to load, and most commands need none of them.
 */
export async function accountOf(
  home: string,
  moto: MotoServer,
  region: string,
  subnetIds: readonly string[],
): Promise<AccountSettings> {
  // Beside what the emulator remembers the account by: who removes that removes this.
  const file = path.join(home, "aws", "prepared.json");
  const known = read(file);
  if (known?.region === region && known.subnetIds.join() === subnetIds.join()) return known.account;
  const { prepareAccount } = require("./account") as typeof import("./account");
  const prepared: Prepared = { region, subnetIds, account: await prepareAccount(moto, region, subnetIds) };
  writeFileSync(`${file}.new`, JSON.stringify(prepared));
  renameSync(`${file}.new`, file);
  return prepared.account;
}

function read(file: string): Prepared | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
