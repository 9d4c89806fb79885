/** The process of `runHosted`: runs each program that it is sent, and answers with its exit status. */
import path from "node:path";
import { RunRequest } from "@pulumi/pulumi/proto/language_pb";
import { EXIT_AFTER_LOGGED_ERROR, type ProgramOptions } from "../../rehearsal/engine/program";

/** The SDK's own way to run more than one program in a process, of which its types say nothing. */
interface LanguageServer {
  run(call: { request: RunRequest }, answer: (error: Error | undefined) => void): Promise<void>;
}
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
    forget(projectDir);
    return { ...require(path.join(projectDir, project.main)) };
  };
  let answered = false;
  const answer = (error: Error | undefined) => {
    if (!answered) process.send?.(error === undefined ? 0 : EXIT_AFTER_LOGGED_ERROR);
    answered = true;
  };
  void new LanguageServer(program).run({ request }, answer);
});
process.on("disconnect", () => process.exit(0));

/** The program's own modules are loaded anew for each run, with whatever they keep. */
function forget(projectDir: string): void {
  for (const file of Object.keys(require.cache)) {
    const relative = path.relative(projectDir, file);
    const own = !relative.startsWith("..") && !/^(node_modules|rehearsal|tests)\b/.test(relative);
    if (own) delete require.cache[file];
  }
}
