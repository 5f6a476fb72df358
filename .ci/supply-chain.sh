#!/usr/bin/env bash
# Licences, sources and duplicates of what the project depends on; deny.toml lists what is allowed.
# Installing cargo-deny takes minutes; with --if-installed the check is left to the workflow's own job where it isn't there.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=.ci/cargo-deny.sh
. .ci/cargo-deny.sh

tools=$(cargo_deny_folder)
if [ "${1:-}" = --if-installed ] && [ ! -x "$tools/bin/cargo-deny" ]; then
    echo "supply-chain: cargo-deny $cargo_deny_version is not installed; nothing was checked here"
    exit 0
fi
# Without the features that fetch.
use_cargo_deny "$tools" --no-default-features

cargo deny --locked check --hide-inclusion-graph bans licenses sources
cargo deny --locked --exclude-dev --manifest-path crates/partner-center-orders/Cargo.toml --config .ci/wrapper-deny.toml \
    check bans
