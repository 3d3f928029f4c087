#!/usr/bin/env bash
# Methods side by side on phantoms nobody was trained on: the same cohort, split and student steps for each, three seeds.
#   benchmarks/phantom_study.sh OUT [RECIPE...]     default the small recipes of baseline, kd-net, mtcm-kd-reference, mtcm-kd
# SEEDS (default "1 2 3"), EPOCHS of 40 steps (6), JOBS at a time with a thread each (2). Finished runs are kept; run it again
# to go on. A recipe may carry overrides: "mtcm-kd-small:distillation.levels=[]".
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$1
shift
[ $# -gt 0 ] || set -- baseline-small kd-net-small mtcm-kd-reference-small mtcm-kd-small
mkdir -p "$out"
[ -d "$out/cohort" ] || "$home/preceptor" phantom --out "$out/cohort" --subjects 20 --size 80 --seed 1
[ -d "$out/unseen" ] || "$home/preceptor" phantom --out "$out/unseen" --subjects 20 --size 80 --seed 2
export home out EPOCHS=${EPOCHS:-6}

cell() {
    local seed=$1 arm=$2 recipe=${2%%:*} overrides=() name run
    name=$(printf '%s' "$arm" | tr -c 'A-Za-z0-9.=-' '_')
    run=$out/runs/$name-$seed
    [ -e "$run/done" ] && return
    [[ $arm == *:* ]] && for override in $(printf '%s' "${arm#*:}" | tr '|' ' '); do overrides+=(--set "$override"); done
    "$home/preceptor" train "$recipe" --cohort "$out/cohort" --out "$run/run" --threads 1 --resume \
        --set "seed=$seed" --set "optimization.epochs=$EPOCHS" "${overrides[@]}" > "$run.log" 2>&1
    "$home/preceptor" predict --model "$run/run/models/student.safetensors" --input "$out/unseen" \
        --out "$run/predictions" --threads 1 > /dev/null 2>> "$run.log"
    for convention in BRATS_LEGACY SLICE_MTCM; do
        "$home/preceptor" evaluate --predictions "$run/predictions" --references "$out/unseen/clean" \
            --convention "$convention" --out "$run/$convention" > /dev/null 2>> "$run.log"
    done
    touch "$run/done"
    echo "done: $arm, seed $seed" >&2
}
export -f cell
mkdir -p "$out/runs"
for seed in ${SEEDS:-1 2 3}; do
    for arm in "$@"; do printf '%s\0%s\0' "$seed" "$arm"; done
done | xargs -0 -n 2 -P "${JOBS:-2}" bash -c 'cell "$@"' _
