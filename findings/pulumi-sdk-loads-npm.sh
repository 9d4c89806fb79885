#!/usr/bin/env bash
# @pulumi/pulumi 3.248.0: a program that only says require("@pulumi/pulumi") loads a TypeScript compiler and npm's dependency resolver.
#
# One would expect that they are loaded when a function is serialized, which is what they are for, and which most programs never do.
# Both are required at the top of the modules that serialize: the SDK's own copy of TypeScript 3.8.3 (8 MB in one file), and
# @npmcli/arborist with the packages behind it, among them sigstore's. Every process of a deployment pays for them: the program, each dynamic
# provider, and a policy pack.
#
# Seen in November 2026 (Node 20):
#   files loaded: 769, of npm's resolver: 266, of a TypeScript compiler: 1
#
# So the rehearsal defers both until they are used: rehearsal/protocol/lazy-modules.cjs.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf -- "$folder"' EXIT

npm install --prefix "$folder" --silent --no-audit --no-fund @pulumi/pulumi@3.248.0
cat >"$folder/loaded.cjs" <<'JS'
require("@pulumi/pulumi");
const files = Object.keys(require.cache);
const of = (part) => files.filter((file) => file.includes(part)).length;
const arborist = ["@npmcli/", "@sigstore/", "@tufjs/", "/pacote/", "/cacache/", "/bin-links/"].map((name) => of(name));
const resolver = arborist.reduce((sum, count) => sum + count, 0);
const compiler = of("vendor/typescript");
console.log(`files loaded: ${files.length}, of npm's resolver: ${resolver}, of a TypeScript compiler: ${compiler}`);
process.exitCode = resolver > 0 && compiler > 0 ? 0 : 1;
JS
node --version
node "$folder/loaded.cjs"
