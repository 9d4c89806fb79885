import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, it } from "node:test";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { tenantLogin } from "../../rehearsal/session/tenant-login";
import { hostedCommand } from "./command-host";
import { type Outcome, type Run, ScratchRehearsal } from "./scratch-rehearsal";

// docs/guia.es.md, run from top to bottom in a rehearsal, as the page itself says that it can be.

const SLUG = "distribuidora_mx";
const FILE = `tenants/${SLUG}.yaml`;
const GUIDE = readFileSync(path.join(PROJECT_DIR, "docs/guia.es.md"), "utf8").replaceAll("CLIENTE", SLUG);

/** What a rehearsal has no use for: it has its own admin, asks the policies and goes on past a failure anyway, and locks no stack. */
const NOT_REHEARSED = [
  'export PULUMI_OPTION_POLICY_PACK="$PWD/policy" PULUMI_CONTINUE_ON_ERROR=true',
  "npx pulumi config set --secret b2b-tenants:adminPassword --stack prod",
  "npx pulumi cancel --stack prod",
];

/** What is to be read in what a command prints. */
const SAYS: readonly (readonly [string, RegExp])[] = [
  ["verify", /all refused/],
  ["report --stack prod", new RegExp(`user_${SLUG}\\b`)],
  ["--reference", new RegExp(`schema_${SLUG}`)],
  // Of the file that section 3 wrote.
  ["--show-secrets", /^FRONTEND_URL=https:\/\/tienda\.example\.com$/m],
];

const rehearsal = new ScratchRehearsal({});
after(() => rehearsal.remove());

/** The blocks of the page in order: commands to run, or a tenant file to write. */
const blocks = [...GUIDE.matchAll(/^```(sh|yaml)\n(.*?)^```/gms)].map(([, kind, text = ""]) => ({ kind, text }));
const places = () => ["--home", rehearsal.home.path, "--tenants", rehearsal.tenants];

async function run(line: string): Promise<Outcome | undefined> {
  const words = line.split(" ");
  if (NOT_REHEARSED.includes(line)) return undefined;
  if (line === `git rm ${FILE}`) return void rehearsal.withdraw(SLUG);
  if (line.startsWith(`git checkout HEAD -- ${FILE} `)) return void rehearsal.declare(SLUG, written);
  if (line === "npx pulumi preview --stack prod") return inThisProcess(await rehearsal.preview());
  if (line === "npx pulumi up --stack prod") return inThisProcess(await rehearsal.up());
  assert.deepEqual(words.slice(0, 2), ["npx", "b2b-tenants"], `"${line}" is no command that this test can run`);
  const [archive = "there is no backup"] = backups().filter((name) => name.endsWith(".dump"));
  const args = words.slice(2).map((word) => (word === "RESPALDO" ? archive : word));
  // Nobody is at a terminal to be asked.
  const consent = args.includes("--show-secrets") ? ["--yes"] : [];
  return hostedCommand(...args, ...consent, ...places());
}

function inThisProcess({ failures }: Run): Outcome {
  return { status: failures.length, stdout: "", stderr: failures.join("\n") };
}

let written = "";

it("the Spanish guide has the eight sections, and each of its commands does what it says", async () => {
  assert.deepEqual(
    [...GUIDE.matchAll(/^## (\d)\. /gm)].map(([, number]) => Number(number)),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  const done: string[] = [];
  for (const { kind, text } of blocks) {
    if (kind === "yaml") {
      assert.ok(text.startsWith(`# ${FILE}\n`), text);
      written = text;
      rehearsal.declare(SLUG, text);
      continue;
    }
    for (const line of text.trim().split("\n")) {
      if (line.startsWith("git rm")) {
        assert.deepEqual(backups(), []);
        await asTenant("insert into categories (name) values ('pain')");
      }
      const outcome = await run(line);
      assert.equal(outcome?.status ?? 0, 0, `${line}\n${outcome?.stdout}${outcome?.stderr}`);
      for (const [command, says] of SAYS) if (line.includes(command)) assert.match(outcome?.stdout ?? "", says, line);
      if (line.includes("restore")) assert.deepEqual(await asTenant("select name from categories"), [{ name: "pain" }]);
      done.push(line);
    }
  }
  assert.ok(done.length > 20, "the commands were not found");
  assert.ok(SAYS.every(([command]) => done.some((line) => line.includes(command))));
  // The one removal has left its proved backup.
  assert.equal(backups().filter((name) => name.endsWith(".manifest.json")).length, 1);
});

async function asTenant(sql: string) {
  return rehearsal.sql(sql, [], await tenantLogin(rehearsal.session, SLUG));
}

function backups(): string[] {
  return existsSync(rehearsal.home.backups) ? readdirSync(rehearsal.home.backups) : [];
}
