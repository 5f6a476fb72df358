#!/usr/bin/env bash
# What the wrapper brings along, with its default features: no crate twice, and no C but the crypto provider's.
set -euo pipefail
cd "$(dirname "$0")/.."
package=partner-center-orders

tree() {
    cargo tree --locked --package "$package" --prefix none --format '{p}' "$@" | sed 's/ (\*)$//' | sort -u
}
# Crates that compile or bind C, or link a library of the system by name.
c_crates() {
    tree --edges normal,build "$@" | awk '{ print $1 }' | grep -Ex '(cc|cmake|bindgen|pkg-config|vcpkg|.*-sys)' | sort -u || true
}

crates=$(tree --edges normal)
# ring is behind the others with getrandom.
twice=$(awk '{ print $1 }' <<<"$crates" | uniq -d | grep -vx getrandom || true)
if [ -n "$twice" ]; then
    printf '%s comes with more than one version of:\n%s\n' "$package" "$twice" >&2
    exit 1
fi

c=$(c_crates)
if unexpected=$(grep -vx -e cc <<<"$c") && [ -n "$unexpected" ]; then
    printf '%s comes with C in addition to the crypto provider:\n%s\n' "$package" "$unexpected" >&2
    exit 1
fi
if providers=$(cargo tree --locked --workspace --edges normal,build,dev --prefix none --format '{p}' | grep -E '^(aws-lc-|openssl-sys|mbedtls|boring)') ; then
    printf 'the workspace has a crypto provider in addition to ring:\n%s\n' "$(sort -u <<<"$providers")" >&2
    exit 1
fi
without_tls=$(c_crates --no-default-features)
if [ -n "$without_tls" ]; then
    printf '%s comes with C without TLS:\n%s\n' "$package" "$without_tls" >&2
    exit 1
fi
# What `cargo xtask` builds, `cargo test --workspace` doesn't build again: each crate has the same features in both. Macros and
# what they depend on are built apart from the rest, so they are compared apart.
features() {
    cargo tree --locked --prefix none --format '{p} {f}' "$@" | sed 's/ (\*)$//' | sort -u
}
built_again() {
    local first second
    first=$(features --package xtask --edges "normal,build$1") || return
    second=$(features --workspace --edges "normal,build,dev$1") || return
    comm -23 <(printf '%s\n' "$first") <(printf '%s\n' "$second")
}
again=$(built_again "")
again=$(printf '%s\n' "$again" && built_again ",no-proc-macro")
if [ -n "$again" ]; then
    printf 'tests build these once more, with other features; see the end of the dependencies in xtask/Cargo.toml:\n%s\n' \
        "$again" >&2
    exit 1
fi
printf '%s: %s crates, none twice; C for TLS only: %s\n' "$package" "$(wc -l <<<"$crates")" "$(tr '\n' ' ' <<<"$c")"
