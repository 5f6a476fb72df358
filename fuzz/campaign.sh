#!/usr/bin/env bash
# Runs targets, one after another, until each has had so many seconds of CPU time:
#     fuzz/campaign.sh FOLDER SECONDS [TARGET…]
# FOLDER keeps what grows from campaign to campaign: inputs, logs, findings (`finding-…`), and `results.tsv`.
# A target stops at its first finding, and the script fails in the end.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
seconds=$2
shift 2
targets=("$@")
if [ ${#targets[@]} = 0 ]; then
    mapfile -t targets < <(cd "$here/fuzz_targets" && basename -s .rs -- *.rs)
fi
programs=${FUZZ_PROGRAMS:-}
if [ -z "$programs" ]; then
    programs=$("$here/build.sh" --release)
fi

failed=0
for target in "${targets[@]}"; do
    mkdir -p "$folder/$target"
    : >"$folder/$target.log"
    spent=0 runs=0 outcome=clean
    options=(-max_total_time=60 -max_len=65536 -timeout=20 -rss_limit_mb=2048 -use_value_profile=1)
    options+=(-artifact_prefix="$folder/finding-$target-")
    [ ! -f "$here/dictionaries/$target" ] || options+=("-dict=$here/dictionaries/$target")
    corpora=("$folder/$target" "$here/seeds/$target")
    [ ! -d "$here/regressions/$target" ] || corpora+=("$here/regressions/$target")
    while [ "$spent" -lt "$seconds" ] && [ "$outcome" = clean ]; do
        # Bash counts the CPU time of what has ended.
        TIMEFORMAT='%U %S'
        { time nice -n 15 "$programs/$target" "${options[@]}" "${corpora[@]}" \
            >>"$folder/$target.log" 2>&1 || outcome=finding; } 2>"$folder/time"
        read -r user system < <(tail -n 1 "$folder/time")
        spent=$((spent + ${user%.*} + ${system%.*}))
        runs=$((runs + $(tail -n 5 "$folder/$target.log" | sed -n 's/^Done \([0-9]*\) runs.*/\1/p' | grep . || echo 0)))
    done
    [ "$outcome" = clean ] || failed=1
    printf '%s\t%s\t%s CPU seconds\t%s executions\n' "$target" "$outcome" "$spent" "$runs" | tee -a "$folder/results.tsv"
done
exit "$failed"
