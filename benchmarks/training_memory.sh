#!/usr/bin/env bash
# Peak memory and time of training steps on random data, with the trainer's code, started as by the launcher.
#   benchmarks/training_memory.sh [RECIPE [EDGE [KEY=VALUE...]]]    default mtcm-kd 128; two steps, all cores
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
recipe=${1:-mtcm-kd} edge=${2:-128}
shift $(($# < 2 ? $# : 2))
"$home/preceptor" --version >&2
(cd "$home" && mvn -q -B -o -DskipTests -Dspotless.check.skip=true -pl benchmarks -am package >&2)
export OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=0
export MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TOP_PAD_=67108864
python3 - "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx1g -cp "$home/benchmarks/target/classes:$home/app/target/preceptor/lib/*" \
    -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0 \
    dev.preceptor.benchmarks.StepBenchmark "$recipe" "$edge" 1 "$(nproc)" 2 "$@" <<'PY'
import resource, subprocess, sys
print("wall s, cpu s, resident MiB at the end of each step:", flush=True)
subprocess.run(sys.argv[1:], check=True)
print(f"peak {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20:.1f} GiB")
PY
