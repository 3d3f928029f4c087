#!/usr/bin/env bash
# Sampling and augmentation of patches of one four-sequence subject by Preceptor and by MONAI's equivalent chain, alternating in
# one run, one thread each: patches per processor second (all threads of the JVM counted) and the ratio Preceptor / MONAI, for
# the whole chain and for each transform alone. Fails if the ratio of the chain is below 3.
#   benchmarks/augmentation.sh [EDGE [PATCHES]]    default 96 60
# PYTHON (default python3) must have monai and scipy. ROUNDS (default 3) of PATCHES patches each, after a warm-up round.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$home/preceptor" --version >&2
(cd "$home" && mvn -q -B -o -DskipTests -Dspotless.check.skip=true -pl benchmarks -am package >&2)
export OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
exec "${PYTHON:-python3}" "$home/benchmarks/augmentation.py" "${1:-96}" "${2:-60}" "${ROUNDS:-3}" \
    "${JAVA_HOME:+$JAVA_HOME/bin/}java" -XX:+UseSerialGC -Xmx1g \
    -cp "$home/benchmarks/target/classes:$home/app/target/preceptor/lib/*" dev.preceptor.benchmarks.AugmentationBenchmark
