// The SDK first: whatever is loaded after tsx goes through its compiler, which takes 0.2 s for the SDK alone.
const { PolicyPack } = require("@pulumi/policy");
// The language host takes no `--import` for a policy pack: from here on, TypeScript is compiled as it loads.
require("tsx/cjs");
const { policies } = require("./policies");

new PolicyPack("b2b-tenants", { enforcementLevel: "mandatory", policies });
