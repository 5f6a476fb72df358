#!/bin/sh
# Proves that every comparison that needs no long run still works, and that no count of work got worse.
# Counts are valgrind's, so that the load of the machine doesn't matter; times are measured, not checked.
set -eu

cd "$(dirname "$0")/.."
if ! command -v valgrind >/dev/null; then
    apt-get install --yes --quiet --no-install-recommends valgrind >/dev/null || {
        apt-get update --quiet >/dev/null
        apt-get install --yes --quiet --no-install-recommends valgrind >/dev/null
    }
fi
# Profilers need what debuggers read; counts don't.
CARGO_PROFILE_RELEASE_DEBUG=false cargo xtask bench --quick
