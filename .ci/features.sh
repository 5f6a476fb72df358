#!/usr/bin/env bash
# Every published package compiles with each of its features alone and with none of them, without a warning. Each is checked
# by itself: in the workspace, what one package asks of a dependency hides that another forgot to.
# With a folder, the workspace there is checked in place of this one.
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"

# Lines of package and feature; `-` is none of them.
combinations() {
    cargo metadata --locked --no-deps --format-version 1 | python3 -c '
import json, sys
for package in json.load(sys.stdin)["packages"]:
    if package["publish"] != []:
        features = sorted(set(package["features"]) - {"default"})
        for feature in ["-", *features]:
            print(package["name"], feature)'
}

all=$(combinations)
count=0
while read -r package feature; do
    selected=()
    [ "$feature" = - ] || selected=(--features "$feature")
    if ! said=$(cargo check --quiet --locked --package "$package" --no-default-features "${selected[@]}" 2>&1) ||
        [ -n "$said" ]; then
        printf '%s\nfeatures: %s does not compile cleanly with %s alone\n' "$said" "$package" \
            "${feature/#-/none of its features}" >&2
        exit 1
    fi
    count=$((count + 1))
done <<<"$all"
printf 'features: %s combinations of package and feature compile\n' "$count"
