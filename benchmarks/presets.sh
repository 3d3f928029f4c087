#!/usr/bin/env bash
# Time, memory and Dice of each preset of `preceptor predict` on the subjects of a folder with labels: one row for each model and preset.
#   benchmarks/presets.sh SUBJECTS MODEL [MODEL...]        SUBJECTS: a cohort that trained none of the models
# SCHEMA (default BRATS_2018) names the labels of the references. REFERENCES (default SUBJECTS) has them, if another folder does.
# Guards refuse nobody here, so that all rows have the same subjects. Seconds and peak memory are those of the whole command, divided by the
# number of subjects for the seconds.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
subjects=$1
shift
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"$home/preceptor" --version
python3 - "$home/preceptor" "$out" "$subjects" "${REFERENCES:-$subjects}" "${SCHEMA:-BRATS_2018}" "$@" <<'PY'
import collections, csv, os, subprocess, sys, time

preceptor, out, subjects, references, schema, *models = sys.argv[1:]
rows = []
for number, model in enumerate(models):
    for preset in ("exact", "balanced", "fast"):
        for mirrored in ((), ("--tta",)) if preset == "exact" else ((),):
            name = f"{number}-{preset}{'-tta' if mirrored else ''}"
            begin = time.monotonic()
            process = subprocess.Popen(
                [preceptor, "predict", "--model", model, "--input", subjects, "--out", f"{out}/{name}", "--preset", preset,
                 "--accept", "wrong-sequence,not-skull-stripped,orientation,head-size,empty", *mirrored],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            predicted = len(process.stdout.read().split())
            _, status, used = os.wait4(process.pid, 0)
            wall = time.monotonic() - begin
            if status:
                sys.exit(f"{preset} of {model} failed; run preceptor predict by hand")
            subprocess.run(
                [preceptor, "evaluate", "--predictions", f"{out}/{name}", "--references", references, "--out", f"{out}/{name}-scores",
                 "--schema", schema], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            dice, hd95 = collections.defaultdict(list), collections.defaultdict(list)
            with open(f"{out}/{name}-scores/scores.csv") as file:
                for row in csv.DictReader(file):
                    dice[row["region"]].append(float(row["dice"]))
                    hd95[row["region"]].append(float(row["hd95"]))
            mean = lambda values: sum(values) / len(values)
            rows.append([model, preset + (" --tta" if mirrored else ""), f"{wall / predicted:.2f}",
                         f"{(used.ru_utime + used.ru_stime) / predicted:.2f}", f"{used.ru_maxrss / 1024:.0f}",
                         *(f"{mean(v):.3f}" for v in dice.values()), *(f"{mean(v):.1f}" for v in hd95.values())])
            print(" ".join(rows[-1]), file=sys.stderr)
regions = list(dice)
header = ["model", "preset", "wall s", "cpu s", "peak MiB", *(f"Dice {r}" for r in regions), *(f"HD95 {r}" for r in regions)]
for line in [header, ["---"] * len(header), *rows]:
    print("| " + " | ".join(line) + " |")
PY
