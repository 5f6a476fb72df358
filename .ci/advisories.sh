#!/usr/bin/env bash
# Known vulnerabilities of what the project depends on, and what is no longer maintained or was taken back: by the RustSec database,
# which is fetched over git each time and kept nowhere in the project. Its own job, weekly: what it finds is no fault of a change.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=.ci/cargo-deny.sh
. .ci/cargo-deny.sh

use_cargo_deny "$(cargo_deny_folder fetching)"
cargo deny --locked check advisories
