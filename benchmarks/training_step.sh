#!/usr/bin/env bash
# The training step of Preceptor and of PyTorch, alternating in one run: wall and processor seconds, peak memory, and the ratios
# Preceptor / PyTorch of the fastest steps, with PyTorch in its default environment and in that of Preceptor's launcher. Then the
# efficiency of the convolutions: operations per step, and their share of the peak rate of a matrix product of 2048^2.
#   benchmarks/training_step.sh [NETWORK [EDGE [THREADS [WIDTHS [BATCH]]]]]    default unet 64 1, the paper's widths, batch 1
# NETWORK: unet, KD-Net's student with its frozen teacher; or resunet, MTCM-KD's student with three teachers that are trained too.
# PYTHON (default python3) must have torch; ROUNDS (default 3) of four steps each, the first of which is a warm-up.
# CONVOLUTIONS (default DIRECT) is compute.convolutions of Preceptor's recipe.
# Fails if processor time or memory against PyTorch in its default environment is above 0.85.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
network=${1:-unet} edge=${2:-64} threads=${3:-1} batch=${5:-1}
case $network in
    unet) widths=${4:-30,60,120,240,480} recipe=kd-net script=unet_step.py overrides=() ;;
    resunet) widths=${4:-32,64,128,256} recipe=mtcm-kd-reference script=mtcm_kd_step.py overrides=(distillation.oneByOne=false) ;;
    *) echo "NETWORK is unet or resunet, not $network" >&2; exit 2 ;;
esac
overrides+=("compute.convolutions=${CONVOLUTIONS:-DIRECT}")
"$home/preceptor" --version >&2
(cd "$home" && mvn -q -B -o -DskipTests -Dspotless.check.skip=true -pl benchmarks -am package >&2)
python=${PYTHON:-python3} rounds=${ROUNDS:-3} steps=${STEPS:-4}
launcher=(OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=0 MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_MMAP_THRESHOLD_=33554432
    MALLOC_TOP_PAD_=67108864)
java=("${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx1g -cp "$home/benchmarks/target/classes:$home/app/target/preceptor/lib/*"
    -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0 dev.preceptor.benchmarks.StepBenchmark
    "$recipe" "$edge" "$batch" "$threads")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export OMP_NUM_THREADS=$threads
for _ in $(seq "$rounds"); do
    env "${launcher[@]}" "${java[@]}" "$steps" "network.widths=[$widths]" "${overrides[@]}" | tail -n +2 >> "$out/ours"
    "$python" "$home/benchmarks/$script" "$edge" "$batch" "$threads" "$steps" "$widths" | tail -n +2 >> "$out/torch"
    env "${launcher[@]}" "$python" "$home/benchmarks/$script" "$edge" "$batch" "$threads" "$steps" "$widths" | tail -n +2 >> "$out/tuned"
done
env "${launcher[@]}" ONEDNN_VERBOSE=profile_exec "${java[@]}" 2 "network.widths=[$widths]" "${overrides[@]}" > "$out/profile"
"$python" "$home/benchmarks/training_step.py" "$out" "$network" "$edge" "$threads" "$widths" "$batch"
