import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { program } from "../cli/program";
import { settingsSchema } from "../domain/settings-schema";
import { tenantJsonSchema, tenantSchema } from "../domain/tenant-schema";
import { LINT_RULES } from "../ops/ci/lint-rules";
import { CATALOG_COLUMNS } from "../ops/verify/catalog/columns";
import { policies } from "../policy/policies";
import { USAGE } from "../rehearsal/cli/arguments";

const PROGRAM = program("all");

/** What stands in each page between `<!-- generated: NAME -->` and `<!-- end -->`, by NAME. */
const BLOCKS: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  "docs/tenants.md": { keys: () => keyTable("key", tenantSchema) },
  "docs/settings.md": { settings: () => keyTable("setting", settingsSchema, OTHER_SETTINGS) },
  "docs/rehearsal.md": {
    commands: () => usageTable("command", "does", /^ {2}(?:\((no command)\)|([a-z]+)( \S+)?) {2,}(.*)$/gm),
    options: () => usageTable("option", "means", /^ {2}()(--[a-z-]+)( \S+)? {2,}(.*)$/gm),
  },
  "docs/policies.md": {
    policies: () =>
      table(
        ["policy", "holds that"],
        policies.map(({ name, description }) => [`\`${name}\``, description]),
      ),
  },
  "docs/verify.md": { verify: () => optionTable("verify") },
  "docs/verify-columns.md": {
    columns: () =>
      table(
        ["column", "has", "looked at by"],
        CATALOG_COLUMNS.map(({ name, kind, looked, since }) => [
          `\`${name}\`${since === undefined ? "" : ` (${since})`}`,
          kind,
          looked,
        ]),
      ),
  },
  "docs/monitoring.md": { report: () => optionTable("report") },
  "docs/migrations.md": { migrate: () => optionTable("migrate"), rules: () => lintTable() },
  "docs/restore.md": { restore: () => optionTable("restore") },
  "docs/moves.md": { move: () => optionTable("move") },
  "docs/recover.md": { recover: () => optionTable("recover") },
  "docs/review.md": { "preview-comment": () => optionTable("preview-comment") },
  "docs/fleet.md": {
    fleet: () => commandTable("fleet"),
    "fleet-options": () => optionTable("fleet", "status"),
    add: () => optionTable("add"),
  },
  "docs/ci.md": { ci: () => commandTable("ci") },
  "CONTRIBUTING.md": { commands: () => commandTable() },
};

/** Settings that are read apart from the schema: one is the aws provider's, one a secret. */
const OTHER_SETTINGS = [
  ["`aws:region`", "an AWS region", "required", "Where servers and parameters are."],
  [
    "`adminPassword`",
    "an encrypted text",
    "the variable `PGPASSWORD`",
    "Password of `database.adminUser`. Plain text is refused.",
  ],
];

/** The files that are not what the code makes of them, by path below `root`, with what they are to hold. */
export function staleFiles(root: string): Map<string, string> {
  const generated: [string, string][] = [
    ["tenants/tenant.schema.json", tenantJsonSchema()],
    ...Object.keys(BLOCKS).map((page): [string, string] => [page, pageWithBlocks(page, written(root, page) ?? "")]),
  ];
  return new Map(generated.filter(([path, text]) => written(root, path) !== text));
}

function pageWithBlocks(page: string, held: string): string {
  return Object.entries(BLOCKS[page] ?? {}).reduce((text, [name, block]) => {
    const [begin, end] = [`<!-- generated: ${name} -->\n`, "<!-- end -->"];
    const [before, rest] = text.split(begin);
    const after = rest?.slice(rest.indexOf(end));
    if (!after?.startsWith(end)) throw new Error(`${page} lacks the lines ${begin.trim()} and ${end}`);
    return `${before}${begin}${block()}\n${after}`;
  }, held);
}

/** The linter's rules: first those that are asked. */
function lintTable(): string {
  const rules = Object.entries(LINT_RULES);
  return table(
    ["rule", "a finding means", "instead, or why the rule is left out"],
    [
      ...rules.flatMap(([name, rule]) => ("means" in rule ? [[`\`${name}\``, rule.means, rule.instead]] : [])),
      ...rules.flatMap(([name, rule]) => ("why" in rule ? [[`\`${name}\``, "left out", rule.why]] : [])),
    ],
  );
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  /** What the field says that it allows: see domain/fields.ts. */
  readonly takes?: string;
}

function keyTable(title: string, schema: z.ZodType, first: readonly string[][] = []): string {
  const rows = keyRows(z.toJSONSchema(schema, { io: "input" }) as JsonSchema, "");
  return table([title, "takes", "default", "meaning, and what a change does"], [...first, ...rows]);
}

/** A row for each key that holds a value, such as `database.port` or `network.ingress[].cidr`. */
function keyRows({ properties = {}, required = [] }: JsonSchema, prefix: string): string[][] {
  return Object.entries(properties).flatMap(([name, node]) => {
    const key = prefix + name;
    if (node.properties) return keyRows(node, `${key}.`);
    if (node.items?.properties) return keyRows(node.items, `${key}[].`);
    if (!node.description) throw new Error(`${key} has no description: give its field one with .meta()`);
    const [, meaning = "", otherwise = "required"] = /^(.*?)(?: Default: (.*)\.)?$/s.exec(node.description) ?? [];
    const fallback = required.includes(name) || node.default === undefined ? otherwise : `\`${spelt(node.default)}\``;
    return [[`\`${key}\``, takes(node), fallback, meaning]];
  });
}

function takes({ enum: words, items, takes }: JsonSchema): string {
  if (words) return words.map((word) => `\`${word}\``).join(", ");
  return items?.takes ? `a list; each is ${items.takes}` : (takes ?? "");
}

function spelt(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
}

/** The options of one command, or of a command of it. */
function optionTable(name: string, inner?: string): string {
  const outer = commandOf(name);
  const command = inner === undefined ? outer : outer.commands.find((candidate) => candidate.name() === inner);
  const rows = (command ?? outer).options.map(({ flags, description, defaultValue }) => [
    `\`${flags.replace(/<(.*)>/, "$1")}\``,
    description + (defaultValue === undefined ? "" : ` (default: \`${defaultValue}\`)`),
  ]);
  return table(["option", "means"], rows);
}

/** The commands of the program, or those of one of its commands. */
function commandTable(name?: string): string {
  const parent = name === undefined ? "" : `${name} `;
  const commands = name === undefined ? PROGRAM.commands : commandOf(name).commands;
  return table(
    ["command", "does"],
    commands.map((command) => [`\`${parent}${command.name()}\``, command.summary()]),
  );
}

function commandOf(name: string): Command {
  const command = PROGRAM.commands.find((candidate) => candidate.name() === name);
  if (command === undefined) throw new Error(`there is no command ${name}`);
  return command;
}

/** A table of what the rehearsal's usage text lists. */
function usageTable(title: string, meaning: string, line: RegExp): string {
  const rows = [...USAGE.matchAll(line)].map(([, none, name, argument = "", does = ""]) => [
    none ? "(none)" : `\`${name}\`${argument}`,
    does,
  ]);
  return table([title, meaning], rows);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [heads, heads.map(() => "---"), ...rows].map(line).join("\n");
}

function written(root: string, path: string): string | undefined {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return undefined;
  }
}
