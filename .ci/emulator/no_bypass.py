#!/usr/bin/env python3
"""Calls every operation of the contract without a token and with invalid ones: each call must be rejected with 401."""

import re
import sys
import urllib.error
import urllib.request

BASE, CONTRACT = sys.argv[1:]
IDS = {"customer_id": "b0d70a69-4c42-4b27-b17b-91a835d8686a", "line_item_number": "0"}
TOKENS = [None, "", "Bearer", "Bearer x", "Basic eDp5", "Bearer eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0."]

operations = []
path = None
for line in open(CONTRACT, encoding="utf-8"):
    if found := re.fullmatch(r"  (/\S*):\n", line):
        path = found[1]
    elif line == "components:\n":
        break
    elif path and (found := re.fullmatch(r"    (get|post|put|patch|delete):\n", line)):
        operations.append((found[1].upper(), path))

if len(operations) != 20:
    sys.exit(f"the contract has twenty operations, not {len(operations)}")
for method, path in operations:
    address = BASE + re.sub(r"\{(\w+)\}", lambda name: IDS.get(name[1], "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1"), path)
    for token in TOKENS:
        headers = {} if token is None else {"Authorization": token}
        data = None if method == "GET" else b"{}"
        request = urllib.request.Request(address, method=method, headers=headers, data=data)
        try:
            status = urllib.request.urlopen(request, timeout=30).status
        except urllib.error.HTTPError as error:
            status = error.code
        if status != 401:
            sys.exit(f"{method} {path} with {token!r} responds with {status}")
print(f"{len(operations)} operations reject callers that aren't authenticated")
