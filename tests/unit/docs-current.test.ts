import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import * as postgresql from "@pulumi/postgresql";
import type { Command } from "commander";
import { z } from "zod";
import { program } from "../../cli/program";
import { Alarms } from "../../components/shared/alarms";
import { ServerNetwork } from "../../components/shared/server-network";
import { SharedDatabase } from "../../components/shared/shared-database";
import { Tenant } from "../../components/tenant";
import { labelOf } from "../../domain/resource-types";
import { settingsSchema } from "../../domain/settings-schema";
import { tenantSchema } from "../../domain/tenant-schema";
import { CHECKS } from "../../ops/verify/leak";
import { policies } from "../../policy/policies";
import { COMMANDS, parseArguments, USAGE } from "../../rehearsal/cli/arguments";
import { record } from "../components/recorder";
import { ALARMS, SETTINGS } from "../components/settings";
import { tenantArgs } from "../components/tenant-args";
import { JOBS, WORKFLOWS } from "./workflow-files";

// What README and pages list is taken from the code, so that neither can change without the other.

const ROOT = join(__dirname, "../..");
/** Every page for readers, by its path. */
const PAGES = new Map(
  readdirSync(ROOT, { withFileTypes: true })
    .filter(({ name }) => !/^(\.(?!github)|node_modules|tests$)/.test(name))
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(join(ROOT, entry.name), { recursive: true, encoding: "utf8" }).map((path) =>
            join(entry.name, path),
          )
        : entry.name,
    )
    .filter((path) => path.endsWith(".md"))
    .map((path) => [path, readFileSync(join(ROOT, path), "utf8")]),
);
const ALL = [...PAGES.values()].join("\n");
const SCRIPTS: Record<string, string> = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts;

test("every key of a tenant file has its row, with its default", () => {
  assertDocumented(rowsUnder("docs/tenants.md", "Keys of a tenant file"), leavesOf(tenantSchema));
});

test("every setting has its row, with its default", () => {
  // These two are read apart from the schema: one is the aws provider's, one a secret.
  const others: Leaf[] = [{ key: "aws:region" }, { key: "adminPassword" }];
  assertDocumented(rowsUnder("docs/settings.md"), [...leavesOf(settingsSchema), ...others]);
});

test("every rehearse command and option has its row, and every exit status", () => {
  const options = [...USAGE.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option]) => option ?? "");
  const statuses = [...(/^Exit status: (.*)$/m.exec(USAGE)?.[1] ?? "").matchAll(/\b\d\b/g)].map(([digit]) => digit);
  assert.ok(options.length > 0 && statuses.length > 0, "nothing was found in the usage text");
  const commands = COMMANDS.map((command) => (command === "story" ? "(none)" : command));
  const documented = rowsUnder("docs/rehearsal.md").map(({ name }) => name);
  assert.deepEqual(documented.sort(), [...commands, ...options, ...statuses].sort());
});

