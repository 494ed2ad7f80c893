#!/usr/bin/env python3
"""A client of Varlink that knows nothing but the protocol: sockets and JSON.

client.py SOCKET METHOD [PARAMETERS [COUNT]]

Calls a method, with parameters in JSON, and prints each answer on a line. With COUNT it takes more than one answer,
and ends after so many, or with the last one. The exit status is 0, and 1 where the last answer is an error.
"""

import json
import socket
import sys


def answers(connection):
    """The messages that come: each ends in a byte that is zero."""
    kept = b""
    while True:
        while b"\0" in kept:
            message, kept = kept.split(b"\0", 1)
            yield json.loads(message)
        more = connection.recv(4096)
        if not more:
            return
        kept += more


def main(path, method, parameters="{}", count=None):
    call = {"method": method, "parameters": json.loads(parameters)}
    if count is not None:
        call["more"] = True
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(json.dumps(call).encode() + b"\0")
        left = int(count or 1)
        for answer in answers(connection):
            print(json.dumps(answer, sort_keys=True), flush=True)
            left -= 1
            if left == 0 or not answer.get("continues"):
                return 1 if "error" in answer else 0
    print("the connection was closed", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
