#!/usr/bin/env bash
# Licences, sources and duplicates of what the project depends on; deny.toml says what may come in.
# cargo-deny is installed once, into SUPPLY_TOOLS (default: target/supply-tools), which takes minutes; with --if-installed the
# check is left to the workflow's own job where it isn't there.
set -euo pipefail
cd "$(dirname "$0")/.."
version=0.20.2

# Unoptimised, without what debuggers read and without the features that fetch: built in less than half the time, and the
# check itself takes seconds.
tools=${SUPPLY_TOOLS:-$PWD/target/supply-tools}/cargo-deny-$version
if [ ! -x "$tools/bin/cargo-deny" ]; then
    if [ "${1:-}" = --if-installed ]; then
        echo "supply-chain: cargo-deny $version is not installed; nothing was checked here"
        exit 0
    fi
    CARGO_PROFILE_DEV_DEBUG=false \
        cargo install --quiet --locked --profile dev --no-default-features --root "$tools" "cargo-deny@$version"
fi
PATH=$tools/bin:$PATH

cargo deny --locked check --hide-inclusion-graph bans licenses sources
cargo deny --locked --exclude-dev --manifest-path crates/partner-center-orders/Cargo.toml --config .ci/wrapper-deny.toml \
    check bans
