// The language host that runs a policy pack takes no `--import`: from here on, TypeScript is compiled as it loads.
require("tsx/cjs");
require("./pack");
