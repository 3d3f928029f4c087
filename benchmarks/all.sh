#!/usr/bin/env bash
# Every table of docs/benchmarks.md on this machine in one run, as one Markdown file: machine, date, versions, and for each benchmark the
# load before and after, the cores that others used meanwhile, and what it printed. The file is there from the first benchmark on.
#   benchmarks/all.sh [--only NAME]... [--out FILE] [--list]
# --only  runs this benchmark; repeatable (default: all, which takes most of a day)
# --out   default benchmarks-DATE-TIME.md in the current folder
# --list  prints the names, what each needs and about how long it takes, and ends
# A benchmark whose peers or data are missing is skipped, and the table names what is missing. One that fails does not stop the others;
# they are listed at the end, and the exit code is 1. Rows of a busy machine say so: wall times are worthless there.
# PYTHON (default python3) has the peers, IMAGE is a T1CE image of 240x240x155 (default a patient of ../shared), SPARK_HOME a Spark,
# SLIM the folder of a finished study slim-phantom, PRECEPTOR the command line (default the launcher of this clone).
set -uo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=${PYTHON:-python3}
image=${IMAGE:-$home/../shared/data/brats/BraTS2021_00006/BraTS2021_00006_t1ce.nii.gz}
slim=${SLIM:-}
preceptor=${PRECEPTOR:-$home/preceptor}
# Cores of others above which a machine is called busy.
most_others=0.1
export PYTHON="$python"

names=() needs=() minutes=() commands=()
add() {
    names+=("$1") needs+=("$2") minutes+=("$3") commands+=("$4")
}
for threads in 1 2; do
    add "step-unet-64-$threads" "python:torch" 10 "benchmarks/training_step.sh unet 64 $threads"
    add "step-unet-96-$threads" "python:torch" 30 "benchmarks/training_step.sh unet 96 $threads"
    add "step-resunet-64-$threads" "python:torch" 15 "benchmarks/training_step.sh resunet 64 $threads"
    add "step-resunet-96-$threads" "python:torch" 60 "benchmarks/training_step.sh resunet 96 $threads"
done
add scores "python:numpy,scipy,nibabel,surface_distance,torch,monai shared" 10 "benchmarks/scores.sh"
add lesions "" 2 "benchmarks/lesions.sh"
add nifti-read "python:nibabel shared" 2 "benchmarks/nifti_read.sh"
add augmentation "python:monai,scipy" 15 "benchmarks/augmentation.sh"
add predict "image" 1 "benchmarks/predict.sh {model} '$image' 3"
add predict-peers "python:torch,monai,nibabel,safetensors,nnunetv2 image" 40 "benchmarks/predict_peers.sh '$image' --check"
add startup "" 3 "benchmarks/startup.sh 11 {model}"
add second-train "" 3 "benchmarks/second_train.sh"
add plan "python:" 60 "benchmarks/plan.sh"
add training-memory "" 5 "benchmarks/training_memory.sh"
add demo "" 30 "benchmarks/demo.sh --out {scratch}/demo"
add serve-load "" 10 "benchmarks/serve_load.sh 200 8 10000"
add serve-memory "" 20 "benchmarks/serve_load.sh 1000 8 10"
add presets "slim" 15 "REFERENCES='$slim/unseen/clean' benchmarks/presets.sh '$slim/unseen' \
'$slim/cells/full-seed1/models/student.safetensors' '$slim/cells/slim-seed1/models/student.safetensors' \
'$slim/cells/slim-taught-seed1/models/student.safetensors'"
add several-processes "" 10 "benchmarks/several_processes.sh"
add spark "spark" 30 "benchmarks/spark.sh --folder {scratch}/spark"
add gpu "gpu" 15 "benchmarks/gpu.sh"

usage() {
    echo "all.sh: error: $1" >&2
    exit 2
}

position() {
    local i
    for i in "${!names[@]}"; do
        [ "${names[$i]}" != "$1" ] || { echo "$i"; return 0; }
    done
    return 1
}

chosen=() out=$PWD/benchmarks-$(date +%Y%m%d-%H%M).md
while [ $# -gt 0 ]; do
    case $1 in
        --list)
            printf '%-20s %8s  %s\n' name minutes needs
            for i in "${!names[@]}"; do
                printf '%-20s %8s  %s\n' "${names[$i]}" "${minutes[$i]}" "${needs[$i]}"
            done
            exit 0
            ;;
        --only)
            [ $# -gt 1 ] || usage "--only needs a name; --list prints them"
            chosen+=("$(position "$2")") || usage "there is no benchmark $2; --list prints the names"
            shift
            ;;
        --out)
            [ $# -gt 1 ] || usage "--out needs a file"
            out=$2
            shift
            ;;
        *) usage "unknown argument $1; see the head of the script" ;;
    esac
    shift
done
[ ${#chosen[@]} -gt 0 ] || chosen=("${!names[@]}")
[ -d "$(dirname "$out")" ] || usage "$(dirname "$out") is no folder"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$home" || exit 1

# What is missing for a benchmark, in words; nothing if it can run.
missing() {
    local need module lacking=()
    for need in $1; do
        case $need in
            python:*)
                if ! command -v "$python" > /dev/null; then
                    lacking+=("$python")
                    continue
                fi
                for module in $(tr , ' ' <<< "${need#python:}"); do
                    "$python" -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('$module') is None)" ||
                        lacking+=("$module in $python")
                done
                ;;
            shared) [ -d "$home/../shared" ] || lacking+=("the patients in ../shared") ;;
            image) [ -f "$image" ] || lacking+=("an image (IMAGE)") ;;
            slim) [ -d "$slim/cells" ] || lacking+=("a finished study slim-phantom (SLIM)") ;;
            spark) [ -d "${SPARK_HOME:-}" ] || lacking+=("Spark (SPARK_HOME)") ;;
            gpu) ls /dev/nvidia[0-9]* > /dev/null 2>&1 || lacking+=("a GPU") ;;
        esac
    done
    local IFS=,
    echo "${lacking[*]}" | sed 's/,/, /g'
}

