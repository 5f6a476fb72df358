#!/usr/bin/env bash
# Builds every fuzz target and runs each for two seconds on its seeds; longer runs are what fuzz/campaign.sh is for. Built
# without the coverage feedback that campaigns need, so that crates which were built for tests serve here too.
set -euo pipefail
cd "$(dirname "$0")/.."
# The targets are in no workspace but their own: an ordinary build must not pay for them.
members=$(cargo metadata --no-deps --format-version 1)
if grep -q '"name":"fuzz"' <<<"$members"; then
    echo "the fuzz targets are part of the project's workspace" >&2
    exit 1
fi

cp Cargo.lock fuzz/Cargo.lock
# From this folder, the settings of fuzz/.cargo don't count; the profile has to be the workspace's.
profiles=$(mktemp)
sed -n '/^\[profile\.dev/,$p' Cargo.toml >"$profiles"
programs=${CARGO_TARGET_DIR:-$PWD/target}/debug
cargo build --quiet --manifest-path fuzz/Cargo.toml --target-dir "${programs%/debug}" --config "$profiles"
found=$(mktemp -d)
trap 'rm -rf "$found" "$profiles"' EXIT

run() {
    local target=$1 log=$found/log-$1
    local options=(-max_total_time=2 -max_len=65536 -timeout=20 -rss_limit_mb=2048 -artifact_prefix="$found/")
    [ ! -f "fuzz/dictionaries/$target" ] || options+=("-dict=fuzz/dictionaries/$target")
    mkdir "$found/inputs-$target"
    local corpora=("$found/inputs-$target" "fuzz/seeds/$target")
    [ ! -d "fuzz/regressions/$target" ] || corpora+=("fuzz/regressions/$target")
    if ! "$programs/$target" "${options[@]}" "${corpora[@]}" >"$log" 2>&1; then
        cat "$log" >&2
        echo "$target failed; the input in base64 is printed above" >&2
        return 1
    fi
    printf '%s: %s\n' "$target" "$(tail -n 1 "$log")"
}
export -f run
export programs found
basename -s .rs -- fuzz/fuzz_targets/*.rs | xargs -P "$(nproc)" -I{} bash -euc 'run "$1"' run {}
