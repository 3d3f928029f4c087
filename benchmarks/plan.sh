#!/usr/bin/env bash
# Planned memory of training steps beside the measured peak, started as by the launcher with one thread, as a Markdown table: MiB and the
# ratio planned / measured. Without arguments: the U-Net of KD-Net and the residual U-Net of MTCM-KD at three sizes, each in float32 and in
# bfloat16, which takes about ten minutes and 4 GiB; fails if a ratio is outside 0.9 to 1.1.
#   benchmarks/plan.sh [--fit] [RECIPE EDGE BATCH [KEY=VALUE...]]
# --fit   also fits the measured factors of dev.preceptor.plan.StepMemory to these peaks, for each precision, and prints them with the
#         ratios that they give
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ -z "${CLASSES:-}" ]; then
    "$home/preceptor" --version >&2
    (cd "$home" && mvn -q -B -o -DskipTests -Dspotless.check.skip=true -pl benchmarks -am package >&2)
fi
export OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=0 OMP_NUM_THREADS=1
export MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TOP_PAD_=67108864
exec "${PYTHON:-python3}" "$home/benchmarks/plan.py" "${CLASSES:-$home/benchmarks/target/classes:$home/app/target/preceptor/lib/*}" "$@"
