import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { basename, dirname, join } from "node:path";
import { shellQuote } from "../../components/server/boot-script";
import type { Pooler } from "../../domain/pooler";
import { reachableCopy, unprivilegedIdentity } from "../../rehearsal/servers/unprivileged";
import { ARGS, Machine, VALUES } from "../components/machine";

export const NO_PGBOUNCER =
  "there is no pgbouncer on the PATH, and PGBOUNCER names none: the pooler's files are not tried with it";

/** A PgBouncer on this machine: what PGBOUNCER names, or the one on the PATH. */
export function findPgbouncer(): string | undefined {
  if (process.env.PGBOUNCER) return process.env.PGBOUNCER;
  const found = spawnSync("bash", ["-c", "PATH=$PATH:/usr/sbin command -v pgbouncer"], { encoding: "utf8" });
  return found.stdout.trim() || undefined;
}

/** What systemd does with the pooler's unit; $POOLER starts the program with the files that the script has written. */
const SYSTEMCTL = `
unit=b2b-tenants-pooler.service
runs() { [ -e "$ROOT/pooler.pid" ] && [ -n "$(readlink "/proc/$(cat "$ROOT/pooler.pid")/exe")" ]; }
stop() { if runs; then kill -INT "$(cat "$ROOT/pooler.pid")"; while runs; do sleep 0.02; done; fi; }
answers() { (: <"/dev/tcp/127.0.0.1/$(sed -n 's/^listen_port = //p' "$DESTDIR/etc/b2b-tenants-pooler/pgbouncer.ini")") 2>/dev/null; }
start() {
  setsid bash -c "$POOLER" </dev/null >>"$ROOT/pooler.log" 2>&1 9>&- &
  echo $! >"$ROOT/pooler.pid"
  until answers; do runs || exit 1; sleep 0.02; done
}
case "$*" in
  "is-active $unit") runs && echo active ;;
  "restart $unit") stop; start ;;
  "reload-or-restart $unit") if runs; then kill -HUP "$(cat "$ROOT/pooler.pid")"; else start; fi ;;
  "disable --now $unit") stop ;;
  "is-active "*) echo active ;;
  "start --no-block b2b-tenants-env.service") exec "$DESTDIR/usr/local/sbin/b2b-tenants-env" ;;
esac`;

/** A server on which the boot script's pooler really runs, started by a stand-in for systemd. */
export class PooledServer {
  readonly machine = new Machine();
  private readonly identity = unprivilegedIdentity();
  private constructor(
    pgbouncer: string,
    private readonly port: number,
  ) {
    const { machine, identity } = this;
    // These are there on a server, and everybody may pass through them.
    for (const folder of ["", "/etc", "/run", "/run/b2b-tenants-pooler"]) {
      mkdirSync(machine.path(folder), { recursive: true });
      chmodSync(machine.path(folder), 0o755);
    }
    chmodSync(machine.root, 0o711);
    // Whom it runs as here has to reach it, and may not look into the home of root.
    const [folder, name] = [dirname(pgbouncer), basename(pgbouncer)];
    const place = reachableCopy(dirname(folder), [basename(folder)], machine.root, identity);
    const program = join(place, basename(folder), name);
    const ini = '"$DESTDIR/etc/b2b-tenants-pooler/pgbouncer.ini"';
    let as = "";
    if (identity !== undefined) {
      // PgBouncer refuses to run as root. Whom it runs as here takes the place of the pooler's own user.
      const { uid, gid } = identity;
      as = `setpriv --reuid=${uid} --regid=${gid} --clear-groups `;
      machine.stub("chgrp", `exec /bin/chgrp -- ${gid} "\${@:3}"`);
      chownSync(machine.path("/run/b2b-tenants-pooler"), uid, gid);
    }
    machine.stub("systemctl", `POOLER=${shellQuote(`exec ${as}${program} ${ini}`)}${SYSTEMCTL}`);
    machine.stub("pgbouncer", `exec ${shellQuote(pgbouncer)} "$@"`);
  }

  static async start(pgbouncer: string): Promise<PooledServer> {
    return new PooledServer(pgbouncer, await freePort());
  }

  /** The server's next run finds these. */
  deliver(databaseUrl: string, pooler: Pooler, size: number): void {
    const POOLER = `pool_mode=${pooler} pool_size=${size} listen_port=${this.port}`;
    this.machine.parameters({ ...VALUES, DATABASE_URL: databaseUrl, ...(pooler === "none" ? {} : { POOLER }) });
  }

  boot(): void {
    this.succeeded(this.machine.boot());
  }

  /** What the timer does. @returns The calls of systemctl. */
  tick(): string[] {
    this.machine.calls();
    this.succeeded(this.machine.runAgain());
    return this.machine.calls().flatMap((call) => /^systemctl (.*) region=.*$/.exec(call)?.[1] ?? []);
  }

  /** What a person or systemd does with the pooler. */
  systemctl(...args: string[]): void {
    const { status, output } = this.machine.run([join(this.machine.root, "bin/systemctl"), ...args]);
    if (status !== 0) throw new Error(`systemctl ${args.join(" ")}: ${output}\n${this.log()}`);
  }

  /** The backend's way to the database. */
  get url(): string {
    const [, url] = /^DATABASE_URL=(.*)$/m.exec(readFileSync(this.machine.path(ARGS.envFile), "utf8")) ?? [];
    if (url === undefined) throw new Error("the .env has no DATABASE_URL");
    return url;
  }

  /** Runs a command of a person's on the server, as the user that its `sudo -u` names. */
  asPerson(command: string, programs: string): string {
    const line = command
      .replace(/^sudo -u b2b-pooler /, "")
      .replace("/run/", `${this.machine.path("/run")}/`)
      .replace("6433", String(this.port));
    const PATH = `${programs}:${process.env.PATH}`;
    const ran = spawnSync("bash", ["-c", line], { encoding: "utf8", env: { PATH }, ...this.identity });
    if (ran.status !== 0) throw new Error(ran.stderr);
    return ran.stdout;
  }

  log(): string {
    const file = join(this.machine.root, "pooler.log");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  remove(): void {
    this.systemctl("disable", "--now", "b2b-tenants-pooler.service");
    this.machine.remove();
  }

  private succeeded({ status, output }: { readonly status: number | null; readonly output: string }): void {
    if (status !== 0) throw new Error(`${output}\n${this.log()}`);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
