#!/usr/bin/env bash
# Subjects and trials an hour on a standalone Spark of one and of two executors with one core each, against the plain command with as
# many processes, and the epochs an hour of two ranks against one process with two threads and the same global batch; all beyond start-up:
# each is run with N and with 2 N items, and the difference counts. Needs an idle machine with two cores and SPARK_HOME (deps of pip's
# pyspark 4.2.0).
#   benchmarks/spark.sh [subjects|trials|epochs]... [--items N] [--folder FOLDER]
# Default: all three, of 100 subjects, one trial an executor (about a minute each), 4 epochs.
# PRECEPTOR: the command line, default the launcher of this clone.
set -euo pipefail

home=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preceptor=${PRECEPTOR:-$home/preceptor}
kinds=()
items=
work=
while [ $# -gt 0 ]; do
    case $1 in
        subjects | trials | epochs) kinds+=("$1"); shift ;;
        --items) items=$2; shift 2 ;;
        --folder) work=$2; shift 2 ;;
        *) echo "spark.sh: unknown argument $1" >&2; exit 1 ;;
    esac
done
[ ${#kinds[@]} -gt 0 ] || kinds=(subjects trials epochs)
made=
[ -n "$work" ] || work=$(mktemp -d) made=$work
: "${SPARK_HOME:?set SPARK_HOME to a folder of Spark 4.2}"
export SPARK_LOCAL_IP=127.0.0.1 SPARK_DAEMON_MEMORY=256m
port=${PORT:-17277}
mkdir -p "$work"
daemons=()
trap 'kill "${daemons[@]}" 2> /dev/null || true; [ -z "$made" ] || rm -rf "$made"' EXIT

daemon() {
    "$SPARK_HOME/bin/spark-class" "$@" > "$work/daemon${#daemons[@]}.log" 2>&1 &
    daemons+=($!)
}

settings=(--spark "spark://127.0.0.1:$port" --conf spark.driver.host=127.0.0.1 --conf spark.ui.enabled=false)
await() {
    local tries=0
    until grep -q "$1" "$work/$2" 2> /dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 600 ] || { tail -5 "$work/$2" >&2; exit 1; }
        sleep 0.2
    done
}

daemon org.apache.spark.deploy.master.Master --host 127.0.0.1 --port "$port" --webui-port $((port + 1))
await "I have been elected leader" daemon0.log
for worker in 1 2; do
    daemon org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --cores 1 --memory 6g --webui-port $((port + 1 + worker)) \
        --work-dir "$work/worker$worker" "spark://127.0.0.1:$port"
    await "registered with master" "daemon$worker.log"
done

# The subjects of one phantom under many names, by links.
if [ ! -d "$work/seed" ]; then
    "$preceptor" phantom --out "$work/seed" --subjects 4 --size 64 --variant uniform > /dev/null
    "$preceptor" train baseline-small --cohort "$work/seed" --out "$work/run" --threads 1 --set sampling.stepsPerEpoch=2 \
        --set optimization.epochs=1 --set validation.fraction=0 --set validation.select=LAST \
        --set validation.postProcessing=NONE --set validation.reliability=NONE > /dev/null 2>&1
fi
model=$work/run/models/student.safetensors

# cohort FOLDER FROM TO
cohort() {
    local i file base seed name
    mkdir -p "$1"
    for ((i = $2; i < $3; i++)); do
        seed=BraTS2021_9000$((i % 4))
        name=$(printf 'BraTS2021_%05d' $((i + 10000)))
        mkdir -p "$1/$name"
        for file in "$work/seed/$seed"/*; do
            base=${file##*/}
            ln -sf "$file" "$1/$name/${base/$seed/$name}"
        done
    done
}

# Sets elapsed to the seconds that a command takes.
measure() {
    local begin
    begin=$(date +%s.%N)
    "$@" > "$work/last.log" 2>&1 || { tail -5 "$work/last.log" >&2; exit 1; }
    elapsed=$(awk -v a="$begin" -v b="$(date +%s.%N)" 'BEGIN { print b - a }')
}

