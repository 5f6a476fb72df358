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

# The project's own client takes the same way.
export PARTNER_CENTER_BASE_URL="http://127.0.0.1:$port" PARTNER_CENTER_AUTHORITY PARTNER_CENTER_TENANT_ID \
    PARTNER_CENTER_CLIENT_ID PARTNER_CENTER_CLIENT_SECRET PARTNER_CENTER_REFRESH_TOKEN
PARTNER_CENTER_AUTHORITY=$(member authority)
PARTNER_CENTER_TENANT_ID=$(member tenant)
PARTNER_CENTER_CLIENT_ID=$(member clientId)
PARTNER_CENTER_CLIENT_SECRET=$(member clientSecret)
PARTNER_CENTER_REFRESH_TOKEN=$(member refreshToken)
for customer in b0d70a69-4c42-4b27-b17b-91a835d8686a 3c81e6f0-5d27-4a94-b6e1-7f08c2d9a354; do
    listed=$("$PROGRAMS/pcorders" orders list "$customer" --include-price | wc -l)
    echo "$listed orders of $customer come through"
    [ "$listed" -gt 3 ]
done

if grep --ignore-case "violation" "$folder/prism"; then
    exit 1
fi
stop_emulator
