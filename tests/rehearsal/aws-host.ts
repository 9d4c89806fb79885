import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const FORKS = path.join(__dirname, "forked_aws.py");

const CLIENT = `
import json, os, socket, sys
host = socket.socket(socket.AF_UNIX)
host.connect(os.path.join(os.path.dirname(os.path.realpath(__file__)), "socket"))
call = {"argv": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd()}
socket.send_fds(host, [json.dumps(call).encode()], [0, 1, 2])
host.shutdown(socket.SHUT_WR)
sys.exit(int(host.recv(16)))
`;

let program: Promise<string> | undefined;

/** A program that does as `installed`, the AWS CLI, in a copy of a process that has loaded it, which ends with this one. */
export function forkedAws(installed: string): Promise<string> {
  program ??= start(path.join(path.dirname(installed), "python"));
  return program;
}

async function start(python: string): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "aws-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const client = path.join(folder, "aws");
  writeFileSync(client, `#!${python} -IS${CLIENT}`, { mode: 0o755 });
  const env = { PATH: process.env.PATH, HOME: folder, LC_ALL: "C.UTF-8" };
  const child = spawn(python, [FORKS, path.join(folder, "socket")], { env, stdio: ["pipe", "pipe", "inherit"] });
  const failed = once(child, "exit").then(([status]) => {
    throw new Error(`${FORKS} has ended with status ${status}`);
  });
  await Promise.race([once(createInterface({ input: child.stdout }), "line"), failed]);
  failed.catch(() => {});
  for (const handle of [child, child.stdin as Socket, child.stdout as Socket]) handle.unref();
  return client;
}
