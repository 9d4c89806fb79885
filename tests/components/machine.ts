import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { type BootScriptArgs, bootScript } from "../../components/server/boot-script";

export const ARGS: BootScriptArgs = {
  parameterPath: "/b2b-tenants/prod/acme/env",
  region: "eu-south-2",
  envFile: "/srv/app/backend/.env",
  owner: userInfo().username,
  service: "backend.service",
};

export const VALUES = {
  DATABASE_URL: "postgresql://user_acme:p%27%22@db/postgres?sslmode=require",
  SECRET_KEY: "0123456789abcdef",
  ALLOWED_ORIGINS: "https://acme.example.com,http://localhost:3000",
  FRONTEND_URL: "https://acme.example.com",
  ENVIRONMENT: "production",
};

/** What systemd does of what the user data ask it to do. */
export const STARTS_THE_RUN = `[ "$*" != "start --no-block b2b-tenants-env.service" ] || exec "$DESTDIR/usr/local/sbin/b2b-tenants-env"`;

/** The backend's state: `active` unless a test says otherwise in the file `state`. */
const TELLS_STATE = `[ "$1" != is-active ] || { cat "$ROOT/state" 2>/dev/null || echo active; }`;

/** A folder that is a server's whole disk, with stand-ins for the AWS CLI and systemd, on which the boot script really runs. */
export class Machine {
  readonly root = mkdtempSync(join(tmpdir(), "boot-script-"));

  constructor() {
    mkdirSync(join(this.root, "bin"));
    this.stub("aws", '[ ! -e "$ROOT/aws-fails" ] || exit 254\ncat "$ROOT/parameters"');
    // No user or group is made here, and PgBouncer only tells its version.
    for (const name of ["useradd", "chgrp"]) this.stub(name, "");
    this.stub("pgbouncer", 'echo "PgBouncer $(cat "$ROOT/pgbouncer-version" 2>/dev/null || echo 1.24.1)"');
    this.stub("systemctl", `[ ! -e "$ROOT/systemctl-fails-$1" ] || exit 1\n${STARTS_THE_RUN}\n${TELLS_STATE}`);
    this.parameters(VALUES);
  }

  /** A command that notes how it was called. */
  stub(name: string, body: string): void {
    const note = `printf '%s\\n' "${name} $* region=\${AWS_REGION:-}" >>"$ROOT/calls"`;
    writeFileSync(join(this.root, "bin", name), `#!/bin/bash\n${note}\n${body}\n`, { mode: 0o755 });
  }

  /** What the AWS CLI finds from now on. */
  parameters(values: Record<string, string>): void {
    const lines = Object.entries(values).map(([key, value]) => `${ARGS.parameterPath}/${key}\t${value}\n`);
    writeFileSync(join(this.root, "parameters"), lines.join(""));
  }

  run(command: string[]) {
    const PATH = `${join(this.root, "bin")}:${process.env.PATH}`;
    const env = { PATH, ROOT: this.root, DESTDIR: join(this.root, "server"), TMPDIR: this.root };
    const { status, stdout, stderr } = spawnSync(command[0] ?? "", command.slice(1), {
      env,
      encoding: "utf8",
      // Bash takes a socket on its standard input for a remote shell, and would read the user's own start files.
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { status, output: stdout + stderr };
  }

  boot(changes: Partial<BootScriptArgs> = {}) {
    writeFileSync(join(this.root, "user-data"), bootScript({ ...ARGS, ...changes }));
    return this.run(["bash", join(this.root, "user-data")]);
  }

  /** What the timer does. */
  runAgain() {
    return this.run([this.path("/usr/local/sbin/b2b-tenants-env")]);
  }

  /** Where a file of the server is here. */
  path(onServer: string): string {
    return join(this.root, "server", onServer);
  }

  /** The calls since the last look. */
  calls(): string[] {
    const file = join(this.root, "calls");
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    rmSync(file, { force: true });
    return lines;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
