import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, it } from "node:test";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { tenantLogin } from "../../rehearsal/session/tenant-login";
import { hostedCommand } from "./command-host";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

const SLUG = "farmacruz";
const OWN = ["--stack", "prod-farmacruz"];

const rehearsal = new ScratchRehearsal({ [SLUG]: frontend(SLUG) });
after(() => rehearsal.remove());

/** The commands of docs/moves.md that take the data along, each as its words. */
function commands(): string[][] {
  const section =
    readFileSync(path.join(PROJECT_DIR, "docs/moves.md"), "utf8").split("## Another database server")[1] ?? "";
  const block = /```sh\n([^`]*)```/.exec(section)?.[1] ?? "";
  return block
    .trim()
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim().split(/\s+/));
}

it("the commands of docs/moves.md remove a tenant and restore it in another stack", async () => {
  assert.deepEqual((await rehearsal.up()).failures, []);
  const insert = "insert into categories (name) values ('pain'), ('cold') returning id";
  assert.deepEqual(await rehearsal.sql(insert, [], await tenantLogin(rehearsal.session, SLUG)), [{ id: 1 }, { id: 2 }]);
  rehearsal.declare(SLUG, `${frontend(SLUG)}stack: prod-farmacruz\n`);

  const [leave, arrive, fill, ...more] = commands();
  assert.deepEqual(more, []);
  assert.deepEqual(leave, ["npx", "pulumi", "up", "--stack", "prod"]);
  assert.deepEqual((await rehearsal.up()).failures, []);
  assert.deepEqual(arrive, ["npx", "pulumi", "up", ...OWN]);
  assert.deepEqual((await rehearsal.up(...OWN)).failures, []);

  assert.deepEqual(fill?.slice(0, 3), ["npx", "b2b-tenants", "restore"]);
  const [archive = ""] = readdirSync(rehearsal.home.backups).filter((name) => name.endsWith(".dump"));
  const words = fill?.slice(3).map((word) => (word === "BACKUP" ? archive : word)) ?? [];
  const places = ["--home", rehearsal.home.path, "--tenants", rehearsal.tenants];
  const { status, stdout, stderr } = await hostedCommand("restore", ...words, ...places);
  assert.equal(status, 0, stdout + stderr);

  const session = await rehearsal.open(...OWN);
  const login = await tenantLogin(session, SLUG);
  const rest = "insert into categories (name) values ('flu')";
  await rehearsal.sql(rest, [], login);
  assert.deepEqual(await rehearsal.sql("select id, name from categories order by id", [], login), [
    { id: 1, name: "pain" },
    { id: 2, name: "cold" },
    { id: 3, name: "flu" },
  ]);
  assert.deepEqual((await rehearsal.up(...OWN)).changes, []);
});
