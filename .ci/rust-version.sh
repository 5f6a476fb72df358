#!/usr/bin/env bash
# The published packages build with the Rust version that they declare. That every locked dependency allows that version is
# checked by .ci/checks/manifests.py, and that they use no newer part of the standard library by clippy's `incompatible_msrv`;
# where the toolchain is installed, it decides.
# With a folder, the workspace there is checked instead of this one.
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"

described=$(cargo metadata --locked --no-deps --format-version 1 | python3 -c '
import json, sys
packages = [package for package in json.load(sys.stdin)["packages"] if package["publish"] != []]
print(packages[0]["rust_version"], *(package["name"] for package in packages))')
read -r declared packages <<<"$described"

toolchain=$({ rustup toolchain list 2>/dev/null || true; } | grep -oE "^$declared(\.[0-9]+)?-[^ ]*" | head -n 1 || true)
if [ -z "$toolchain" ]; then
    printf 'rust-version: the toolchain of Rust %s is not installed; only manifests and clippy were checked\n' "$declared"
    exit 0
fi
# shellcheck disable=SC2086 # one argument for each package
cargo "+$toolchain" check --quiet --locked --all-features $(printf -- '--package %s ' $packages)
printf 'rust-version: the published packages build with %s\n' "$toolchain"
