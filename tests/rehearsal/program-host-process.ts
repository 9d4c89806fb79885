/** The process of `runHosted`: runs each program that it is sent, and answers with its exit status. */
import { statSync } from "node:fs";
import path from "node:path";
import { RunRequest } from "@pulumi/pulumi/proto/language_pb";
import type { ProgramOptions } from "../../rehearsal/engine/program";
import { EXIT_AFTER_LOGGED_ERROR } from "../../rehearsal/protocol/node-program";

/** The SDK's own way to run more than one program in a process, of which its types say nothing. */
interface LanguageServer {
  run(call: { request: RunRequest }, answer: (error: Error | undefined) => void): Promise<void>;
}
/**
 * What the SDK keeps of a run; here one runs at a time. Its own way to keep several apart has Node follow each promise:
 * findings/pulumi-sdk-follows-promises.sh.
 */
let kept: unknown;
Object.assign(globalThis, {
  asyncLocalStorage: {
    run(store: unknown, callback: (...given: readonly unknown[]) => unknown, ...given: readonly unknown[]): unknown {
      kept = store;
      return callback(...given);
    },
    getStore: () => kept,
  },
});
const { LanguageServer } = require("@pulumi/pulumi/automation/server") as {
  LanguageServer: new (program: () => Promise<unknown>) => LanguageServer;
};

process.on("message", (options: Omit<ProgramOptions, "env">) => {
  const { projectDir, project, stack, config, address, preview, parallel } = options;
  const request = new RunRequest();
  request.setProject(project.name);
  request.setStack(stack);
  request.setMonitorAddress(address);
  request.setArgsList([address]);
  request.setDryrun(preview);
  request.setParallel(parallel);
  request.setConfigsecretkeysList([...config.secretKeys]);
  for (const [key, value] of Object.entries(config.values)) request.getConfigMap().set(key, value);
  const program = async () => {
    const main = require.resolve(path.join(projectDir, project.main));
    forget(projectDir, main);
    const exported = require(main);
    const outputs = typeof exported === "function" ? await exported() : { ...exported };
    for (const file of ownModules(projectDir)) changedAt.set(file, timeOf(file));
    return outputs;
  };
  let answered = false;
  const answer = (error: Error | undefined) => {
    if (!answered) process.send?.(error === undefined ? 0 : EXIT_AFTER_LOGGED_ERROR);
    answered = true;
  };
  void new LanguageServer(program).run({ request }, answer);
});
process.on("disconnect", () => process.exit(0));

/** When each of the program's own files was changed last before it was loaded. */
const changedAt = new Map<string, number | undefined>();

/** What the program declares is in its main module alone. Once a file has been changed, all are loaded anew. */
function forget(projectDir: string, main: string): void {
  const own = ownModules(projectDir);
  const changed = own.some((file) => timeOf(file) !== changedAt.get(file));
  for (const file of changed ? own : [main]) delete require.cache[file];
}

function ownModules(projectDir: string): readonly string[] {
  return Object.keys(require.cache).filter((file) => {
    const relative = path.relative(projectDir, file);
    return !relative.startsWith("..") && !/^(node_modules|rehearsal|tests)\b/.test(relative);
  });
}

function timeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
