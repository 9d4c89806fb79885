import { spawn } from "node:child_process";
import { once } from "node:events";
import { FileErrors } from "../../domain/file-errors";
import type { Output, Status } from "../../ops/output";
import { interruptedMessage } from "../display/interrupted";
import { PreviewDigest, refusedPreview } from "../display/preview-json";
import { Progress } from "../display/progress";
import { valueText, withSecretsMasked } from "../display/values";
import { destroy, type EngineOptions, preview, type RunResult, refreshState, stackOutputs, up } from "../engine/engine";
import { readProjectFile } from "../engine/program";
import { StateFile } from "../engine/state-file";
import { isMap, type Props, withoutSecretMarks } from "../protocol/property-values";
import { type CliStack, OPERATIONS, type Operation } from "../pulumi/cli-stack";
import { boot } from "../session/boot";
import { findInterrupted } from "../session/find-interrupted";
import { Home } from "../session/home";
import { fromWhereItWasTyped, PROJECT_DIR } from "../session/places";
import { type Session, stopServers, withSession } from "../session/session";
import { readStackFile } from "../session/stack-config";
import { tenantLogin } from "../session/tenant-login";
import type { Arguments } from "./arguments";

export function runUp(args: Arguments, output: Output, signal: AbortSignal): Promise<Status> {
  return withSession(args, output.report, async (session) => {
    if (session.cli !== undefined) return driven(session.cli, "up", output, signal);
    const progress = new Progress(false, output.print);
    return concluded(await up(session.engine(progress, signal)), progress, output);
  });
}

export function runDestroy(args: Arguments, output: Output, signal: AbortSignal): Promise<Status> {
  return withSession(args, output.report, async (session) => {
    if (session.cli !== undefined) return driven(session.cli, "destroy", output, signal);
    const progress = new Progress(false, output.print);
    return concluded(await destroy(session.engine(progress, signal)), progress, output);
  });
}

export function runRefresh(args: Arguments, output: Output, signal: AbortSignal): Promise<Status> {
  return withSession(args, output.report, async (session) => {
    if (session.cli !== undefined) return driven(session.cli, "refresh", output, signal);
    const progress = new Progress(false, output.print);
    const result = await refreshState(session.engine(progress, signal), findInterrupted(session));
    return concluded(result, progress, output);
  });
}

/** @throws FileErrors when files or settings are wrong; as JSON, that is printed besides, as what the preview came to. */
export async function runPreview(args: Arguments, output: Output, signal: AbortSignal): Promise<Status> {
  try {
    return await withSession(args, output.report, (session) => showPreview(session, args, output, signal));
  } catch (error) {
    if (args.json && error instanceof FileErrors) {
      const { name } = readProjectFile(PROJECT_DIR);
      const file = readStackFile(PROJECT_DIR, args.stack);
      output.print(JSON.stringify(refusedPreview(name, args.stack, file, error.message), undefined, 2));
    }
    throw error;
  }
}

/** What `up` would do, for people or as the CLI's JSON. */
export async function showPreview(
  session: Session,
  args: Arguments,
  output: Output,
  signal?: AbortSignal,
): Promise<Status> {
  if (session.cli !== undefined) {
    if (!args.json) return driven(session.cli, "preview", output, signal);
    const told = { print: output.print, complain: output.report, signal };
    return statusOf((await session.cli.run([...OPERATIONS.preview, "--json"], told)) === 0);
  }
  await warnOfInterruption(session.engine({}), args, output);
  if (args.json) {
    const digest = new PreviewDigest();
    const { ok } = await preview(session.engine(digest, signal));
    output.print(JSON.stringify(digest.digest(session.config), undefined, 2));
    return ok ? 0 : 1;
  }
  const progress = new Progress(true, output.print);
  return concluded(await preview(session.engine(progress, signal)), progress, output);
}

