#!/usr/bin/env bash
# Median milliseconds in which the command line answers, with the archive of classes and without it, in a clone.
# usage: benchmarks/startup.sh [RUNS] [MODEL [IMAGE]]     RUNS: 15 by default; MODEL: a model file for inspect; IMAGE: of its sequence, to
# be segmented, with the share of the bare start (--version) in that
set -euo pipefail
runs=${1:-15}
model=${2:-}
image=${3:-}
home=$(cd "$(dirname "$0")/.." && pwd)
preceptor=$home/preceptor

# median COMMAND...
median() {
    local start end i
    for ((i = 0; i < runs; i++)); do
        start=$(date +%s%N)
        "$@" > /dev/null
        end=$(date +%s%N)
        echo $(((end - start) / 1000000))
    done | sort -n | sed -n "$(((runs + 1) / 2))p"
}

calls=("--help" "--version" "predict --help")
[ -z "$model" ] || calls+=("inspect $model")
scratch=$(mktemp -d)
if [ -n "$image" ]; then
    sequence=$("$preceptor" inspect "$model" | sed -n 's/^input[s]* *\([A-Z0-9]*\).*/\1/p' | head -n 1)
    calls+=("predict --model $model --input $image --sequence $sequence --out $scratch/labels.nii.gz")
fi
archives=$home/app/target/preceptor/classes
"$preceptor" doctor > /dev/null # makes the archive, if there is none
trap '[ ! -e "$archives.away" ] || mv "$archives.away" "$archives"; rm -rf "$scratch"' EXIT
printf '%-24s %8s %8s   median ms of %d runs, load %s\n' command archive without "$runs" "$(cut -d' ' -f1 /proc/loadavg)"
for call in "${calls[@]}"; do
    # shellcheck disable=SC2086 # a call may have several words
    with=$(median "$preceptor" $call)
    mv "$archives" "$archives.away"
    # shellcheck disable=SC2086
    without=$(median "$preceptor" $call)
    mv "$archives.away" "$archives"
    printf '%-24s %8s %8s\n' "${call%% /*}" "$with" "$without"
    case $call in
        --version) bare=$with ;;
        predict\ --model*) echo "the bare start is $((100 * bare / with))% of that segmentation" ;;
    esac
done
