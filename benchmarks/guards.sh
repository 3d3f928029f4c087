#!/usr/bin/env bash
# Prints how often each guard fires for good and for spoiled images of T1CE: of phantoms and of the real patients in shared data.
#   benchmarks/guards.sh TRAINING UNSEEN     two phantom cohorts; build first with mvn -q package -DskipTests
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx3g -XX:+UseSerialGC \
  -cp "$root/benchmarks/target/classes:$root/app/target/preceptor/lib/*" \
  dev.preceptor.benchmarks.GuardTable "$1" "$2" "${PRECEPTOR_SHARED:-$root/../shared}"