export async function runOutputs(args: Arguments, output: Output): Promise<Status> {
  const home = new Home(fromWhereItWasTyped(args.home));
  if (home.drivenByCli(args.cli))
    return withSession(args, output.report, (session) => showCliOutputs(session, args, output));
  const outputs = await stackOutputs(home.statePath(args.stack), home.passphrase);
  const chosen = (args.showSecrets ? withoutSecretMarks(outputs) : withSecretsMasked(outputs)) as Props;
  if (args.json) {
    output.print(JSON.stringify(chosen, undefined, 2));
    return 0;
  }
  for (const [name, value] of Object.entries(chosen)) {
    output.print(`${name}:`);
    if (typeof value === "string" && value.includes("\n")) {
      output.print(value.replace(/^/gm, "  "));
      continue;
    }
    const entries = isMap(value) ? Object.entries(value) : [["", value] as const];
    for (const [key, item] of entries) output.print(`  ${key === "" ? "" : `${key}: `}${valueText(item)}`);
  }
  return 0;
}

export function runBoot(args: Arguments, output: Output): Promise<Status> {
  return withSession(args, output.report, async (session): Promise<Status> => {
    const { envFile } = await boot(session, args.slug ?? "");
    output.print(envFile);
    return 0;
  });
}

/** A shell takes the terminal; secrets reach it through the environment, where other users do not see them. */
export async function runPsql(args: Arguments, output: Output): Promise<Status> {
  const { program, env } = await withSession(args, output.report, async (session) => {
    const { postgres } = session;
    const login =
      args.slug === undefined
        ? { user: postgres.adminUser, password: postgres.adminPassword }
        : await tenantLogin(session, args.slug);
    return {
      program: postgres.programs.psql,
      env: {
        ...process.env,
        PGHOST: postgres.host,
        PGPORT: String(postgres.port),
        PGDATABASE: postgres.database,
        PGUSER: login.user,
        PGPASSWORD: login.password,
        PGSSLMODE: "disable",
      },
    };
  });
  // In the shell, Ctrl-C ends a query, and this process hears of it too.
  const listeners = process.rawListeners("SIGINT") as NodeJS.SignalsListener[];
  process.removeAllListeners("SIGINT").on("SIGINT", () => {});
  try {
    const shell = spawn(program, [], { stdio: "inherit", env });
    const [status] = await once(shell, "exit");
    return status === 0 ? 0 : 1;
  } finally {
    process.removeAllListeners("SIGINT");
    for (const listener of listeners) process.on("SIGINT", listener);
  }
}

export async function runStop(args: Arguments, output: Output): Promise<Status> {
  await stopServers(args, output.report);
  output.print("The servers have stopped; the data stay.");
  return 0;
}

/** As the CLI itself prints it. */
async function driven(stack: CliStack, operation: Operation, output: Output, signal?: AbortSignal): Promise<Status> {
  return statusOf((await stack.deploy(operation, output.print, signal)).ok);
}

async function showCliOutputs({ cli }: Session, { json, showSecrets }: Arguments, output: Output): Promise<Status> {
  const options = [...(json ? ["--json"] : []), ...(showSecrets ? ["--show-secrets"] : [])];
  const printed = await cli?.call(["stack", "output", ...options]);
  output.print(printed ?? "");
  return 0;
}

function statusOf(ok: boolean): Status {
  return ok ? 0 : 1;
}

function concluded(result: RunResult, progress: Progress, output: Output): Status {
  for (const line of progress.tenants()) output.print(line);
  output.print(`${progress.summary()}.`);
  if (!result.ok && result.failures.length === 0) {
    output.print(
      "Interrupted: what was under way is finished, and nothing else was begun. Run the same command again to continue.",
    );
  }
  return result.ok ? 0 : 1;
}

async function warnOfInterruption(options: EngineOptions, args: Arguments, output: Output): Promise<void> {
  const { initial } = await StateFile.open(options.statePath, options.passphrase);
  if (initial.pendingOperations.length > 0)
    output.report(interruptedMessage(initial.pendingOperations, args.stack, args));
}
