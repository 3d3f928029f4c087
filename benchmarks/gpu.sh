#!/usr/bin/env bash
# What a GPU makes of Preceptor, in one Markdown table: golden tests on the device; loss and gradients of a step in float32, TF32 and
# bfloat16 against float32 on the CPU; images a second and memory of training steps beside PyTorch; and two NCCL ranks where there are two
# GPUs. Where there is no GPU it says so in one line and exits with 77; with 1 if a golden test or a step fails.
#   benchmarks/gpu.sh [DEVICE [EDGE [BATCH]]]    default cuda:0 96 2
# Build with the CUDA build of libtorch first: PRECEPTOR_MAVEN_ARGS=-Pgpu ./preceptor doctor (docs/guide/training.md, section GPU).
# PYTHON (default python3); with torch for CUDA in it PyTorch's rows are there.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
device=${1:-cuda:0} edge=${2:-96} batch=${3:-2} python=${PYTHON:-python3}
if ! ls /dev/nvidia[0-9]* > /dev/null 2>&1 && ! command -v nvidia-smi > /dev/null; then
    echo "gpu.sh: nothing is measured: this machine has no NVIDIA GPU (no /dev/nvidia0, no nvidia-smi)" >&2
    exit 77
fi
export PRECEPTOR_MAVEN_ARGS=${PRECEPTOR_MAVEN_ARGS:--Pgpu}
"$home/preceptor" doctor >&2
# shellcheck disable=SC2086 # PRECEPTOR_MAVEN_ARGS may have several words
(cd "$home" && mvn -q -B -o $PRECEPTOR_MAVEN_ARGS -DskipTests -Dspotless.check.skip=true -pl benchmarks -am package >&2)
classes=${CLASSES:-$home/benchmarks/target/classes:$home/app/target/preceptor/lib/*}
golden=ok
# shellcheck disable=SC2086
(cd "$home" && mvn -q -B -o $PRECEPTOR_MAVEN_ARGS -pl learning -am -Dspotless.check.skip=true -Dunit.excludedGroups= \
    -Dtest='KdNetGoldenTest,MtcmKdGoldenTest' -Dsurefire.failIfNoSpecifiedTests=false "-Dpreceptor.device=$device" test >&2) || golden=failed
exec "$python" "$home/benchmarks/gpu.py" "$home" "$classes" "$device" "$edge" "$batch" "$golden"