# Sets beyond to the seconds that N further items take: beyond COMMAND COUNT N
beyond() {
    local few
    measure "$1" "$2" "$3"
    few=$elapsed
    measure "$1" "$2" $((2 * $3))
    beyond=$(awk -v a="$few" -v b="$elapsed" 'BEGIN { print b - a }')
}

# processes COUNT ITEMS: the plain command in COUNT processes
processes() {
    local k pids=()
    for ((k = 0; k < $1; k++)); do
        rm -rf "$work/in$k" "$work/out$k"
        cohort "$work/in$k" $((k * $2 / $1)) $(((k + 1) * $2 / $1))
        "$preceptor" predict --model "$model" --input "$work/in$k" --out "$work/out$k" --threads 1 &
        pids+=($!)
    done
    for k in "${pids[@]}"; do
        wait "$k" || return 1
    done
}

# executors COUNT ITEMS
executors() {
    rm -rf "$work/in" "$work/out"
    cohort "$work/in" 0 "$2"
    "$preceptor" predict --model "$model" --input "$work/in" --out "$work/out" --threads 1 "${settings[@]}" \
        --conf spark.cores.max="$1" --conf spark.executor.memory=1g
}

study() {
    cat > "$work/study$1.yaml" <<YAML
name: trials
phantom: {subjects: 4, unseen: 2, size: 48, seed: 1, variant: UNIFORM}
seeds: [$(seq -s , 1 "$1")]
set:
  sampling: {stepsPerEpoch: 20}
  optimization: {epochs: 10}
  validation: {fraction: 0, select: LAST, postProcessing: NONE, reliability: NONE}
arms:
  - {name: only, recipe: baseline-small}
YAML
}

# local_study JOBS TRIALS
local_study() {
    study "$2"
    rm -rf "$work/study"
    # With one job trials run in this process; child processes as on a cluster need two.
    "$preceptor" study "$work/study$2.yaml" --out "$work/study" --threads "$1" --jobs "$1"
}

spark_study() {
    study "$2"
    rm -rf "$work/study"
    "$preceptor" study "$work/study$2.yaml" --out "$work/study" --threads 1 --memory 4g "${settings[@]}" \
        --conf spark.cores.max="$1"
}

# training EPOCHS THREADS [OPTION...]
training() {
    local epochs=$1 threads=$2
    shift 2
    rm -rf "$work/training"
    "$preceptor" train baseline-small --cohort "$work/seed" --out "$work/training" --threads "$threads" \
        --set 'network.widths=[16,32,64,128]' --set network.skips=3 --set preprocessing.spacing=1.5 \
        --set 'sampling.patch=[64,64,64]' --set sampling.batch=2 --set sampling.stepsPerEpoch=8 \
        --set optimization.epochs="$epochs" --set validation.fraction=0 --set validation.select=LAST \
        --set validation.postProcessing=NONE --set validation.reliability=NONE "$@"
}

one_process() { training "$2" "$1"; }

ranks() { training "$2" 1 --ranks "$1" "${settings[@]}"; }

# compare WHAT COUNT N PLAIN SPARK
compare() {
    local plain spark
    beyond "$4" "$2" "$3"
    plain=$beyond
    beyond "$5" "$2" "$3"
    spark=$beyond
    awk -v what="$1" -v k="$2" -v n="$3" -v p="$plain" -v s="$spark" 'BEGIN {
        printf "%d x 1 core: plain %.0f, Spark %.0f %s an hour, ratio %.2f\n", k, 3600 * n / p, 3600 * n / s, what, p / s }'
}

for kind in "${kinds[@]}"; do
    case $kind in
        subjects) for count in 1 2; do compare subjects "$count" "${items:-100}" processes executors; done ;;
        trials) for count in 1 2; do compare trials "$count" $((${items:-1} * count)) local_study spark_study; done ;;
        epochs) compare epochs 2 "${items:-4}" one_process ranks ;;
    esac
done
