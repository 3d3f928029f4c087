#!/usr/bin/env bash
# Scores the golden pairs of real masks with Preceptor and with its peers, alternating in one run, and prints the ratios:
# the lesion-wise scores of BraTS 2023 against the official script's approach in SciPy, HD95 against MONAI, on one thread each and on
# all cores. Exits with 1 if the scores differ or a ratio is below its goal.
#   benchmarks/scores.sh [EXPECTED.json [PAIRS]]     default all pairs of real masks; build first with
#   mvn -q compile; PYTHON (default python3) must have numpy, scipy, nibabel, surface-distance, torch and monai
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
classes="$root/imaging/target/classes:$root/benchmarks/target/classes"
exec "${PYTHON:-python3}" "$root/benchmarks/scores.py" "${1:-$root/../shared/golden/metrics/expected.json}" "${2:-1000}" \
  "${JAVA_HOME:+$JAVA_HOME/bin/}java" -XX:+UseSerialGC -Xmx4g -cp "$classes" dev.preceptor.benchmarks.ScoresBenchmark
