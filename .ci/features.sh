#!/usr/bin/env bash
# Every published package compiles with its default features, with each feature alone and with none, without a warning. Each is
# checked by itself: in the workspace, what one package asks of a dependency hides that another forgot to.
# With a folder, the workspace there is checked instead of this one: .ci/packages.sh names one that was made of packages.
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"

# Lines of package and feature; `-` is none of them, `default` what users get who ask for nothing else.
combinations() {
    cargo metadata --locked --no-deps --format-version 1 | python3 -c '
import json, sys
for package in json.load(sys.stdin)["packages"]:
    if package["publish"] != []:
        for feature in ["-", *sorted(package["features"])]:
            print(package["name"], feature)'
}

all=$(combinations)
count=0
while read -r package feature; do
    selected=()
    [ "$feature" = - ] || selected=(--features "$feature")
    if ! output=$(cargo check --quiet --locked --package "$package" --no-default-features "${selected[@]}" 2>&1) ||
        [ -n "$output" ]; then
        printf '%s\nfeatures: %s does not compile cleanly with %s alone\n' "$output" "$package" \
            "${feature/#-/none of its features}" >&2
        exit 1
    fi
    count=$((count + 1))
done <<<"$all"
printf 'features: %s combinations of package and feature compile\n' "$count"
