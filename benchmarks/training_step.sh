#!/usr/bin/env bash
# The training step of MTCM-KD by our trainer and in PyTorch, turn by turn in one run: wall and processor seconds, peak memory,
# and the ratios ours / PyTorch of the fastest steps. Fails if the ratio of wall time is above 1.05.
#   benchmarks/training_step.sh [EDGE [THREADS [WIDTHS [BATCH]]]]    default 64 1 32,64,128,256 1
# PYTHON (default python3) must have torch; ROUNDS (default 3) of four steps each, the first of which does not count. Both sides run in the environment that the launcher sets.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
edge=${1:-64} threads=${2:-1} widths=${3:-32,64,128,256} batch=${4:-1}
"$home/preceptor" --version >&2
(cd "$home" && mvn -q -B -o -DskipTests -Dspotless.check.skip=true -pl benchmarks -am package >&2)
export OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=0 OMP_NUM_THREADS=$threads
export MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_MMAP_MAX_=0 MALLOC_TOP_PAD_=67108864
python=${PYTHON:-python3} rounds=${ROUNDS:-3} steps=4
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for round in $(seq "$rounds"); do
    "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx1g -cp "$home/benchmarks/target/classes:$home/app/target/preceptor/lib/*" \
        -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0 \
        dev.preceptor.train.StepBenchmark mtcm-kd-reference "$edge" "$batch" "$threads" "$steps" \
        "network.widths=[$widths]" distillation.oneByOne=false | tail -n +2 >> "$out/ours"
    "$python" "$home/benchmarks/mtcm_kd_step.py" "$edge" "$batch" "$threads" "$steps" "$widths" | tail -n +2 >> "$out/torch"
done
"$python" - "$out" "$edge" "$threads" "$widths" "$batch" <<'PY'
import sys
import torch
folder, edge, threads, widths, batch = sys.argv[1:]
rows = {}
for name in ("ours", "torch"):
    steps = [[float(x) for x in line.split()] for line in open(f"{folder}/{name}")]
    rows[name] = (min(s[0] for s in steps), sorted(s[0] for s in steps)[len(steps) // 2], min(s[1] for s in steps), max(s[2] for s in steps))
print(f"MTCM-KD step, {edge}^3, batch {batch}, widths {widths}, {threads} thread(s), PyTorch {torch.__version__}")
for name, (wall, median, cpu, memory) in rows.items():
    print(f"{name:6} wall {wall:.3f} s (median {median:.3f}), cpu {cpu:.3f} s, memory {memory:.0f} MiB")
ratios = [a / b for a, b in zip(rows["ours"], rows["torch"])]
print("ratio  wall {:.3f} (median {:.3f}), cpu {:.3f}, memory {:.3f}".format(*ratios))
sys.exit(ratios[0] > 1.05)
PY
