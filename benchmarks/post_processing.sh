#!/usr/bin/env bash
# Prints Dice, HD95 and far islands of models of T1CE on unseen subjects under several rules of post-processing.
#   benchmarks/post_processing.sh UNSEEN MODEL...     build first with mvn -q package -DskipTests
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx2g -XX:+UseSerialGC \
  -cp "$root/benchmarks/target/classes:$root/app/target/preceptor/lib/*" \
  dev.preceptor.benchmarks.PostProcessingTable "$@"
