#!/bin/bash
# Puts PgBouncer between this server's backend and its database, or takes it away again. b2b-tenants-env calls it, as root:
#
#   b2b-tenants-pooler start WISH   reads the database's URL from standard input, prints the one that the backend gets;
#                                   the wish is the value of the parameter POOLER
#   b2b-tenants-pooler stop
#
# Passwords pass through standard input and output, and stand in files that root and the pooler alone may read.
set -euo pipefail
shopt -s inherit_errexit
umask 077
export PATH="$PATH:/usr/local/sbin:/usr/local/bin"

login=b2b-pooler
unit=b2b-tenants-pooler.service
folder="${DESTDIR:-}/etc/b2b-tenants-pooler"
state="${DESTDIR:-}/var/lib/b2b-tenants"
# What systemctl has to do so that the pooler follows its files.
due="$state/pooler-due"

fail() {
  echo "b2b-tenants-pooler: $*" >&2
  exit 1
}

# Gives: mode, size, listen_port.
read_wish() {
  [[ "$1" =~ ^pool_mode=(transaction|session)\ pool_size=([1-9][0-9]{0,4})\ listen_port=([1-9][0-9]{3,4})$ ]] ||
    fail "the parameter POOLER is not of the form pool_mode=MODE pool_size=NUMBER listen_port=PORT"
  mode="${BASH_REMATCH[1]}"
  size="${BASH_REMATCH[2]}"
  listen_port="${BASH_REMATCH[3]}"
}

