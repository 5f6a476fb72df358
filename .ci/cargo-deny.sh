# Installs cargo-deny once, into SUPPLY_TOOLS (default: target/supply-tools); to be sourced from the project's folder.
# Unoptimised and without what debuggers read: built in less than half the time, and a check takes seconds.

cargo_deny_version=0.20.2

# Where it is installed, under a name for the features that it has.
cargo_deny_folder() {
    echo "${SUPPLY_TOOLS:-$PWD/target/supply-tools}/cargo-deny-$cargo_deny_version${1:+-$1}"
}

# Installs it there with these arguments of `cargo install`, and puts it on the path.
use_cargo_deny() {
    local folder=$1
    shift
    if [ ! -x "$folder/bin/cargo-deny" ]; then
        CARGO_PROFILE_DEV_DEBUG=false \
            cargo install --quiet --locked --profile dev --root "$folder" "$@" "cargo-deny@$cargo_deny_version"
    fi
    PATH=$folder/bin:$PATH
}
