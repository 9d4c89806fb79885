import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ENV_KEYS } from "../../domain/env-file";

export interface BootScriptArgs {
  /** SSM path of the tenant's parameters, without a trailing slash. */
  readonly parameterPath: string;
  /** Region of the parameters, for example `us-east-1`. */
  readonly region: string;
  /** The `.env` to keep up to date; a leading `~/` is the owner's home. */
  readonly envFile: string;
  /** The login that owns the `.env`. */
  readonly owner: string;
  /** The systemd unit to restart when the `.env` changed. */
  readonly service: string;
}

/**
 * User data of a tenant's server. It carries no secret: it installs a script and a timer that fetch the `.env` with the
 * server's own credentials, and starts a first run. Every path it writes is under `$DESTDIR`, so that it can be run
 * without touching the machine it is run on.
 */
export function bootScript(args: BootScriptArgs): string {
  const config = Object.entries({
    parameter_path: args.parameterPath,
    region: args.region,
    env_file: args.envFile,
    owner: args.owner,
    service: args.service,
    required_keys: ENV_KEYS.join(" "),
  });
  // printf's %q writes the values such that the installed script can read the file as shell code.
  return `#!/bin/bash
# What does the work is packed below: components/server/boot-script.ts in the repository shows it, or base64 -d | gzip -d.
set -euo pipefail
umask 077

server_conf() {
${config.map(([name, value]) => `  printf '%s=%q\\n' ${name} ${shellQuote(value)}`).join("\n")}
}

script="$(
  base64 -d <<'END_OF_PACKED' | gzip -d
${packed(installation())}
END_OF_PACKED
)"
eval "$script"
`;
}

/** What is the same on every server. */
function installation(): string {
  // server.conf.before is of the server that this machine's image was made from: the first run looks whether it was another tenant's.
  // The first run is not waited for: it restarts the backend, whose unit may wait for cloud-init, which waits for this script.
  return `mkdir -p "\${DESTDIR:-}/etc/b2b-tenants" "\${DESTDIR:-}/etc/systemd/system" "\${DESTDIR:-}/usr/local/sbin"

[ ! -e "\${DESTDIR:-}/etc/b2b-tenants/server.conf" ] ||
  mv -f "\${DESTDIR:-}/etc/b2b-tenants/server.conf" "\${DESTDIR:-}/etc/b2b-tenants/server.conf.before"
server_conf >"\${DESTDIR:-}/etc/b2b-tenants/server.conf"

${install("/usr/local/sbin/b2b-tenants-env", "b2b-tenants-env.sh", "0755")}
${install("/usr/local/sbin/b2b-tenants-pooler", "b2b-tenants-pooler.sh", "0755")}
${install("/etc/systemd/system/b2b-tenants-env.service", "b2b-tenants-env.service", "0644")}
${install("/etc/systemd/system/b2b-tenants-env.timer", "b2b-tenants-env.timer", "0644")}
${install("/etc/systemd/system/b2b-tenants-pooler.service", "b2b-tenants-pooler.service", "0644")}
systemctl daemon-reload
systemctl enable --now b2b-tenants-env.timer
systemctl start --no-block b2b-tenants-env.service
`;
}

/** A state holds each server's user data twice, and is written over and over: packed, they are a third. */
function packed(script: string): string {
  return gzipSync(script, { level: 9 }).toString("base64");
}

/** A text as one word of a shell script, whatever is in it. */
export function shellQuote(text: string): string {
  if (text.includes("\0")) throw new Error("a shell word cannot hold a NUL character");
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Shell code that writes one of the files in `boot/`, which are fixed texts: nothing is put into them. Comments stay behind. */
function install(path: string, source: string, mode: string): string {
  const text = readFileSync(join(__dirname, "boot", source), "utf8").replaceAll(/^[ \t]*#(?!!).*\n/gm, "");
  const target = `"\${DESTDIR:-}${path}"`;
  return `cat >${target} <<'END_OF_FILE'\n${text}END_OF_FILE\nchmod ${mode} ${target}\n`;
}