# Seconds of processor time of the whole machine since its start, without idle time: user, nice, system, interrupts, stolen.
machine_seconds() {
    awk -v hz="$(getconf CLK_TCK)" '/^cpu / { print ($2 + $3 + $4 + $7 + $8 + $9) / hz }' /proc/stat
}

# Cores that are busy while this script waits.
busy_cores() {
    local before
    before=$(machine_seconds)
    sleep 5
    awk -v a="$before" -v b="$(machine_seconds)" 'BEGIN { printf "%.2f", (b - a) / 5 }'
}

load() {
    cut -d' ' -f1 /proc/loadavg
}

version() {
    "$python" -c "import importlib.metadata as m; print(m.version('$1'))" 2> /dev/null || echo none
}

heading() {
    echo "# Benchmarks of $(date -u +%Y-%m-%d), $(date -u +%H:%M) UTC"
    echo
    echo "| what | on this machine |"
    echo "|---|---|"
    echo "| processor | $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores |"
    echo "| memory | $(awk '/^MemTotal/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo) |"
    echo "| system | $(uname -sr) |"
    "$preceptor" doctor 2> /dev/null | sed -n 's/^\(preceptor\|java\|libtorch\|gpu\)  \+\(.*\)/| \1 | \2 |/p'
    echo "| peers | PyTorch $(version torch), MONAI $(version monai), nnU-Net $(version nnunetv2), nibabel $(version nibabel), SciPy $(version scipy) |"
}

rows=$scratch/rows sections=$scratch/sections
: > "$rows"
: > "$sections"
write() {
    {
        cat "$scratch/heading"
        echo
        echo "A machine is called busy if others used more than $most_others cores before a benchmark or during it. \"Others\" is the"
        echo "processor time of the machine, stolen time included, less that of the benchmark, by its wall time."
        echo
        echo "| benchmark | result | minutes | load before | load after | cores of others before | during |"
        echo "|---|---|---|---|---|---|---|"
        cat "$rows" "$sections"
    } > "$out.part" && mv -f "$out.part" "$out"
}

model() {
    [ -f "$scratch/model.safetensors" ] ||
        "${JAVA_HOME:+$JAVA_HOME/bin/}java" -cp "${CLASSES:-$home/benchmarks/target/classes:$home/app/target/preceptor/lib/*}" \
            dev.preceptor.benchmarks.FreshModel baseline-small "$scratch/model.safetensors" > "$scratch/model.log" 2>&1 ||
        { cat "$scratch/model.log" >&2; return 1; }
    echo "$scratch/model.safetensors"
}

failed=()
run() {
    local name=$1 command=$2 lacking=$3 result code
    if [ -n "$lacking" ]; then
        echo "| $name | skipped: this machine lacks $lacking | | | | | |" >> "$rows"
        echo "$name: skipped, this machine lacks $lacking" >&2
        return
    fi
    echo "$name: $command" >&2
    if [[ $command == *"{model}"* ]]; then
        local file
        file=$(model) || file=/nowhere
        command=${command//\{model\}/$file}
    fi
    command=${command//\{scratch\}/$scratch}
    local idle load_before begin machine ours
    idle=$(busy_cores) load_before=$(load) machine=$(machine_seconds) begin=$(date +%s.%N)
    # The times of all processes that the command waited for.
    ( TIMEFORMAT='%U %S'; time bash -c "$command" > "$scratch/stdout" 2> "$scratch/stderr" ) 2> "$scratch/times"
    code=$?
    local wall others state=""
    wall=$(awk -v a="$begin" -v b="$(date +%s.%N)" 'BEGIN { print b - a }')
    ours=$(awk 'END { print $1 + $2 }' "$scratch/times")
    others=$(awk -v m="$machine" -v n="$(machine_seconds)" -v o="$ours" -v w="$wall" \
        'BEGIN { x = (n - m - o) / w; printf "%.2f", (x > 0 ? x : 0) }')
    awk -v a="$idle" -v b="$others" -v m="$most_others" 'BEGIN { exit a > m || b > m ? 0 : 1 }' && state=", **busy machine**"
    if [ $code = 0 ]; then result=ok; elif [ $code = 77 ]; then result="skipped: $(tail -n 1 "$scratch/stderr")"; else result="failed with $code" failed+=("$name"); fi
    echo "| [$name](#$name) | $result$state | $(awk -v w="$wall" 'BEGIN { printf "%.1f", w / 60 }') | $load_before | $(load) | $idle | $others |" >> "$rows"
    {
        echo
        echo "## $name"
        echo
        echo "\`${2//\{scratch\}\//}\`${state:+, on a busy machine}"
        echo
        if grep -q '^|' "$scratch/stdout"; then cat "$scratch/stdout"; else echo '```'; cat "$scratch/stdout"; echo '```'; fi
        if [ $code != 0 ]; then
            echo
            echo "It ended with $code:"
            echo
            echo '```'
            tail -n 20 "$scratch/stderr"
            echo '```'
        fi
    } >> "$sections"
    echo "$name: $result" >&2
}

heading > "$scratch/heading"
write
for i in "${chosen[@]}"; do
    run "${names[$i]}" "${commands[$i]}" "$(missing "${needs[$i]}")"
    write
done
echo "$out"
if [ ${#failed[@]} -gt 0 ]; then
    echo "all.sh: error: ${#failed[@]} of ${#chosen[@]} benchmarks failed: ${failed[*]}" >&2
    exit 1
fi
