#!/usr/bin/env bash
# Packages every crate that is published, as `cargo publish` would, and compiles each from its package alone: with its default
# features, with each feature and with none. What others of the workspace a package needs, it takes from their packages, so
# that all of them can be checked before any is published.
# With a folder, the workspace there is checked instead of this one.
set -euo pipefail
ci=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$ci/..}"

"$ci/checks/manifests.py" "$PWD"
made=$("$ci/checks/packages.py" "$PWD") || { printf '%s\n' "$made"; exit 1; }
printf '%s\n' "$made"
"$ci/features.sh" "$(tail -n 1 <<<"$made")"
