"""
Runs the AWS CLI as copies of itself, since to load it takes longer than most of what it is then asked: `forked_aws.py SOCKET`. It prints
a line once it can be asked, loads the CLI when it is for the first time, and ends with its input. Each connection sends
{"argv", "env", "cwd"}, its standard streams with it, and is answered with the exit status.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import traceback


def loaded_cli():
    # What it loads stays.
    gc.disable()
    import awscli.clidriver

    # This loads the rest: it asks nobody, and prints what an answer would look like.
    question = ["ssm", "get-parameters-by-path", "--path", "/", "--region", "us-east-1", "--generate-cli-skeleton", "output"]
    printed = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if awscli.clidriver.create_clidriver().main(question) != 0:
        raise RuntimeError(f"aws {' '.join(question)} fails")
    sys.stdout.flush()
    os.dup2(printed, 1)
    gc.freeze()
    return awscli.clidriver


def run(cli, argv, env, cwd, streams):
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(cwd)
    # The CLI has found its own data as it was loaded.
    data = os.environ["AWS_DATA_PATH"]
    os.environ.clear()
    os.environ.update({**env, "AWS_DATA_PATH": data})
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    try:
        status = cli.create_clidriver().main(argv)
    except SystemExit as end:
        status = end.code
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return status


def received(connection):
    text, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    while more := connection.recv(1 << 20):
        text += more
    return {**json.loads(text), "streams": streams}


signal.signal(signal.SIGCHLD, signal.SIG_IGN)
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen()
print("listening", flush=True)
cli = None
while server in select.select([sys.stdin, server], [], [])[0]:
    connection, _ = server.accept()
    cli = cli or loaded_cli()
    call = received(connection)
    if os.fork() == 0:
        status = 70
        try:
            status = run(cli, **call)
        except BaseException:
            traceback.print_exc()
        connection.sendall(str(status).encode())
        os._exit(0)
    for stream in call["streams"]:
        os.close(stream)
    connection.close()
