#!/bin/bash
# Brings this server's .env up to date with the parameters that the deployment keeps for it. Run at boot and by a timer.
#
# Writes all or nothing: a parameter that is missing or a call that fails leaves the .env as it is. What it reads passes
# through shell variables alone, never through a command's arguments, where other users of the server could see it.
set -euo pipefail
shopt -s inherit_errexit
umask 077
# Where the AWS CLI may be; a systemd unit does not look there.
export PATH="$PATH:/usr/local/bin:/snap/bin"

# Gives: parameter_path, region, env_file, owner, service, required_keys (separated by spaces).
# shellcheck source=/dev/null
. "${DESTDIR:-}/etc/b2b-tenants/server.conf"
state="${DESTDIR:-}/var/lib/b2b-tenants"
export AWS_REGION="$region" AWS_DEFAULT_REGION="$region"

fail() {
  echo "b2b-tenants-env: $*" >&2
  exit 1
}

# A leading ~ is the owner's home, not that of root, who runs this.
resolve_env_file() {
  id -u -- "$owner" >/dev/null 2>&1 || fail "there is no user $owner on this server"
  case "$env_file" in
    "~/"*) env_file="$(getent passwd "$(id -u -- "$owner")" | cut -d: -f6)/${env_file#"~/"}" ;;
  esac
  env_file="${DESTDIR:-}$env_file"
}

# Calls one of the two functions below as the owner, standard input handed on. What belongs to the owner is never touched
# as root: whoever gets hold of the backend's login could put a link there at the right moment, and make root read, write
# or give away any file. The lock stays here, or that login could hold on to it.
as_owner() {
  local identity=()
  if [ "$(id -u)" != "$(id -u -- "$owner")" ]; then
    identity=(setpriv --reuid="$owner" --regid="$(id -g -- "$owner")" --init-groups --)
  fi
  "${identity[@]}" bash -c "set -euo pipefail; $(declare -f "$1"); \"\$@\"" b2b-tenants-env "$@" 9>&-
}

# As the owner: whether the file has the content of standard input already.
is_current() {
  [ -f "$1" ] && [ -r "$1" ] && [ "$(cat)" = "$(cat -- "$1")" ]
}

# As the owner: the content of standard input takes the file's place, whole.
replace_file() {
  local folder
  folder="$(dirname -- "$1")"
  # The folders are for the backend too; the file is the owner's alone.
  (umask 022 && mkdir -p -- "$folder")
  umask 077
  fresh="$(mktemp -- "$folder/.env.XXXXXX")"
  trap 'rm -f -- "$fresh"' EXIT
  cat >"$fresh"
  mv -fT -- "$fresh" "$1"
}

# One NAME=value a line, in a fixed order. The CLI follows the pages by itself.
read_parameters() {
  local parameters name value key
  parameters="$(aws ssm get-parameters-by-path --path "$parameter_path" --with-decryption \
    --query 'Parameters[].[Name,Value]' --output text)" || fail "cannot read the parameters under $parameter_path"
  declare -A values=()
  while IFS=$'\t' read -r name value; do
    [ -n "$name" ] || continue
    # A value with a line break would show here as a line without a name of ours, and could pass for another variable.
    key="${name#"$parameter_path/"}"
    [[ "$name" == "$parameter_path"/* && "$key" =~ ^[A-Z_][A-Z0-9_]*$ && "$value" != *$'\t'* ]] ||
      fail "the parameters under $parameter_path hold something that is no NAME=value line; the .env stays as it is"
    values["$key"]="$value"
  done <<<"$parameters"
  for key in $required_keys; do
    [ -n "${values[$key]:-}" ] || fail "parameter $parameter_path/$key is missing or empty; the .env stays as it is"
  done
  for key in "${!values[@]}"; do printf '%s=%s\n' "$key" "${values[$key]}"; done | LC_ALL=C sort
}

# The note survives a crash between the new file and the restart, and a restart that failed: the next run tries again.
restart_service() {
  if systemctl cat "$service" >/dev/null 2>&1; then
    systemctl restart "$service" || fail "cannot restart $service; trying again at the next run"
  else
    echo "b2b-tenants-env: there is no unit $service yet; nothing to restart"
  fi
  rm -f "$state/restart-pending"
}

# The first boot and the timer may meet; the second waits, and then finds nothing left to do.
mkdir -p "$state"
exec 9>"$state/lock"
flock 9

resolve_env_file
content="$(read_parameters)"
if ! printf '%s\n' "$content" | as_owner is_current "$env_file"; then
  : >"$state/restart-pending"
  printf '%s\n' "$content" | as_owner replace_file "$env_file" || fail "cannot write $env_file as $owner"
  echo "b2b-tenants-env: wrote $env_file"
fi
[ ! -e "$state/restart-pending" ] || restart_service
