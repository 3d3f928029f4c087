#!/usr/bin/env bash
# Subjects and trials an hour on a standalone Spark of one and of two executors with one core each, against the plain command with as
# many processes, beyond start-up: each is run with N and with 2 N items, and the difference counts. Needs an idle machine with two
# cores and SPARK_HOME (deps of pip's pyspark 4.2.0).
#   benchmarks/spark.sh [N subjects] [M trials] [FOLDER]    default 100 and 2
# PRECEPTOR: the command line, default the launcher of this clone.
set -euo pipefail

home=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preceptor=${PRECEPTOR:-$home/preceptor}
subjects=${1:-100}
trials=${2:-2}
work=${3:-$(mktemp -d)}
: "${SPARK_HOME:?set SPARK_HOME to a folder of Spark 4.2}"
export SPARK_LOCAL_IP=127.0.0.1 SPARK_DAEMON_MEMORY=256m
port=${PORT:-17277}
daemons=()
trap 'kill "${daemons[@]}" 2> /dev/null || true' EXIT

daemon() {
    "$SPARK_HOME/bin/spark-class" "$@" > "$work/daemon${#daemons[@]}.log" 2>&1 &
    daemons+=($!)
}

settings=(--spark "spark://127.0.0.1:$port" --conf spark.driver.host=127.0.0.1 --conf spark.ui.enabled=false)
daemon org.apache.spark.deploy.master.Master --host 127.0.0.1 --port "$port" --webui-port $((port + 1))
sleep 5
for worker in 1 2; do
    daemon org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --cores 1 --memory 6g --webui-port $((port + 1 + worker)) \
        --work-dir "$work/worker$worker" "spark://127.0.0.1:$port"
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
    local i file seed name
    mkdir -p "$1"
    for ((i = $2; i < $3; i++)); do
        seed=BraTS2021_9000$((i % 4))
        name=$(printf 'BraTS2021_%05d' $((i + 10000)))
        mkdir -p "$1/$name"
        for file in "$work/seed/$seed"/*; do
            ln -sf "$file" "$1/$name/$(basename "${file/$seed/$name}")"
        done
    done
}

seconds() {
    local begin
    begin=$(date +%s.%N)
    "$@" > "$work/last.log" 2>&1 || { tail -5 "$work/last.log" >&2; exit 1; }
    awk -v a="$begin" -v b="$(date +%s.%N)" 'BEGIN { print b - a }'
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
    wait "${pids[@]}"
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
  optimization: {epochs: 3}
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

# compare WHAT COUNT N PLAIN SPARK
compare() {
    local plain spark
    plain=$(awk -v a="$(seconds "$4" "$2" "$3")" -v b="$(seconds "$4" "$2" $((2 * $3)))" 'BEGIN { print b - a }')
    spark=$(awk -v a="$(seconds "$5" "$2" "$3")" -v b="$(seconds "$5" "$2" $((2 * $3)))" 'BEGIN { print b - a }')
    awk -v what="$1" -v k="$2" -v n="$3" -v p="$plain" -v s="$spark" 'BEGIN {
        printf "%d x 1 core: plain %.0f, Spark %.0f %s an hour, ratio %.2f\n", k, 3600 * n / p, 3600 * n / s, what, p / s }'
}

for count in 1 2; do
    compare subjects "$count" "$subjects" processes executors
done
for count in 1 2; do
    compare trials "$count" "$trials" local_study spark_study
done
