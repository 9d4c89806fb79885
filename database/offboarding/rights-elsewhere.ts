import { join } from "node:path";
import { type Client, escapeIdentifier } from "pg";
import { printable } from "../../domain/printable";
import { errorMessage } from "../error-message";
import { SqlFile } from "../sql-file";
import { withTransaction } from "../transaction";

/** A statement that takes rights away, and the role that has to run it. */
interface Revocation {
  readonly giver: string;
  readonly statement: string;
}

const REVOCATIONS = ["granted-rights.sql", "promised-rights.sql"].map(
  (file) => new SqlFile<Revocation, "role">(join(__dirname, file)),
);

/**
 * Takes away what a role may do in other schemas, and what it lets others do in what it would still make: PostgreSQL drops no role
 * that has such rights left, and a neighbour could keep a tenant from being removed by giving it some. All of it or nothing.
 *
 * @param admin May make itself a member of each giver.
 */
export async function revokeRightsElsewhere(admin: Client, role: string): Promise<void> {
  await withTransaction(admin, async () => {
    for (const query of REVOCATIONS) {
      for (const { giver, statement } of await query.rows(admin, { role })) await asGiver(admin, giver, statement);
    }
  });
}

/** A right is taken back by the one who gave it; another's REVOKE passes it over without a word. Neither runs any code. */
async function asGiver(admin: Client, giver: string, statement: string): Promise<void> {
  const { rows } = await admin.query<{ self: boolean }>("select $1 = current_user as self", [giver]);
  if (rows[0]?.self) {
    await admin.query(statement);
    return;
  }
  const name = escapeIdentifier(giver);
  await admin.query(`grant ${name} to current_user with inherit true, set true`);
  await admin.query(`set local role ${name}`);
  await admin.query(statement).catch((error: unknown) => {
    throw new Error(
      `what ${printable(giver)} has granted cannot be taken back (${printable(statement)}: ${errorMessage(error)}): see to it as the ` +
        "admin or as that role, which may have shut itself out of its schema",
    );
  });
  await admin.query("reset role");
  await admin.query(`revoke ${name} from current_user`);
}
