#!/usr/bin/env bash
# One process on all cores against two that share them, the same training of a baseline with a global batch of 2 at 64^3:
# steps per second of the last epoch, on a phantom cohort. Needs an idle machine.
set -euo pipefail

home=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=${1:-}
if [ -z "$work" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
cores=$(getconf _NPROCESSORS_ONLN)
export MASTER_ADDR=127.0.0.1 MASTER_PORT=${MASTER_PORT:-29531}

[ -d "$work/cohort" ] || "$home/preceptor" phantom --out "$work/cohort" --subjects 4 --variant uniform > /dev/null
rm -rf "$work/one" "$work/two"

train() {
    "$home/preceptor" train baseline-small --cohort "$work/cohort" --out "$1" --threads "$2" \
        --set 'network.widths=[16,32,64,128]' --set network.skips=3 --set preprocessing.spacing=1.5 \
        --set 'sampling.patch=[64,64,64]' --set sampling.batch=2 --set sampling.stepsPerEpoch=8 \
        --set optimization.epochs=3 --set validation.fraction=0 > /dev/null
}

speed() {
    grep -o '"steps_per_second":[0-9.]*' "$1/metrics.jsonl" | tail -1 | cut -d: -f2
}

train "$work/one" "$cores"
ranks=()
for rank in 0 1; do
    RANK=$rank WORLD_SIZE=2 LOCAL_WORLD_SIZE=2 train "$work/two" $((cores / 2 > 0 ? cores / 2 : 1)) &
    ranks+=($!)
done
for rank in "${ranks[@]}"; do
    wait "$rank"
done
echo "one process, $cores threads:        $(speed "$work/one") steps/s"
echo "two processes, $((cores / 2)) thread(s) each: $(speed "$work/two") steps/s"
