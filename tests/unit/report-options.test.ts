import assert from "node:assert/strict";
import { test } from "node:test";
import type { StackValues } from "../../cli/command-line";
import { takesNoArguments } from "../../cli/command-line";
import { report } from "../../cli/commands/report";
import { UsageError } from "../../domain/usage-error";
import { type ReportValues, reportWanted } from "../../ops/report/report-options";
import { parsedCommand } from "./parsed-command";

function wanted(...argv: string[]) {
  const parsed = parsedCommand<StackValues & ReportValues>(report(), argv);
  assert.ok(parsed !== "help");
  takesNoArguments("report", parsed.args);
  return reportWanted(parsed.values);
}

for (const [argv, expected] of [
  [[], { what: "report", everySeconds: undefined }],
  [["--watch"], { what: "report", everySeconds: 5 }],
  [["--watch", "--json"], { what: "report", everySeconds: 5 }],
  [["--watch", "2"], { what: "report", everySeconds: 2 }],
  [["--watch=0.5", "--stack", "x"], { what: "report", everySeconds: 0.5 }],
  [["--reference"], { what: "reference", format: "text" }],
  [["--reference", "--format", "markdown"], { what: "reference", format: "markdown" }],
  [["--reference", "--json"], { what: "reference", format: "json" }],
  [["--show-secrets", "acme"], { what: "secrets", slug: "acme", yes: false }],
  [["--yes", "--show-secrets", "acme"], { what: "secrets", slug: "acme", yes: true }],
  [
    ["--html", "x.html"],
    { what: "page", page: { file: "x.html", language: undefined, since: undefined, proof: true } },
  ],
  [
    ["--html=x.html", "--json", "--no-proof", "--since", "y.html", "--lang", "es"],
    { what: "page", page: { file: "x.html", language: "es", since: "y.html", proof: false } },
  ],
] as const) {
  test(`report ${argv.join(" ")} is understood`, () => assert.deepEqual(wanted(...argv), expected));
}

test("--help wins over all else", () => assert.equal(parsedCommand(report(), ["--watch", "--help"]), "help"));

for (const [argv, message] of [
  [["acme"], /takes no "acme"; the stack is named with --stack/],
  [["--watch", "5", "acme"], /takes no "acme"/],
  [["--watch", "0"], /^--watch takes seconds, more than 0 and at most 86400, got "0"$/],
  [["--watch", "-1"], /^--watch takes seconds, more than 0 .*, got "-1"$/],
  [["--watch", "abc", "--json"], /^--watch takes seconds, more than 0 .*, got "abc"$/],
  [["--watch", ""], /^--watch takes seconds, more than 0 .*, got ""$/],
  [["--watch=often"], /^--watch takes seconds, more than 0 .*, got "often"$/],
  [["--watch", "1e9"], /^--watch takes seconds, more than 0 .*, got "1e9"$/],
  [["--watch", "--reference"], /--watch and --reference are two things/],
  [["--reference", "--show-secrets", "acme"], /--reference and --show-secrets are two things/],
  [["--format", "json"], /--format is for --reference/],
  [["--reference", "--format", "html"], /the formats are text, markdown, json/],
  [["--reference", "--format", "text", "--json"], /--json and --format text are two things/],
  [["--show-secrets", "../acme"], /"..\/acme" is not a tenant's slug/],
  [["--yes"], /--yes is for --show-secrets/],
  [["--html", "x.html", "--watch"], /--watch and --html are two things/],
  [["--lang", "es"], /^--lang is for --html$/],
  [["--since", "y.html"], /^--since is for --html$/],
  [["--no-proof"], /^--no-proof is for --html$/],
  [["--html", "x.html", "--lang", "fr"], /^--lang "fr": the languages are en and es$/],
  [["--table"], /--table/],
] as const) {
  test(`report ${argv.join(" ")} is refused`, () => {
    assert.throws(
      () => wanted(...argv),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  });
}