test("every word that verify has for a leak is explained, and no other", () => {
  const [, section = ""] = /^## What it looks at\n(.*?)^## /ms.exec(page("docs/verify.md")) ?? [];
  const rows = section.match(/^\| `.*$/gm)?.map((row) => cellsOf(row)[0] ?? "") ?? [];
  const words =
    [...rows, /has some words of its own:(.*?)\n\n/s.exec(section)?.[1] ?? ""].join(" ").match(/`[^`]+`/g) ?? [];
  assert.deepEqual(words.map((word) => word.slice(1, -1)).sort(), [...CHECKS].sort());
});

test("every policy has its row, and the story counts them", () => {
  assert.deepEqual(
    rowsUnder("docs/policies.md").map(({ name }) => name),
    policies.map(({ name }) => name),
  );
  const [, counted] = /^✓ none of the (\d+) policies /m.exec(page("docs/rehearsal.md")) ?? [];
  assert.equal(counted, String(policies.length));
});

test("every workflow, environment and variable of CI has its row, once, and the one secret is named", () => {
  const [workflows = [], environments = [], variables = []] = tablesUnder("docs/ci.md").map((rows) =>
    rows.map(([cell = ""]) => cell.replaceAll("`", "")).sort(),
  );
  const text = WORKFLOWS.map((workflow) => workflow.text).join("\n");
  const named = (context: string) =>
    [...new Set([...text.matchAll(new RegExp(`\\b${context}\\.(\\w+)`, "g"))].map(([, name = ""]) => name))].sort();
  assert.deepEqual(
    workflows.map((name) => `${name}.yml`),
    WORKFLOWS.map(({ name }) => name),
  );
  assert.deepEqual(environments, [...new Set(JOBS.flatMap(({ job }) => job.environment ?? []))].sort());
  assert.deepEqual(variables, named("vars"));
  for (const secret of named("secrets")) assert.ok(page("docs/ci.md").includes(`\`${secret}\``), secret);
});

test("the resource tree is what a tenant is made of", async () => {
  const prod = ["80", "443"].map((port) => ({ port: Number(port), cidr: "0.0.0.0/0", description: "web" }));
  const settings = { ...SETTINGS, network: { ...SETTINGS.network, ingress: prod } };
  const { registrations } = await record(() => {
    const providers = { postgresql: new postgresql.Provider("database-admin", {}) };
    new SharedDatabase("shared-database", { database: "postgres" }, { providers });
    const { topic } = new Alarms("alarms", { settings: ALARMS, environment: "prod" });
    new ServerNetwork("servers", settings);
    const args = tenantArgs({ settings, alarmTopic: { name: "alarms", resource: topic } });
    new Tenant("acme", args, { providers });
  });
  const declared = registrations.map(({ name }) => name).filter((name) => name !== "database-admin");
  const [, block = ""] = page("README.md").split("What one tenant makes").at(1)?.split("```") ?? [];
  const tree = block.match(/^[│├└─ ]*(acme|alarms|servers|shared-database)\S*(?= {2,}\S)/gm) ?? [];
  assert.deepEqual(tree.map((line) => line.replace(/^[│├└─ ]*/, "")).sort(), declared.sort());
  // Comments on pull requests and `recover` call each of them by a name of its own.
  const unnamed = registrations.filter(({ type, name }) => labelOf({ type, name }) === undefined);
  const components = ["SharedDatabase", "Alarms", "ServerNetwork", "Tenant", "Database", "Server"];
  assert.deepEqual(unnamed.map(({ type }) => type).sort(), components.map((name) => `b2b:index:${name}`).sort());
});

test("every link of every page leads to a file, and every anchor to a heading", () => {
  const targets = [...PAGES].flatMap(([path, text]) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => ({ path, target })),
  );
  const own = targets.filter(({ target }) => !target.startsWith("https://"));
  assert.ok(own.length > 50, "the links were not found");
  const broken = own.filter(({ path, target }) => {
    const [file = "", heading] = target.split("#");
    const to = file === "" ? path : join(dirname(path), file);
    if (!existsSync(join(ROOT, to))) return true;
    const headings = [...(PAGES.get(to) ?? "").matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => anchor(title));
    return heading !== undefined && !headings.includes(heading);
  });
  assert.deepEqual(broken, []);
});

test("every file that a page names is there", () => {
  const named = [
    ...ALL.matchAll(/`((?:\.github|cli|components|database|docs|domain|ops|policy|rehearsal|sql|tests)\/[\w./-]+)`/g),
  ].map(([, path = ""]) => path);
  assert.ok(named.length > 20, "the files were not found");
  assert.deepEqual(
    named.filter((path) => !/\/NAME\b/.test(path) && !existsSync(join(ROOT, path))),
    [],
  );
});

test("README is one screen, and no page is longer than can be read at a sitting", () => {
  const long = [...PAGES]
    .map(([path, text]) => ({ path, lines: text.trimEnd().split("\n").length }))
    .filter(({ path, lines }) => path !== "CHANGELOG.md" && lines > (path === "README.md" ? 150 : 250));
  assert.deepEqual(long, []);
});

test("every npm script that is named exists", () => {
  const named = [...ALL.matchAll(/npm (?:run ([a-z-]+)|(test))/g)].map(([, script, own]) => script ?? own ?? "");
  assert.ok(named.includes("rehearse") && named.includes("test"), "the scripts were not found");
  assert.deepEqual(
    named.filter((script) => !(script in SCRIPTS)),
    [],
  );
});

