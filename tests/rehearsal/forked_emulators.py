"""
Starts AWS emulators as copies of itself, since to load moto takes longer than most of what an emulator is then asked:
`forked_emulators.py EMULATOR`. For each line {"folder", "port", "log"} that it reads it starts the emulator of that folder, and prints
its process id. It ends with its input; the emulators go on.
"""

import io
import json
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(sys.argv[1]))
import emulator
from moto.core.base_backend import BackendDict

QUESTIONS = {
    "ec2": {"body": "Action=DescribeVpcs"},
    "iam": {"body": "Action=ListRoles"},
    "monitoring": {"body": "Action=DescribeAlarms"},
    "s3": {"method": "GET"},
    "sns": {"body": "Action=ListTopics"},
    "ssm": {"body": "{}", "target": "AmazonSSM.DescribeParameters"},
    "sts": {"body": "Action=GetCallerIdentity"},
}


def ask(application, service, method="POST", body="", target=""):
    scope = f"rehearsal/20200101/us-east-1/{service}/aws4_request"
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/x-amz-json-1.1" if target else "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SCRIPT_NAME": "",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_X_AMZ_TARGET": target,
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body.encode()),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    answers = []
    list(application(environ, lambda status, *_: answers.append(status)))
    if answers != ["200 OK"]:
        raise RuntimeError(f"{service} answers {answers}")


def load():
    """Has moto load what answers for each service, and forget the account that it made for the answers."""
    application = emulator.DomainDispatcherApplication(emulator.create_backend_app)
    for service, question in QUESTIONS.items():
        ask(application, service, **question)
    for backends in BackendDict._instances:
        backends.clear()
    BackendDict._instances.clear()


def become_emulator(folder, port, log):
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir("/")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    emulator.serve(folder, port)


# An emulator that has ended leaves nothing: whoever stops it waits until there is no such process.
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
load()
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        become_emulator(**json.loads(line))
    print(pid, flush=True)
