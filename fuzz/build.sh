#!/usr/bin/env bash
# Builds all targets, with the arguments for `cargo build`, and prints the folder that holds the programs.
set -euo pipefail
cd "$(dirname "$0")"
# The targets are built from the versions that the project itself is built from. What only the fuzzer needs is pinned in
# Cargo.toml; so there is no second lock file that could become outdated.
cp ../Cargo.lock Cargo.lock
cargo build --quiet "$@"
cargo build --quiet --message-format=json "$@" | python3 -c '
import json, os, sys
messages = map(json.loads, sys.stdin)
programs = [message["executable"] for message in messages if message.get("executable")]
print(os.path.dirname(programs[0]))'
