#!/usr/bin/env bash
# Hostile clients, among them 10,000 idle connections from a process of its own, and at the same time an honest one that must not notice.
set -euo pipefail
cd "$(dirname "$0")/../.."
ulimit -n "$(ulimit -Hn)"

# shellcheck source=.ci/emulator/running.sh
. .ci/emulator/running.sh
start_emulator --rate 0
token=$(curl --fail --silent --json '{"user": true}' "$(member controlUrl)/tokens" | first accessToken)
.ci/emulator/hostile.py "$(member baseUrl)" "$token"
stop_emulator
