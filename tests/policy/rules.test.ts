import { readdirSync } from "node:fs";
import { join } from "node:path";

// In one process, since each would load the SDK first, for a second. Any of them can be run by itself.
const folder = join(__dirname, "rules");
for (const name of readdirSync(folder)) require(join(folder, name));
