#!/usr/bin/env bash
# Lets schemathesis, at a pinned version, test the emulator against the contract: no server error, no undocumented status, no
# response outside the schemas, no way around the authentication. Byte order mark off and rate unlimited: schemathesis reads no mark.
# The tool is installed once, into SCHEMATHESIS_TOOLS (default: target/schemathesis-tools).
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=${SCHEMATHESIS_TOOLS:-target/schemathesis-tools}

version=4.32.0
if [ ! -f "$tools/pin" ] || [ "$(cat "$tools/pin")" != "$version" ]; then
    rm -rf "$tools"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
    printf '%s' "$version" > "$tools/pin"
fi

# shellcheck source=.ci/emulator/running.sh
. .ci/emulator/running.sh
start_emulator --no-bom --rate 0 --check

control=$(member controlUrl)
curl --fail --silent --output /dev/null --request PATCH --json '{"malformedRequestId": "refused"}' "$control/settings"
EMULATOR_TOKEN=$(curl --fail --silent --json '{"user": true, "lifetime": 86400}' "$control/tokens" | first accessToken)
EMULATOR_CART=$(curl --fail --silent \
    --header "Authorization: Bearer $EMULATOR_TOKEN" --header 'Content-Type: application/json' \
    --data '{"lineItems": [{"id": 0, "catalogItemId": "CFQ7TTC0LH16:0001:CFQ7TTC0K0QX", "quantity": 1}]}' \
    "$(member baseUrl)/v1/customers/b0d70a69-4c42-4b27-b17b-91a835d8686a/carts" | first id)
export EMULATOR_TOKEN EMULATOR_CART

"$tools/bin/st" run spec/partner-center-orders.yaml --url "$(member baseUrl)/v1" --no-color
.ci/emulator/no_bypass.py "$(member baseUrl)/v1" spec/partner-center-orders.yaml
stop_emulator
