#!/usr/bin/env bash
# Segments one T1CE image with Preceptor, with MONAI and with nnU-Net v2, each started cold as a command, alternating in one run:
# image file in, label map out. Prints wall and processor seconds and peak memory of each, and the ratios to MONAI.
#   benchmarks/predict_peers.sh IMAGE [--networks kd-net,mtcm-kd] [--rounds N] [--threads N] [--check]
# --networks  recipes whose student segments (default both): KD-Net's U-Net of 30 to 480 channels on 64^3 voxels, and MTCM-KD's
#             residual U-Net of 32 to 256 channels on tiles of 128^3 that overlap by half
# --rounds    default 1; the fastest round counts
# --threads   per operation, for all (default: all cores)
# --check     also segments again with probabilities, and prints the largest difference between those of exact and MONAI's
# PYTHON (default python3) must have torch, monai, nibabel, safetensors and nnunetv2.
# Preceptor and MONAI have the same weights, preprocessing, tiles and blending (benchmarks/monai_predict.py). MONAI takes one tile at
# a time, which needs the least memory. nnU-Net has a plan with the same spacing, patch, widths and overlap, and weights of its own;
# mirroring is off.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$home/preceptor" --version
(cd "$home" && mvn -q -B -o -DskipTests -Dspotless.check.skip=true -pl benchmarks -am package >&2)
exec "${PYTHON:-python3}" "$home/benchmarks/predict_peers.py" compare "$home" "$@"
