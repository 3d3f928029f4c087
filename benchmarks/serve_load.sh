#!/usr/bin/env bash
# A service with a model of 969 weights under load: 8 clients with 200 jobs, half of them beside clients that read or send a byte a second,
# send 10 GB, lie about their lengths, and open 10,000 connections (or as many as `ulimit -Hn` lets one process have).
#   benchmarks/serve_load.sh [JOBS] [CLIENTS] [CONNECTIONS]     build first with mvn -q package -DskipTests
# SERVE_LOAD_JAVA is another Java with a class path, for classes that were compiled otherwise.
set -euo pipefail
home=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'kill "$service" 2>/dev/null || true; wait "$service" 2>/dev/null || true; rm -rf "$work"' EXIT
service=
ulimit -n "$(ulimit -Hn)"
if [ -n "${SERVE_LOAD_JAVA:-}" ]; then
    read -ra java <<< "$SERVE_LOAD_JAVA"
else
    java=("${JAVA_HOME:+$JAVA_HOME/bin/}java" -XX:+UseSerialGC -cp "$home/benchmarks/target/classes:$home/app/target/preceptor/lib/*")
fi
"${java[@]}" -Dorg.bytedeco.javacpp.nopointergc=true dev.preceptor.benchmarks.FreshModel baseline "$work/small.safetensors" \
    'network.widths=[2,4]' network.skips=1 'sampling.patch=[16,16,16]'
python3 - "$work/image.nii.gz" << 'PYTHON'
import gzip, random, struct, sys

# A NIfTI-1 file of 32 cubed voxels of 5 mm.
random.seed(1)
header = bytearray(352)
struct.pack_into("<i", header, 0, 348)
struct.pack_into("<8h", header, 40, 3, 32, 32, 32, 1, 1, 1, 1)
struct.pack_into("<hh", header, 70, 16, 32)
struct.pack_into("<8f", header, 76, 1, 5, 5, 5, 1, 1, 1, 1)
struct.pack_into("<ff", header, 108, 352, 1)
header[123] = 2
struct.pack_into("<hh", header, 252, 0, 1)
for row in range(3):
    struct.pack_into("<f", header, 280 + 20 * row, 5)
header[344:348] = b"n+1\0"
voxels = b"".join(struct.pack("<f", random.uniform(1, 100)) for _ in range(32**3))
with gzip.open(sys.argv[1], "wb") as out:
    out.write(header + voxels)
PYTHON
"${java[@]}" -Xmx512m -Dorg.bytedeco.javacpp.nopointergc=true dev.preceptor.cli.Main serve --model "$work/small.safetensors" \
    --data "$work/data" --port 0 --upload-mib 64 > "$work/log" 2> "$work/errors" &
service=$!
until grep -q ^serving "$work/log"; do
    kill -0 "$service" || { cat "$work/errors" >&2; exit 1; }
    sleep 0.2
done
echo "load $(cut -d' ' -f1 /proc/loadavg), $(nproc) cores, at most $(ulimit -n) open files a process"
python3 "$home/benchmarks/serve_load.py" "$(sed -n 's/^serving //p' "$work/log")" "$service" "$work/image.nii.gz" "$@"
cat "$work/errors"
