#!/usr/bin/env bash
# Scores the golden pairs of real masks with Preceptor and with its peers, alternating in one run, and prints the ratios:
# the lesion-wise scores of BraTS 2023 against the official script's approach in SciPy, HD95 against MONAI, on one thread each and on
# all cores. Checks that the figures agree; exits 1 where they do not, or where a ratio is below its goal.
#   benchmarks/scores.sh [EXPECTED.json]     build first with mvn -q compile; PYTHON (default python3) must have
#   numpy, scipy, nibabel, surface-distance, torch and monai
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
libraries="${M2_REPO:-$HOME/.m2/repository}"
jackson="$(find "$libraries/tools/jackson" "$libraries/com/fasterxml/jackson" -name 'jackson-*.jar' 2> /dev/null | tr '\n' ':')"
classes="$root/imaging/target/classes:$root/benchmarks/target/classes:$jackson"
exec "${PYTHON:-python3}" "$root/benchmarks/scores.py" "${1:-$root/../shared/golden/metrics/expected.json}" \
  "${JAVA_HOME:+$JAVA_HOME/bin/}java" -XX:+UseSerialGC -Xmx4g -cp "$classes" dev.preceptor.benchmarks.ScoresBenchmark
