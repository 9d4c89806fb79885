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

config="${DESTDIR:-}/etc/b2b-tenants/server.conf"
# Gives: parameter_path, region, env_file, owner, service, required_keys (separated by spaces).
# shellcheck source=/dev/null
. "$config"
state="${DESTDIR:-}/var/lib/b2b-tenants"
pooler_program="${DESTDIR:-}/usr/local/sbin/b2b-tenants-pooler"
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

# Calls one of the three functions below as the owner, standard input handed on. What belongs to the owner is never touched
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

remove_file() {
  rm -f -- "$1"
}

# Prints NAME=VALUE as python-dotenv, systemd, bash, Node and compose all read it. A value that they would read differently, or
# as more than one variable, is refused: python-dotenv replaces ${NAME} in single quotes, too (findings/dotenv-in-single-quotes.sh).
print_variable() {
  local plain='^[][A-Za-z0-9_.,:/@%+=?-]*$' unquotable="[[:cntrl:]'\\\\]"
  if [[ "$2" =~ $plain ]]; then
    printf '%s=%s\n' "$1" "$2"
  elif [[ "$2" =~ $unquotable || "$2" == *'${'* ]]; then
    fail "the value of parameter $parameter_path/$1 holds a control character (such as a carriage return), a single quote," \
      "a backslash or \${: readers of a .env do not agree on these; the .env stays as it is"
  else
    printf "%s='%s'\n" "$1" "$2"
  fi
}

# Gives: values, by key. The CLI follows the pages by itself.
declare -A values=()
read_parameters() {
  local parameters line name="" key
  parameters="$(aws ssm get-parameters-by-path --path "$parameter_path" --with-decryption \
    --query 'Parameters[].[Name,Value]' --output text)" || fail "cannot read the parameters under $parameter_path"
  # Patterns are about bytes, and about ASCII alone.
  local LC_ALL=C
  while IFS= read -r line; do
    [ -n "$line" ] || continue
    # A value with a line break would show here as a line without a name of ours, and could pass for another variable.
    [[ "$line" == "$parameter_path"/*$'\t'* ]] ||
      fail "the value of parameter ${name:-under $parameter_path} holds a line break; the .env stays as it is"
    name="${line%%$'\t'*}"
    key="${name#"$parameter_path/"}"
    [[ "$key" =~ ^[A-Z_][A-Z0-9_]*$ ]] ||
      fail "parameter $name is not named as a variable (capital letters, digits and _); the .env stays as it is"
    values["$key"]="${line#*$'\t'}"
  done <<<"$parameters"
  for key in $required_keys; do
    [ -n "${values[$key]:-}" ] || fail "parameter $parameter_path/$key is missing or empty; the .env stays as it is." \
      "'pulumi up --refresh' makes it again"
  done
}

# One variable a line, in a fixed order.
print_variables() {
  local key LC_ALL=C
  for key in "${!values[@]}"; do print_variable "$key" "${values[$key]}"; done | sort
}

# The backend logs in to the pooler in the place of the database. Where there is none, it goes on without: the database then
# refuses those of its connections that are over the limit, and otherwise nobody would be served.
use_pooler() {
  local url
  if url="$(printf '%s\n' "${values[DATABASE_URL]}" | "$pooler_program" start "$1" 9>&-)"; then
    values[DATABASE_URL]="$url"
  else
    echo "b2b-tenants-env: the .env names the database itself until there is a pooler" >&2
    failed=yes
  fi
}

# A machine image made from another tenant's server has that tenant's .env, and its backend has started with it by now. Both go
# at once, also while this server's own parameters cannot be read.
leave_other_tenant() (
  # shellcheck source=/dev/null
  . "$config.before"
  [ "$parameter_path" != "$1" ] || exit 0
  resolve_env_file
  if systemctl cat "$service" >/dev/null 2>&1; then
    systemctl stop "$service" || fail "cannot stop $service, which runs with the .env of $parameter_path"
  fi
  "$pooler_program" stop 9>&- || fail "the pooler of $parameter_path is still there"
  as_owner remove_file "$env_file" || fail "cannot remove $env_file, which was written from $parameter_path"
  echo "b2b-tenants-env: removed $env_file, which was written from $parameter_path"
)

# Asks for the restart and does not wait for it: a backend that is ordered after this service, or after cloud-init, starts once
# this run has ended. The notes survive a crash at any point.
restart_service() {
  if systemctl cat "$service" >/dev/null 2>&1; then
    # A backend that started before there was a .env may have used up its attempts.
    systemctl reset-failed "$service" 2>/dev/null || true
    systemctl restart --no-block "$service" || fail "cannot restart $service; trying again at the next run"
    : >"$state/restarted"
  else
    echo "b2b-tenants-env: there is no unit $service yet; nothing to restart"
  fi
  rm -f "$state/restart-pending"
}

# What became of the restart that an earlier run asked for.
look_after_restart() {
  case "$(systemctl is-active "$service" || true)" in
    failed)
      echo "b2b-tenants-env: $service failed after its restart; trying again" >&2
      restart_service
      ;;
    activating | deactivating | reloading) ;;
    *) rm -f "$state/restarted" ;;
  esac
}

# The timer and a run by hand may meet; the second waits, and then finds nothing left to do.
mkdir -p "$state"
exec 9>"$state/lock"
flock 9

if [ -e "$config.before" ]; then
  leave_other_tenant "$parameter_path"
  rm -f "$config.before"
fi
resolve_env_file
read_parameters
pooler="${values[POOLER]:-}"
unset "values[POOLER]"
failed=""
[ -z "$pooler" ] || use_pooler "$pooler"
content="$(print_variables)"
if ! printf '%s\n' "$content" | as_owner is_current "$env_file"; then
  : >"$state/restart-pending"
  printf '%s\n' "$content" | as_owner replace_file "$env_file" || fail "cannot write $env_file as $owner"
  echo "b2b-tenants-env: wrote $env_file"
fi
if [ -e "$state/restart-pending" ]; then
  restart_service
elif [ -e "$state/restarted" ]; then
  look_after_restart
elif [ -z "$pooler" ]; then
  # The backend has been restarted without it.
  "$pooler_program" stop 9>&-
fi
[ -z "$failed" ] || exit 1
