#!/usr/bin/env bash
# moto 5.2.5, its server mode: the connection is closed after each answer, whatever the client asks for.
#
# One would expect a server that stands in for AWS to keep connections open, as AWS does, and as the SDKs ask for: a program that calls it
# a thousand times would open a few. moto's server is Werkzeug's development server, which ends each connection, and carries out each
# request in a thread of its own. An option of moto_server to do otherwise was not found.
#
# Seen in November 2026, with Werkzeug 3.1.9 and one client that asks for "Connection: keep-alive" three times:
#   answers: 3, connections that stayed open: 0, Connection: close
#
# So rehearsal/servers/emulator.py serves moto's application by waitress: of 3,000 calls of SSM and IAM, the server's processor time for
# each went from 1.6 to 1.2 ms, and the client's from 1.3 to 1.0.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf -- "$folder"' EXIT

cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check moto==5.2.5 flask==3.1.3 flask-cors==6.0.5 werkzeug==3.1.9
cat >ask.py <<'PY'
import http.client

from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
_, port = server.get_host_and_port()
answers, open_still, said = 0, 0, set()
client = http.client.HTTPConnection("127.0.0.1", port)
for _ in range(3):
    headers = {"Connection": "keep-alive", "Content-Type": "application/x-www-form-urlencoded"}
    headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=test/20261130/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0"
    client.request("POST", "/", "Action=GetCallerIdentity&Version=2011-06-15", headers)
    answer = client.getresponse()
    answer.read()
    answers += answer.status == 200
    # http.client lets go of its socket when the server says that it closes the connection.
    open_still += client.sock is not None
    said.add(answer.getheader("Connection"))
server.stop()
print(f"answers: {answers}, connections that stayed open: {open_still}, Connection: {', '.join(sorted(map(str, said)))}")
PY
seen="$(venv/bin/python -W ignore ask.py 2>errors)" || { cat errors >&2; exit 1; }
echo "$seen"
[ "$seen" = "answers: 3, connections that stayed open: 0, Connection: close" ]
