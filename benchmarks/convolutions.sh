#!/usr/bin/env bash
# Direct 3x3x3 convolutions beside Winograd's, forward and backward on one thread: processor time and errors against float64, as a table.
#   benchmarks/convolutions.sh [IN,OUT,EDGE...]    default 16,16,64 30,30,64 32,32,32 60,60,32 128,128,16
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$home/preceptor" --version >&2
(cd "$home" && mvn -q -B -o -DskipTests -Dspotless.check.skip=true -pl benchmarks -am package >&2)
[ $# -gt 0 ] || set -- 16,16,64 30,30,64 32,32,32 60,60,32 128,128,16
OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_MMAP_THRESHOLD_=33554432 \
    MALLOC_TOP_PAD_=67108864 "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx1g \
    -cp "$home/benchmarks/target/classes:$home/app/target/preceptor/lib/*" dev.preceptor.benchmarks.ConvolutionBenchmark "$@"
