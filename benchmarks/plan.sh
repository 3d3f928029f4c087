#!/usr/bin/env bash
# Planned memory of training steps against the measured peak, started as by the launcher with one thread: MiB and the ratio
# planned / measured. Takes minutes on two cores; the cases fit a machine with 4 GiB.
#   benchmarks/plan.sh [RECIPE EDGE BATCH [KEY=VALUE...]]    default the cases below
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$home/preceptor" --version >&2
(cd "$home" && mvn -q -B -o -DskipTests -Dspotless.check.skip=true -pl benchmarks -am package >&2)
export OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=0 OMP_NUM_THREADS=1
export MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TOP_PAD_=67108864
java=("${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx512m -cp "$home/benchmarks/target/classes:$home/app/target/preceptor/lib/*"
    -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0)

compare() {
    local recipe=$1 edge=$2 batch=$3
    shift 3
    python3 - "$recipe" "$edge" "$batch" "${#java[@]}" "${java[@]}" "$@" <<'PY'
import resource, subprocess, sys
recipe, edge, batch, words = sys.argv[1:5]
java, overrides = sys.argv[5:5 + int(words)], sys.argv[5 + int(words):]
package = "dev.preceptor.benchmarks."
plan = subprocess.run([*java, package + "PlanBenchmark", recipe, edge, batch, *overrides], check=True, capture_output=True, text=True)
before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
subprocess.run([*java, package + "StepBenchmark", recipe, edge, batch, "1", "2", *overrides], check=True, stdout=subprocess.DEVNULL)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
assert peak > before or int(edge) < 32, "the estimate took more than the steps"
expected, measured = int(plan.stdout.split()[0]), peak // 1024
print(f"{recipe} {edge}^3 batch {batch} {' '.join(overrides)}: expected {expected}, measured {measured}, ratio {expected / measured:.2f}",
      flush=True)
PY
}

if [ $# -ge 3 ]; then
    compare "$@"
    exit
fi
small=(network.widths=[16,32,64])
compare baseline 64 1
compare baseline 48 2
compare baseline 64 2 "${small[@]}" network.skips=2
compare baseline 64 1 "${small[@]}" network.skips=2 compute.recompute=STAGES
compare baseline 64 1 "${small[@]}" network.skips=2 compute.precision=BFLOAT16
compare kd-net 64 1 "${small[@]}" network.skips=2
compare mtcm-kd 48 1
compare mtcm-kd 48 1 distillation.oneByOne=false
compare mtcm-kd 48 1 "${small[@]}" compute.recompute=STAGES
