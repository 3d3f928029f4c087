#!/usr/bin/env bash
# Time and peak memory of `preceptor predict` on one volume, including the start of the JVM.
#   benchmarks/predict.sh MODEL FILE [RUNS]
set -euo pipefail
model=$1 file=$2 runs=${3:-3}
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"$home/preceptor" --version
for run in $(seq "$runs"); do
    python3 - "$home/preceptor" predict --model "$model" --input "$file" --out "$out/$run.nii.gz" <<'PY'
import resource, subprocess, sys, time
begin = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"wall {time.monotonic() - begin:.1f} s, cpu {used.ru_utime + used.ru_stime:.1f} s, peak {used.ru_maxrss / 1024:.0f} MiB")
PY
done
