#!/usr/bin/env bash
# python-dotenv 1.2.4: ${NAME} is replaced between single quotes, too.
#
# One would expect that a value between single quotes is taken as it stands, as shells, systemd and Node's --env-file do, and as
# python-dotenv itself does with "\n" in it. Its replacement of variables comes after the quotes are gone, and does not know of them; so there
# is no way to write the two characters ${ into a .env. A name that is not set becomes nothing.
#
# Seen in November 2026, of the file PRICE='from ${10} on' (bash, Node: from ${10} on):
#   python-dotenv 1.2.4: 'from  on'
#
# So a server refuses a parameter with ${ in its value: components/server/boot/b2b-tenants-env.sh.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf -- "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-dotenv==1.2.4
printf "PRICE='from \${10} on'\n" >"$folder/.env"
cat "$folder/.env"

bash="$(set -a && . "$folder/.env" && printf %s "$PRICE")"
read_by_dotenv='import dotenv, sys; print(dotenv.dotenv_values(sys.argv[1])["PRICE"], end="")'
dotenv="$("$folder/venv/bin/python" -c "$read_by_dotenv" "$folder/.env")"
echo "bash: '$bash'"
echo "python-dotenv 1.2.4: '$dotenv'"
[ "$bash" = 'from ${10} on' ] && [ "$dotenv" = "from  on" ]
