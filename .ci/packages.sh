#!/usr/bin/env bash
# Packages every crate that is published, as `cargo publish` would, and builds each from its package alone. What others of
# the workspace a package needs, it takes from theirs, so that all of them can be checked before any is published.
# With a folder, the workspace there is checked in place of this one.
set -euo pipefail
checks=$(cd "$(dirname "$0")/checks" && pwd)
cd "${1:-$checks/../..}"

# The cheap half: manifests, licences, and what the list of files says.
"$checks/manifests.py" "$PWD"
"$checks/packages.py" "$PWD"
