#!/usr/bin/env bash
# Known vulnerabilities of what the project depends on, and what is no longer maintained or was taken back: by the RustSec database,
# which is fetched over git each time and kept nowhere in the project. Its own job, weekly: what it finds is no fault of a change.
# cargo-deny is installed once, into SUPPLY_TOOLS (default: target/supply-tools), with the features that fetch.
set -euo pipefail
cd "$(dirname "$0")/.."
version=0.20.2

tools=${SUPPLY_TOOLS:-$PWD/target/supply-tools}/cargo-deny-$version-fetching
if [ ! -x "$tools/bin/cargo-deny" ]; then
    CARGO_PROFILE_DEV_DEBUG=false cargo install --quiet --locked --profile dev --root "$tools" "cargo-deny@$version"
fi
PATH=$tools/bin:$PATH cargo deny --locked check advisories