test("every command line of the pages is one that its program understands", () => {
  const lines = [...ALL.matchAll(/^ *```sh\n(.*?)^ *```/gms)].flatMap(([, block = ""]) => block.trim().split("\n"));
  const commands = lines.flatMap((line) => line.replace(/ #.*/, "").split(/ (?:&&|\|) /)).map((line) => line.trim());
  const of = (words: string) =>
    commands.filter((line) => line.startsWith(`${words} `)).map((line) => line.slice(words.length + 1));
  assert.ok(of("npx b2b-tenants").length > 20 && of("npx pulumi").length > 20, "the commands were not found");
  for (const line of of("npx b2b-tenants")) {
    const command = commandOf(line.split(/\s+/));
    for (const [option] of line.matchAll(/(?<= )--[a-z-]+/g)) {
      assert.ok(
        command.options.some(({ long }) => long === option),
        `npx b2b-tenants ${line}: ${option}`,
      );
    }
  }
  for (const line of of("npm run rehearse --")) assert.doesNotThrow(() => parseArguments(line.split(/\s+/)), line);
  for (const line of of("npx pulumi")) assert.match(line, PULUMI, `npx pulumi ${line}`);
});

test("every message that is explained is one of the program's", () => {
  const own = tablesUnder("docs/troubleshooting.md").slice(0, -1).flat();
  const fragments = own.flatMap(([cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, message = ""]) => message.split("…").map((part) => part.trim())),
  );
  assert.ok(fragments.length > 20, "the messages were not found");
  const code = ["cli", "components", "database", "docs", "domain", "ops", "policy", "rehearsal"]
    .flatMap(sources)
    .join("\n");
  assert.deepEqual(
    fragments.filter((fragment) => !code.includes(fragment)),
    [],
  );
});

/** The Pulumi commands that the pages name, with the options that they use. */
const PULUMI =
  /^(login s3:|stack (init|ls|output tenants|change-secrets-provider)\b|config set (--secret )?b2b-tenants:|cancel --stack |(preview|up|destroy)( --(policy-pack policy|refresh|json|event-log \S+))* --stack )/;

/** The command that the words begin with, for example that of `ci stacks-touched --base main`. */
function commandOf(words: readonly string[]): Command {
  let command = program("all");
  for (const word of words) {
    const inner = command.commands.find((candidate) => candidate.name() === word);
    if (inner === undefined) break;
    command = inner;
  }
  assert.ok(command.parent !== null, `there is no command "${words[0]}"`);
  return command;
}

interface Leaf {
  readonly key: string;
  readonly default?: unknown;
}

interface JsonSchema {
  readonly properties?: Record<string, JsonSchema>;
  readonly items?: JsonSchema;
  readonly default?: unknown;
}

/** Keys that hold a value, as `database.port` or `network.ingress[].cidr`. */
function leavesOf(schema: z.ZodType): Leaf[] {
  const walk = (node: JsonSchema, key: string): Leaf[] => {
    if (node.properties) {
      return Object.entries(node.properties).flatMap(([name, inner]) => walk(inner, key ? `${key}.${name}` : name));
    }
    if (node.items?.properties) return walk(node.items, `${key}[]`);
    return [{ key, ...("default" in node ? { default: node.default } : {}) }];
  };
  return walk(z.toJSONSchema(schema, { io: "input" }) as JsonSchema, "");
}

interface Row {
  /** First cell, without what follows the name. */
  readonly name: string;
  readonly cells: readonly string[];
}

function assertDocumented(rows: readonly Row[], leaves: readonly Leaf[]): void {
  assert.deepEqual(rows.map(({ name }) => name).sort(), leaves.map(({ key }) => key).sort());
  for (const leaf of leaves.filter((candidate) => candidate.default !== undefined)) {
    const spelt = Array.isArray(leaf.default) ? `[${leaf.default.join(", ")}]` : String(leaf.default);
    const documented = rows.find(({ name }) => name === leaf.key)?.cells[2];
    assert.equal(documented, `\`${spelt}\``, `default of ${leaf.key}`);
  }
}

function page(path: string): string {
  const text = PAGES.get(path);
  assert.ok(text, `there is no page ${path}`);
  return text;
}

function rowsUnder(path: string, heading?: string): Row[] {
  return tablesUnder(path, heading)
    .flat()
    .map((cells) => ({ name: /^`([^`]+)`/.exec(cells[0] ?? "")?.[1] ?? cells[0] ?? "", cells }));
}

/** The tables of a page, or of one section of it, without their heads: rows of cells. */
function tablesUnder(path: string, heading?: string): string[][][] {
  const sections = page(path).split(/^## /m);
  const section = heading ? sections.find((text) => text.startsWith(`${heading}\n`)) : page(path);
  assert.ok(section, `${path} has no section "${heading}"`);
  // Those of a list are indented.
  const tables = section.match(/(^ *\|.*\n)+/gm) ?? [];
  return tables.map((table) => table.trimEnd().split("\n").slice(2).map(cellsOf));
}

function cellsOf(row: string): string[] {
  return row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** As GitHub makes them of headings. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

function sources(folder: string): string[] {
  return (
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.(ts|sh)$/.test(path))
      .map((path) => readFileSync(join(ROOT, folder, path), "utf8"))
      // A sentence may go on in the string of the next line.
      .map((text) => text.replace(/["'`] \+\n\s*["'`]/g, ""))
  );
}
