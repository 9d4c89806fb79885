import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findPulumiCli } from "../../rehearsal/pulumi/find-cli";
import { startEmptySite } from "../acceptance/site";
import { StackRuns } from "../acceptance/stack-runs";
import { frontend } from "../rehearsal/scratch-rehearsal";

async function main() {
  const cli = findPulumiCli();
  if (!cli) throw new Error("no cli");
  const site = await startEmptySite(cli);
  try {
    for (let i = 0; i < 20; i += 1)
      writeFileSync(
        join(site.projectDir, "tenants", `t${String(i).padStart(3, "0")}.yaml`),
        frontend(`t${String(i).padStart(3, "0")}`),
      );
    await StackRuns.create(site, "prod");
    const run = async (script: string) => {
      const child = spawn("/bin/bash", ["-c", script], {
        cwd: site.projectDir,
        env: { ...process.env, ...site.env, CLI: cli.program },
        stdio: "inherit",
      });
      await once(child, "exit");
    };
    await run(process.argv[2] ?? "true");
  } finally {
    await site.remove();
  }
}
main();
