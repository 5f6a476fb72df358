#!/usr/bin/env bash
# The versions that the published packages declare are enough: with each direct dependency at the least version that is
# allowed, a version can be found for everything, and all of it compiles. The workspace is copied for that, with a lock file
# of its own.
#
#     .ci/minimal-versions.sh             # resolves and compiles
#     .ci/minimal-versions.sh --resolve   # only resolves, in seconds
set -euo pipefail
cd "$(dirname "$0")/.."

target=$(cargo metadata --locked --no-deps --format-version 1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
copy=$target/minimal-versions/workspace
rm -rf "$copy"
mkdir -p "$copy"
git ls-files -z --cached --others --exclude-standard -- Cargo.toml Cargo.lock crates |
    while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
    tar --create --null --files-from=- | tar --extract --directory "$copy"
cd "$copy"
# Only what is published: what the tools of the workspace ask for is nothing that users get. Dependencies of tests go too.
python3 - <<'PYTHON'
import pathlib, re, shutil

manifest = pathlib.Path("Cargo.toml")
manifest.write_text(re.sub(r'members = \[.*?\]', 'members = ["crates/*"]', manifest.read_text(), count=1))
for path in pathlib.Path("crates").glob("*/Cargo.toml"):
    text = path.read_text()
    if re.search(r"^publish = false", text, re.MULTILINE):
        shutil.rmtree(path.parent)
        continue
    path.write_text(re.sub(r"^\[dev-dependencies\]\n(?:(?!\[).*\n?)*", "", text, flags=re.MULTILINE))
PYTHON

# The choice of minimal versions is unstable; only this one run may use it.
RUSTC_BOOTSTRAP=1 cargo update --quiet -Zdirect-minimal-versions
printf 'minimal-versions: versions can be found for %s packages\n' "$(grep -c '^\[\[package\]\]' Cargo.lock)"
if [ "${1:-}" = --resolve ]; then
    exit 0
fi
CARGO_TARGET_DIR=$target/minimal-versions cargo check --quiet --locked --workspace --all-features
echo 'minimal-versions: the published packages compile with them'
