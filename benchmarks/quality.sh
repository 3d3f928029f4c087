#!/usr/bin/env bash
# Prints the Dice that a model of T1CE expects beside the Dice that it has, for unseen phantoms as they are and with artefacts.
#   benchmarks/quality.sh MODEL UNSEEN [plain|mirror]     build first with mvn -q package -DskipTests
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx2g -XX:+UseSerialGC \
  -cp "$root/benchmarks/target/classes:$root/app/target/preceptor/lib/*" \
  dev.preceptor.benchmarks.QualityTable "$1" "$2" "${3:-plain}"
