#!/bin/sh
# Compares our results with those of Python's jsonschema, at pinned versions: the contract's examples, the documentation's
# samples where ORDER_CORPUS names them, and thousands of changes of one member of each.
# The validator is installed once, into VALIDATOR_TOOLS (default: target/validator-tools); the program that writes the payloads is that
# of PROGRAMS, or is built.
set -eu

cd "$(dirname "$0")/../.."
tools=${VALIDATOR_TOOLS:-target/validator-tools}

jsonschema=4.26.0
rfc3339=0.1.4

pins="jsonschema $jsonschema, rfc3339-validator $rfc3339"
if [ ! -f "$tools/pins" ] || [ "$(cat "$tools/pins")" != "$pins" ]; then
    rm -rf "$tools"
    mkdir -p "$tools"
    python3 -m venv "$tools/python"
    "$tools/python/bin/pip" install --quiet --disable-pip-version-check \
        "jsonschema==$jsonschema" "rfc3339-validator==$rfc3339"
    printf '%s' "$pins" > "$tools/pins"
fi

if [ -z "${PROGRAMS:-}" ]; then
    cargo build --quiet --package partner-center-orders-schema --example cases
    PROGRAMS=${CARGO_TARGET_DIR:-target}/debug
fi
"$PROGRAMS/examples/cases" > "$tools/cases.ndjson"
"$tools/python/bin/python" .ci/validators/second_opinion.py "$tools/cases.ndjson"
