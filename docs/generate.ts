import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { staleFiles } from "./generated";

// Writes what is generated: the editors' schema of tenant files, and the tables of docs/ between their markers.
// With --check it writes nothing, and names what is not current. See "npm run fix" and "npm run check".

/** npm runs scripts in the project's folder. */
const ROOT = process.cwd();

for (const [path, text] of staleFiles(ROOT)) {
  if (!process.argv.includes("--check")) {
    writeFileSync(join(ROOT, path), text);
  } else {
    console.error(`${path} is not what the code makes of it: run 'npm run fix' and commit the result.`);
    process.exitCode = 1;
  }
}
