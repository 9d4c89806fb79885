#!/usr/bin/env node
// What `npx b2b-tenants` starts. Relative paths among the arguments mean the folder that the person is in, as under `npm run`.
process.env.INIT_CWD ??= process.cwd();
process.chdir(require("node:path").join(__dirname, ".."));
require("tsx/cjs");
require("./main");
