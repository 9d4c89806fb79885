import * as proto from "@pulumi/pulumi/proto/language_pb";
import {
  EXIT_AFTER_LOGGED_ERROR,
  type NodeProgram,
  programArguments,
  programVariables,
  splitNodeArgs,
} from "../protocol/node-program";
import { Unsupported } from "./answer";
import { type Children, ended } from "./children";

/** The runtime options of `Pulumi.yaml`, as far as they are known here. */
interface RuntimeOptions {
  readonly typescript?: boolean;
  readonly nodeargs?: string;
}

const OPTIONS: readonly string[] = ["typescript", "nodeargs"] satisfies (keyof RuntimeOptions)[];

/** Runs the program to its end; what it prints goes where this process prints. */
export async function runProgram(
  request: proto.RunRequest,
  engine: string,
  signal: AbortSignal,
  children: Children,
): Promise<proto.RunResponse> {
  if (request.getAttachDebugger()) throw new Unsupported("this language host starts no debugger");
  const program = asked(request, engine);
  const options = {
    cwd: program.directory,
    env: { ...process.env, ...programVariables(program) },
    stdio: ["ignore", "inherit", "inherit"] as "ignore"[],
  };
  const args = [...programArguments(program), ...request.getArgsList()];
  const status = await ended(children.start(process.execPath, args, options, signal));
  const response = new proto.RunResponse();
  if (status === EXIT_AFTER_LOGGED_ERROR) {
    response.setBail(true);
  } else if (status !== 0) {
    response.setError(`the program ended with ${typeof status === "number" ? `exit status ${status}` : status}`);
  }
  return response;
}

function asked(request: proto.RunRequest, engine: string): NodeProgram {
  const info = request.getInfo();
  const { typescript = true, nodeargs = "" } = runtimeOptions(info);
  const organization = request.getOrganization();
  return {
    directory: request.getPwd(),
    rootDirectory: info?.getRootDirectory() ?? request.getPwd(),
    entryPoint: info?.getEntryPoint() ?? ".",
    nodeArgs: splitNodeArgs(nodeargs),
    monitor: request.getMonitorAddress(),
    engine,
    ...(organization === "" ? {} : { organization }),
    project: request.getProject(),
    stack: request.getStack(),
    preview: request.getDryrun(),
    parallel: request.getParallel(),
    config: Object.fromEntries(request.getConfigMap().toArray()),
    secretKeys: request.getConfigsecretkeysList(),
    typescript,
  };
}

function runtimeOptions(info: proto.ProgramInfo | undefined): RuntimeOptions {
  const options = info?.getOptions()?.toJavaScript() ?? {};
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown === undefined) return options;
  throw new Unsupported(
    `runtime option "${unknown}" is not supported by this language host; it knows ${OPTIONS.join(" and ")}`,
  );
}
