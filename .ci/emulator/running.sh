# Starts and stops an emulator for a script; to be sourced. The programs are those of PROGRAMS, or are built.

folder=$(mktemp -d)
started=()
trap 'for process in "${started[@]}"; do kill "$process" 2> /dev/null || true; done; rm -rf "$folder"' EXIT

# Starts `pcorders emulate` with these arguments and waits for its first line, which is then in $folder/address.
start_emulator() {
    if [ -z "${PROGRAMS:-}" ]; then
        cargo build --quiet --package pcorders
        PROGRAMS=${CARGO_TARGET_DIR:-target}/debug
    fi
    "$PROGRAMS/pcorders" emulate "$@" > "$folder/address" &
    emulator=$!
    started+=("$emulator")
    until [ -s "$folder/address" ]; do
        kill -0 "$emulator"
        sleep 0.05
    done
}

# Ends it with Ctrl-C; it must end with 0, which with --check means that every response was within the contract.
stop_emulator() {
    kill -INT "$emulator"
    wait "$emulator"
}

# A member of the emulator's first line.
member() {
    first "$1" < "$folder/address"
}

# A member of the JSON object on standard input.
first() {
    python3 -c 'import json, sys; print(json.loads(sys.stdin.buffer.read().decode("utf-8-sig"))[sys.argv[1]])' "$1"
}
