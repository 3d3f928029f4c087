#!/usr/bin/env bash
# Reads NIfTI files to float32 with Preceptor and with nibabel, alternating in one run, and prints the ratios:
# one file after the other, and four files at once on all cores against nibabel's four in sequence.
#   benchmarks/nifti_read.sh [FILE...]     PYTHON (default python3) must have nibabel; build first with mvn -q compile
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
if [ $# -eq 0 ]; then
  folder="$root/../shared/data/brats/BraTS2021_00006"
  set -- "$folder"/BraTS2021_00006_{t1,t1ce,t2,flair}.nii.gz
fi
classes="$root/imaging/target/classes:$root/benchmarks/target/classes"
exec "${PYTHON:-python3}" "$root/benchmarks/nifti_read.py" \
  "${JAVA_HOME:+$JAVA_HOME/bin/}java" -XX:+UseParallelGC -Xmx1g -cp "$classes" dev.preceptor.benchmarks.NiftiReadBenchmark -- "$@"