# Gives: host, port, database, user, password, sslmode. Messages repeat nothing of a URL, which holds a password.
read_url() {
  local url
  IFS= read -r url || true
  local part='([A-Za-z0-9._~-]|%[0-9A-Fa-f][0-9A-Fa-f])+' LC_ALL=C
  [[ "$url" =~ ^postgres(ql)?://($part):($part)@(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})/($part)\?sslmode=(disable|require|verify-ca|verify-full)$ ]] ||
    fail "the parameter DATABASE_URL is not of the form postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=MODE"
  user="$(decoded "${BASH_REMATCH[2]}")"
  password="$(decoded "${BASH_REMATCH[4]}")"
  host="${BASH_REMATCH[6]}"
  port="${BASH_REMATCH[7]}"
  database="$(decoded "${BASH_REMATCH[8]}")"
  sslmode="${BASH_REMATCH[10]}"
  host="${host#"["}"
  host="${host%"]"}"
  # PgBouncer keeps this name for its own console.
  [[ "$database" =~ ^[A-Za-z_][A-Za-z0-9_-]*$ && "$database" != pgbouncer ]] ||
    fail "PgBouncer cannot serve a database of this name"
}

decoded() {
  local text
  [[ "$1" != *%00* ]] || fail "the parameter DATABASE_URL holds a NUL"
  text="$(printf '%b.' "${1//%/\\x}")"
  text="${text%.}"
  [[ "$text" != *[[:cntrl:]]* ]] || fail "the parameter DATABASE_URL holds a control character"
  printf '%s' "$text"
}

# A value of a connection string, as PgBouncer reads it.
quoted() {
  printf "'%s'" "${1//\'/\'\'}"
}

# Gives: version, as a number such as 118.
find_pgbouncer() {
  command -v pgbouncer >/dev/null ||
    fail "there is no PgBouncer on this server. Put it into the AMI (docs/backend.md), or set the tenant's server.pooler to none"
  [[ "$(pgbouncer --version)" =~ ^PgBouncer\ ([0-9]+)\.([0-9]+) ]] || fail "pgbouncer --version does not tell a version"
  version=$((BASH_REMATCH[1] * 100 + BASH_REMATCH[2]))
  ((version >= 116)) || fail "PgBouncer 1.16 or later is needed, got ${BASH_REMATCH[0]#PgBouncer }"
}

# The password that the backend logs in to the pooler with: made once, and kept.
backend_password() {
  local known='^"backend" "([0-9a-f]{64})"$'
  if [[ -f "$folder/userlist.txt" && "$(cat -- "$folder/userlist.txt")" =~ $known ]]; then
    printf '%s' "${BASH_REMATCH[1]}"
  else
    od -An -vtx1 -N32 /dev/urandom | tr -d ' \n'
  fi
}

# What the backend's own driver would trust: libpq's file in the owner's home. It is read as the owner.
authorities() {
  local owner file identity=()
  # shellcheck source=/dev/null
  owner="$(. "${DESTDIR:-}/etc/b2b-tenants/server.conf" && printf '%s' "$owner")"
  file="${DESTDIR:-}$(getent passwd "$owner" | cut -d: -f6)/.postgresql/root.crt"
  [ "$(id -u)" = "$(id -u -- "$owner")" ] ||
    identity=(setpriv --reuid="$owner" --regid="$(id -g -- "$owner")" --init-groups --)
  "${identity[@]}" cat -- "$file" || fail "cannot read $file, which sslmode $sslmode needs"
}

settings() {
  # What is left at its default: log_disconnections, without which a database that is out of reach is not told.
  echo "[databases]"
  # One session at least, so that a rotation sees the new login also while nobody asks for anything.
  echo "$database = host=$(quoted "$host") port=$port dbname=$(quoted "$database") user=$(quoted "$user")" \
    "password=$(quoted "$password") pool_size=$size min_pool_size=1"
  echo "[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $listen_port
unix_socket_dir = ${DESTDIR:-}/run/b2b-tenants-pooler
auth_type = scram-sha-256
auth_file = $folder/userlist.txt
pool_mode = $mode
max_client_conn = 1000
max_db_connections = $size
query_wait_timeout = 60
server_login_retry = 1
server_tls_sslmode = $sslmode
ignore_startup_parameters = extra_float_digits
log_connections = 0
log_stats = 0"
  [[ "$sslmode" != verify-* ]] || echo "server_tls_ca_file = $folder/root.crt"
  ((version < 120)) || echo "track_extra_parameters = IntervalStyle, search_path"
  ((version < 121)) || echo "max_prepared_statements = 200"
}

# Writes a file whole where it would become another one, and notes what is due then. The note survives a crash at any point.
write_file() {
  local file="$folder/$1" fresh
  if [ -f "$file" ] && [ "$(cat -- "$file")" = "$2" ]; then return; fi
  [ -e "$due" ] || echo reload-or-restart >"$due"
  fresh="$(mktemp -- "$folder/.fresh.XXXXXX")"
  printf '%s\n' "$2" >"$fresh"
  chgrp -- "$login" "$fresh"
  chmod 0640 "$fresh"
  mv -fT -- "$fresh" "$file"
}

start() {
  local backend content
  read_wish "$1"
  read_url
  find_pgbouncer
  id -u -- "$login" >/dev/null 2>&1 ||
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$login" ||
    fail "cannot make the user $login"
  mkdir -p "$folder"
  chgrp -- "$login" "$folder"
  chmod 0750 "$folder"
  backend="$(backend_password)"
  write_file userlist.txt "\"backend\" \"$backend\""
  if [[ "$sslmode" == verify-* ]]; then
    content="$(authorities)"
    write_file root.crt "$content"
  fi
  # A reload does not move it to another port.
  grep -sqxF "listen_port = $listen_port" "$folder/pgbouncer.ini" || echo restart >"$due"
  content="$(settings)"
  write_file pgbouncer.ini "$content"
  if [ -e "$due" ] || ! systemctl is-active "$unit" >/dev/null; then
    systemctl reset-failed "$unit" 2>/dev/null || true
    { systemctl enable "$unit" && systemctl "$(cat "$due" 2>/dev/null || echo restart)" "$unit"; } >&2 ||
      fail "PgBouncer does not start; why: journalctl -u $unit"
    # In session mode a client keeps its session, and with it the login that it began with, until it goes.
    [ "$mode" = transaction ] || : >"$state/restart-pending"
    rm -f "$due"
  fi
  printf 'postgresql://backend:%s@127.0.0.1:%s/%s?sslmode=disable\n' "$backend" "$listen_port" "$database"
}

# Leaves nothing of it: its files hold the database's password.
stop() {
  [ -e "$folder" ] || exit 0
  systemctl disable --now "$unit" || fail "cannot stop $unit"
  rm -rf -- "$folder"
}

"$@"
