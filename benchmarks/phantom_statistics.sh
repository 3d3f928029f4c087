#!/usr/bin/env bash
# Prints the statistics of the real patients in shared data and of a phantom cohort side by side.
#   benchmarks/phantom_statistics.sh [SUBJECTS [SIZE [SEED]]]     default 20 96 1; build first with mvn -q compile
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx3g -cp "$root/imaging/target/classes:$root/benchmarks/target/classes" \
  dev.preceptor.benchmarks.PhantomStatistics "${PRECEPTOR_SHARED:-$root/../shared}" "${1:-20}" "${2:-96}" "${3:-1}"
