import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { EXIT_WITH_PARENT, type ProgramOptions, type RunningProgram } from "../../rehearsal/engine/program";

const MAIN = path.join(__dirname, "program-host-process.ts");

/**
 * A process that runs one program after another, so that Node, the SDK and the compiler are loaded once and not for every run. One
 * that was killed, or whose program failed, is not used again.
 */
export class ProgramHost {
  private idle: ChildProcess | undefined;

  start(options: ProgramOptions): RunningProgram {
    const child = this.idle ?? launch(options);
    this.idle = undefined;
    let output = "";
    const collect = (chunk: Buffer) => {
      output += chunk;
    };
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", collect);
    const ended = Promise.race([
      once(child, "message").then(([status]) => Number(status)),
      once(child, "exit").then(([status]) => Number(status ?? -1)),
    ]).then((status) => {
      for (const stream of [child.stdout, child.stderr]) stream?.off("data", collect);
      if (status === 0 && child.connected) this.idle = child;
      else child.kill("SIGKILL");
      return status;
    });
    const { projectDir, project, stack, config, address, preview, parallel } = options;
    child.send({ projectDir, project, stack, config, address, preview, parallel });
    return {
      ended: async () => ({ status: await ended, output }),
      kill: () => void child.kill("SIGKILL"),
    };
  }

  close(): void {
    this.idle?.disconnect();
  }
}

function launch({ projectDir, project, env }: ProgramOptions): ChildProcess {
  return spawn(process.execPath, ["--require", EXIT_WITH_PARENT, ...project.nodeArgs, MAIN], {
    cwd: projectDir,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...env, PULUMI_NODEJS_ROOT_DIRECTORY: projectDir, PULUMI_NODEJS_TYPESCRIPT: "false" },
  });
}
