#!/bin/sh
# Runs the three contract linters, at pinned versions, and fails on the first error.
# The tools are installed once, into CONTRACT_TOOLS (default: target/contract-tools).
set -eu

cd "$(dirname "$0")/../.."
contract=spec/partner-center-orders.yaml
tools=${CONTRACT_TOOLS:-target/contract-tools}

validator=0.9.0
redocly=2.77.0
spectral=6.16.3

pins="openapi-spec-validator $validator, redocly $redocly, spectral $spectral"
if [ ! -f "$tools/pins" ] || [ "$(cat "$tools/pins")" != "$pins" ]; then
    rm -rf "$tools"
    mkdir -p "$tools"
    python3 -m venv "$tools/python"
    "$tools/python/bin/pip" install --quiet --disable-pip-version-check "openapi-spec-validator==$validator"
    npm install --silent --no-audit --no-fund --prefix "$tools/node" \
        "@redocly/cli@$redocly" "@stoplight/spectral-cli@$spectral"
    printf '%s' "$pins" > "$tools/pins"
fi

"$tools/python/bin/openapi-spec-validator" "$contract"
REDOCLY_TELEMETRY=off "$tools/node/node_modules/.bin/redocly" lint --config .ci/contract/redocly.yaml "$contract"
"$tools/node/node_modules/.bin/spectral" lint --fail-severity error --ruleset .ci/contract/spectral.yaml "$contract"
