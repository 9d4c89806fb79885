"""Serves moto's emulation of AWS from a folder, and remembers: `emulator.py FOLDER PORT`.

moto keeps everything in memory. Here every request that may change something is written to FOLDER/journal before it is carried
out, and a start carries the journal out again. For that to give the same account again, ids and all, requests are carried out one
at a time, each with a random seed and a clock of its own, both of which the journal fixes.

Once it serves, its port and process id stand in FOLDER/server.json. The journal holds parameter values in clear, as a database's
data files do: the folder is for its owner alone.
"""

import base64
import datetime
import errno
import fcntl
import gc
import io
import json
import logging
import os
import signal
import sys
from xml.sax.saxutils import escape

# The account starts empty but for AWS's own managed policies.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

# What a start loads stays: to look through it for garbage again and again takes a third of the time.
gc.disable()

import moto.core.utils

# Before any service of moto is imported, since each takes the function by its name.
_now = moto.core.utils.utcnow
_replayed_time = None
moto.core.utils.utcnow = lambda: _replayed_time or _now()

import moto_economy
import moto_amendments
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from waitress import create_server

READING = ("Describe", "Get", "List", "Lookup")
IDENTITY_PATH = "/rehearsal/identity"
KEPT = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "SERVER_PROTOCOL", "RAW_URI", "REQUEST_URI")


class Remembering:
    """A WSGI application around moto's."""

    def __init__(self, folder):
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.folder = folder
        self.count = 0
        self.scopes = set()
        self.journal = open(os.open(os.path.join(folder, "journal"), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b", buffering=0)
        try:
            fcntl.flock(self.journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("another emulator serves this folder")

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == IDENTITY_PATH:
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps({"folder": self.folder, "pid": os.getpid()}).encode()]
        body = environ["wsgi.input"].read()
        environ["RAW_URI"] = environ["REQUEST_URI"]
        # The first look at a service makes what every account has there, as a default VPC with its ids: that has to be replayed.
        if scope_of(environ) in self.scopes and is_reading(environ, body):
            return self.carry_out(environ, body, None, start_response)
        now = _now()
        try:
            self.write(environ, body, now)
        except OSError as error:
            return refuse(environ, f"cannot write {self.folder}/journal: {error.strerror}", start_response)
        return self.carry_out(environ, body, now, start_response)

    def carry_out(self, environ, body, time, start_response):
        global _replayed_time
        _replayed_time = time
        mock_random.seed(self.count)
        self.scopes.add(scope_of(environ))
        try:
            return list(self.moto({**environ, "wsgi.input": io.BytesIO(body)}, start_response))
        finally:
            _replayed_time = None

    def write(self, environ, body, now):
        kept = {key: value for key, value in environ.items() if isinstance(value, str) and (key in KEPT or key.startswith("HTTP_"))}
        entry = {"at": now.isoformat(), "environ": kept, "body": base64.b64encode(body).decode()}
        end = self.journal.seek(0, os.SEEK_END)
        line = json.dumps(entry).encode() + b"\n"
        try:
            written = self.journal.write(line)
            if written != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            self.journal.truncate(end)
            raise
        self.count += 1

    def replay(self):
        self.journal.seek(0)
        end = 0
        for line in self.journal.read().splitlines(keepends=True):
            # A kill can cut the last line short; then its request was never answered.
            if not line.endswith(b"\n"):
                self.journal.truncate(end)
                break
            end += len(line)
            entry = json.loads(line)
            body = base64.b64decode(entry["body"])
            environ = {
                **entry["environ"],
                "CONTENT_LENGTH": str(len(body)),
                "SERVER_NAME": "127.0.0.1",
                "SERVER_PORT": "80",
                "SCRIPT_NAME": "",
                "wsgi.version": (1, 0),
                "wsgi.url_scheme": "http",
                "wsgi.errors": sys.stderr,
                "wsgi.multithread": True,
                "wsgi.multiprocess": False,
                "wsgi.run_once": False,
            }
            self.count += 1
            self.carry_out(environ, body, datetime.datetime.fromisoformat(entry["at"]), lambda *_: None)


def refuse(environ, message, start_response):
    """Answers an error in the words of the service's own protocol. One of the client's kind: others are tried again and again."""
    code, message = "RehearsalDiskFull", f"the AWS emulator {message}"
    if environ.get("HTTP_X_AMZ_TARGET"):
        kind, answer = "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message})
    else:
        kind, error = "text/xml", f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        answer = {
            "ec2": f"<Response><Errors>{error}</Errors></Response>",
            "s3": error,
        }.get(scope_of(environ).rpartition("/")[2], f"<ErrorResponse>{error}</ErrorResponse>")
    start_response("400 Bad Request", [("Content-Type", kind), ("Content-Length", str(len(answer.encode())))])
    return [answer.encode()]


def scope_of(environ):
    """Region and service that the request was signed for, as `us-east-1/ec2`."""
    return "/".join(environ.get("HTTP_AUTHORIZATION", "").partition(",")[0].split("/")[2:4])


def is_reading(environ, body):
    """Whether the request can only read. One that is not recognised is taken to write."""
    if environ["REQUEST_METHOD"] != "POST":
        return environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS")
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return target.rpartition(".")[2].startswith(READING)
    return any(field.startswith(READING, 7) for field in body.decode("latin-1").split("&") if field.startswith("Action="))


def serve(folder, port):
    os.umask(0o077)
    moto_amendments.amend()
    gc.freeze()
    gc.enable()
    application = Remembering(folder)
    application.replay()
    # Its only thread carries out one request at a time; that others wait is not worth a line in the log.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(
        application,
        host="127.0.0.1",
        port=port,
        threads=1,
        # Who keeps a connection for later finds it open.
        channel_timeout=24 * 60 * 60,
        connection_limit=1000,
        asyncore_use_poll=True,
    )
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    announcement = os.path.join(folder, "server.json")
    with open(announcement + ".new", "w") as file:
        json.dump({"port": int(server.effective_port), "pid": os.getpid()}, file)
    os.replace(announcement + ".new", announcement)
    server.run()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
