#!/usr/bin/env bash
# Time and peak memory of `preceptor demo` with the given arguments; keeps its folder.
#   benchmarks/demo.sh --out DIR [...]
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$home/preceptor" --version
python3 - "$home/preceptor" demo "$@" <<'PY'
import resource, subprocess, sys, time
begin = time.monotonic()
subprocess.run(sys.argv[1:], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"wall {(time.monotonic() - begin) / 60:.1f} min, cpu {(used.ru_utime + used.ru_stime) / 60:.1f} min, "
      f"peak {used.ru_maxrss / 1024:.0f} MiB")
PY
