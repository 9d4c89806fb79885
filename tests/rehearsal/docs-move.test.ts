import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, it } from "node:test";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { tenantLogin } from "../../rehearsal/session/tenant-login";
import { hostedCommand } from "./command-host";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

const SLUG = "acme";
const OTHER = "east2";

const rehearsal = new ScratchRehearsal({ [SLUG]: frontend(SLUG) });
after(() => rehearsal.remove());

/** The commands of docs/moves.md that take a tenant to another database server, each as its words. */
function commands(): string[][] {
  const page = readFileSync(path.join(PROJECT_DIR, "docs/moves.md"), "utf8");
  const block = /```sh\n([^`]*)```/.exec(page.split("## To another database server")[1] ?? "")?.[1] ?? "";
  const lines = block.trim().split("\n");
  return lines.map((line) => line.replace(/#.*/, "").trim().split(/\s+/)).filter(([program]) => program !== "git");
}

it("the commands of docs/moves.md take a tenant and its data to another database server", async () => {
  mkdirSync(`${rehearsal.tenants}-${OTHER}`);
  assert.deepEqual((await rehearsal.up("--stack", OTHER, "--own-database")).failures, []);
  assert.deepEqual((await rehearsal.up()).failures, []);
  const insert = "insert into categories (name) values ('pain'), ('cold')";
  await rehearsal.sql(insert, [], await tenantLogin(rehearsal.session, SLUG));

  const places = ["--home", rehearsal.home.path, "--tenants", rehearsal.tenants, "--yes"];
  const [move, finish, ...more] = commands().map((words) => words.slice(2));
  assert.deepEqual(more, []);
  const moved = await hostedCommand(...(move ?? []), ...places);
  // In a rehearsal no server logs in by itself.
  assert.equal(moved.status, 1, moved.stdout + moved.stderr);
  assert.match(
    moved.stdout,
    /its server has not been seen to log in there.*The previews of prod and east2 show no change/s,
  );
  const finished = await hostedCommand(...(finish ?? []), ...places);
  assert.equal(finished.status, 0, finished.stdout + finished.stderr);
  assert.ok(!existsSync(path.join(rehearsal.tenants, `${SLUG}.yaml`)));

  await rehearsal.open();
  assert.deepEqual(await rehearsal.sql("select rolname from pg_roles where rolname = 'user_acme'"), []);
  const session = await rehearsal.open("--stack", OTHER, "--own-database");
  const names = await rehearsal.sql("select name from categories order by id", [], await tenantLogin(session, SLUG));
  assert.deepEqual(names, [{ name: "pain" }, { name: "cold" }]);
});
