#!/usr/bin/env bash
# Puts Prism's proxy, at a pinned version, between clients and the emulator: it must see no violation of the contract.
# Byte order mark off and rate unlimited: Prism reads no mark.
# The tool is installed once, into PRISM_TOOLS (default: target/prism-tools).
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=${PRISM_TOOLS:-target/prism-tools}

version=5.16.0
if [ ! -f "$tools/pin" ] || [ "$(cat "$tools/pin")" != "$version" ]; then
    rm -rf "$tools"
    mkdir -p "$tools"
    npm install --silent --no-audit --no-fund --prefix "$tools" "@stoplight/prism-cli@$version"
    printf '%s' "$version" > "$tools/pin"
fi

# shellcheck source=.ci/emulator/running.sh
. .ci/emulator/running.sh
start_emulator --no-bom --rate 0 --check

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$tools/node_modules/.bin/prism" proxy spec/partner-center-orders.yaml "$(member baseUrl)/v1" --port "$port" --errors \
    > "$folder/prism" 2>&1 &
prism=$!
started+=("$prism")
until grep --quiet --no-messages "listening" "$folder/prism"; do
    kill -0 "$prism" || { cat "$folder/prism"; exit 1; }
    sleep 0.1
done

.ci/emulator/client.py --through "http://127.0.0.1:$port" < "$folder/address" || { tail -n 20 "$folder/prism"; exit 1; }
if grep --ignore-case "violation" "$folder/prism"; then
    exit 1
fi
stop_emulator
