#!/usr/bin/env bash
# Kills a training with SIGKILL at random times, start-up included, resumes it each time, and compares the result with an
# uninterrupted run: the bytes of all weights, and metrics.jsonl except for measured times.
#   benchmarks/kills.sh [KILLS] [SEED] [RECIPE] [--set key=value]...
# Exits with 0 if the results are the same and each kill hit a running training. WORK=DIR keeps the files.
set -euo pipefail
kills=${1:-30} seed=${2:-1} recipe=${3:-kd-net-small}
shift $(($# < 3 ? $# : 3))
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=${WORK:-}
if [ -z "$work" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work"
RANDOM=$seed

# Small, with two phases and all kinds of state: momentum, averaged weights, gradients accumulated over two batches, a schedule,
# augmentation, selection; with a checkpoint every second or two, within epochs as well.
training=(
    "$recipe" --cohort "$work/cohort" --threads 1
    --set preprocessing.spacing=4 --set 'sampling.patch=[16,16,16]' --set sampling.stepsPerEpoch=8
    --set augmentation.preset=nnunet
    --set 'optimization.optimizer={name: sgd, momentum: 0.9, nesterov: true}' --set 'optimization.schedule={name: poly}'
    --set optimization.clip=12 --set optimization.accumulate=2 --set optimization.ema=0.9 --set optimization.epochs=40
    --set checkpointEvery=1 --set checkpointMinutes=0.02 "$@"
)

train() { # RUN [--resume]: in the background; its process id is $!
    "$home/preceptor" train "${training[@]}" --out "$@" > "$work/log" 2>&1 &
}

now() { date +%s.%N; }

newest() { # the newest checkpoint of a run; none where there is none
    local names
    names=$(cd "$1/checkpoints" 2> /dev/null && ls) || true
    tail -n 1 <<< "${names:-none}"
}

# A model file without its creation time: the JSON of its header, then the bytes of the tensors.
weights() {
    local length
    length=$(od -An -t u8 -N 8 "$1" | tr -d ' ')
    {
        head -c $((8 + length)) "$1" | tail -c "$length" | sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z//g; s/ *$//'
        tail -c +$((9 + length)) "$1"
    } | sha256sum | cut -d ' ' -f 1
}

metrics() {
    sed -E 's/"(seconds|steps_per_second|data_wait)":[-0-9.eE]+,?//g' "$1/metrics.jsonl" | sha256sum | cut -d ' ' -f 1
}

"$home/preceptor" --version
"$home/preceptor" phantom --out "$work/cohort" --subjects 6 --size 48 --seed "$seed" > /dev/null

begin=$(now)
train "$work/whole"
until [ -d "$work/whole/checkpoints" ]; do
    kill -0 $! 2> /dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.05
done
started=$(now)
wait $!
ended=$(now)
# Every third attempt is killed before its first checkpoint. The others are killed at random after it, so late at most that all
# attempts together complete about two thirds of the training.
read -r early late <<< "$(awk -v k="$kills" -v b="$begin" -v s="$started" -v e="$ended" \
    'BEGIN { printf "%.3f %.3f", s - b, 2 * 0.4 * (e - s) / (k * 2 / 3) }')"
awk -v b="$begin" -v e="$ended" -v u="$early" -v w="$late" 'BEGIN {
    printf "undisturbed: %.1f s to the first checkpoint, %.1f s in all\n", u, e - b
    printf "kills: up to %.1f s after the start, or up to %.1f s after a checkpoint\n", u, w }'

for kill in $(seq "$kills"); do
    before=$(newest "$work/killed")
    train "$work/killed" --resume
    where="while it starts"
    window=$early
    if [ $((kill % 3)) != 1 ]; then
        where="while it trains"
        window=$late
        while [ "$(newest "$work/killed")" = "$before" ] && kill -0 $! 2> /dev/null; do sleep 0.02; done
    fi
    sleep "$(awk -v r=$((RANDOM * 32768 + RANDOM)) -v w="$window" 'BEGIN { printf "%.3f", r / 1073741824 * w }')"
    if ! kill -KILL $! 2> /dev/null; then
        tail -n 3 "$work/log" >&2
        echo "kills.sh: the training ended before kill $kill; use more epochs" >&2
        exit 1
    fi
    wait $! 2> /dev/null || true
    torn=$({ find "$work/killed" -name '*.part' 2> /dev/null || true; } | wc -l)
    printf 'kill %2d %s: newest checkpoint %s%s\n' "$kill" "$where" "$(newest "$work/killed")" \
        "$([ "$torn" = 0 ] || echo ", another half written")"
done

train "$work/killed" --resume
wait $! || { cat "$work/log" >&2; exit 1; }
same=0
for model in "$work"/whole/models/*.safetensors; do
    name=$(basename "$model")
    echo "$name: uninterrupted $(weights "$model"), killed $kills times $(weights "$work/killed/models/$name")"
    [ "$(weights "$model")" = "$(weights "$work/killed/models/$name")" ] || same=1
done
echo "metrics.jsonl: uninterrupted $(metrics "$work/whole"), killed $kills times $(metrics "$work/killed")"
[ "$(metrics "$work/whole")" = "$(metrics "$work/killed")" ] || same=1
left=$(find "$work/killed" -name '*.part' | wc -l)
[ "$left" = 0 ] || { echo "kills.sh: $left half-written files are left" >&2; same=1; }
[ "$same" = 0 ] && echo "identical to the byte" || echo "NOT IDENTICAL" >&2
exit "$same"
