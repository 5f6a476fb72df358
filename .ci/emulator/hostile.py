#!/usr/bin/env python3
"""Bothers a running emulator in every way concurrently, from processes of its own, while an honest client continues to work: the
honest client must get every response, in time.

    hostile.py BASE TOKEN        BASE is where the API is, without /v1
"""

import json
import os
import resource
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

IDLE = 10_000
SLOW = 200
ORDERS = "/v1/customers/b0d70a69-4c42-4b27-b17b-91a835d8686a/orders"


def connect(base):
    address = urllib.parse.urlsplit(base)
    return socket.create_connection((address.hostname, address.port), timeout=30)


def hold(base, count, beginning):
    """Opens connections, sends a beginning on each, and holds them until standard input ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    held = []
    for _ in range(min(count, hard - 100)):
        connection = connect(base)
        connection.sendall(beginning)
        held.append(connection)
    print(len(held), flush=True)
    sys.stdin.read()


def response_to(base, request):
    with connect(base) as connection:
        connection.sendall(request)
        connection.settimeout(30)
        try:
            return connection.recv(65536)
        except ConnectionResetError:
            return b""


def main(base, token):
    def honest():
        headers = {"Authorization": f"Bearer {token}"}
        began = time.monotonic()
        with urllib.request.urlopen(urllib.request.Request(base + ORDERS, headers=headers), timeout=30) as response:
            listed = json.loads(response.read().decode("utf-8-sig"))
        assert listed["totalCount"] == 3, listed
        return time.monotonic() - began

    def holder(count, beginning):
        command = [sys.executable, __file__, base, "hold", str(count), beginning]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    honest()
    # An error response, before the crowd comes.
    for body in [b"{", b"[" * 100_000, b"\xff\xfe{", b'{"lineItems": 7}']:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            urllib.request.urlopen(urllib.request.Request(base + ORDERS, data=body, headers=headers), timeout=30)
            sys.exit(f"{body[:20]!r} was taken")
        except urllib.error.HTTPError as error:
            assert error.code == 400 and b'"code":2000' in error.read(), error
    for path in ["/v1/../../etc/passwd", "/v1/%2e%2e/%2e%2e/etc/passwd", "/v1//customers", "/%00", "/" + "x" * 100_000]:
        response = response_to(base, f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        assert response.startswith(b"HTTP/1.1 4"), (path[:40], response[:100])

    crowd = [holder(IDLE, ""), holder(SLOW, "GET /v1/cust"), holder(SLOW, "POST /v1 HTTP/1.1\r\nContent-Length: 9\r\n\r\n")]
    times = []
    counts = []
    for process in crowd:
        os.set_blocking(process.stdout.fileno(), False)
    deadline = time.monotonic() + 60
    while len(counts) < len(crowd) and time.monotonic() < deadline:
        times.append(honest())
        time.sleep(0.01)
        counts += [int(line) for line in (process.stdout.readline() for process in crowd) if line]
    assert len(counts) == len(crowd), f"the crowd never stood: {counts}"
    large = b"POST " + ORDERS.encode() + f" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n".encode()
    with connect(base) as connection:
        connection.sendall(large + b"Content-Length: 104857600\r\n\r\n")
        for _ in range(100):
            connection.sendall(b" " * (1 << 20))
            times.append(honest())
        connection.settimeout(30)
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
    times += [honest() for _ in range(100)]
    for process in crowd:
        process.communicate()
    honest()
    print(f"{sum(counts)} connections held; {len(times)} honest requests meanwhile, the slowest took {max(times):.3f} s")
    assert max(times) < 5, "the honest client had to wait"


if sys.argv[2:3] == ["hold"] and len(sys.argv) == 5:
    hold(sys.argv[1], int(sys.argv[3]), sys.argv[4].encode())
else:
    main(*sys.argv[1:])
