import * as proto from "@pulumi/pulumi/proto/language_pb";
import { type Children, ended } from "./children";

/** What `pulumi install` does for a program: `npm install`, told as it goes. */
export async function installDependencies(
  request: proto.InstallDependenciesRequest,
  send: (message: proto.InstallDependenciesResponse) => void,
  signal: AbortSignal,
  children: Children,
): Promise<void> {
  const cwd = request.getInfo()?.getProgramDirectory() ?? request.getDirectory();
  const child = children.start("npm", ["install"], { cwd, stdio: ["ignore", "pipe", "pipe"] }, signal);
  const told = (set: (message: proto.InstallDependenciesResponse, chunk: Buffer) => void) => (chunk: Buffer) => {
    const message = new proto.InstallDependenciesResponse();
    set(message, chunk);
    send(message);
  };
  child.stdout?.on(
    "data",
    told((message, chunk) => message.setStdout(chunk)),
  );
  child.stderr?.on(
    "data",
    told((message, chunk) => message.setStderr(chunk)),
  );
  const status = await ended(child);
  if (status !== 0) throw new Error(`npm install in ${cwd} ended with ${status}`);
}
