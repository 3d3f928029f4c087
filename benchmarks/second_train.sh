#!/usr/bin/env bash
# Seconds from the start of `preceptor train` to its first step: of the first command on a cohort, of one after `preceptor cohort`, and of
# one after a `train` with the same --cache. Prints a Markdown table with the seconds of the clock and of the processor.
#   benchmarks/second_train.sh [COHORT]     default: 20 phantoms of 64^3 voxels, with ids that tell the label schema and with others
# Fails if a second command takes 5 s or more. RECIPE (default baseline-small), PRECEPTOR (default the launcher of this clone),
# PYTHON (default python3).
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
exec "${PYTHON:-python3}" "$home/benchmarks/second_train.py" "${PRECEPTOR:-$home/preceptor}" "${RECIPE:-baseline-small}" "$@"
