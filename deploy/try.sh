#!/usr/bin/env bash
# From an empty Orthanc to a segmentation in it, on this computer, without containers:
#   deploy/try.sh MODEL SERIES [--stay]
# Starts Orthanc with the configuration in orthanc/ and the service beside it, both in a temporary folder and for this computer only,
# stores the DICOM series of a folder in Orthanc, waits until Orthanc has sent it to the service and got its segmentation back, and
# describes that. --stay keeps both running until Ctrl-C, to look at the page.
# Needs Orthanc with its DICOMweb plug-in (Debian: orthanc orthanc-dicomweb), openssl and curl. ORTHANC_PORT and SERVICE_PORT: 18042
# and 18080.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
preceptor=${PRECEPTOR:-$here/../preceptor}
[ $# -ge 2 ] || { sed -n '2,9p' "${BASH_SOURCE[0]}" | cut -c3- >&2; exit 2; }
model=$(realpath "$1") series=$(realpath "$2")
orthanc_port=${ORTHANC_PORT:-18042} service_port=${SERVICE_PORT:-18080}
plugin=$(find /usr/share/orthanc/plugins /usr/lib/orthanc -name 'libOrthancDicomWeb.so*' 2> /dev/null | head -n 1 || true)
[ -n "$plugin" ] || { echo "try: no DICOMweb plug-in of Orthanc; install orthanc-dicomweb" >&2; exit 1; }

work=$(mktemp -d)
started=()
finish() {
    [ ${#started[@]} = 0 ] || kill "${started[@]}" 2> /dev/null || true
    wait || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

PRECEPTOR_TOKEN=$(openssl rand -hex 32)
ORTHANC_PASSWORD=$(openssl rand -hex 32)
export PRECEPTOR_TOKEN ORTHANC_PASSWORD
browser=$(openssl rand -hex 32)
printf 'orthanc %s\nbrowser %s\n' "$PRECEPTOR_TOKEN" "$browser" > "$work/tokens"
printf '%s\n' "$ORTHANC_PASSWORD" > "$work/password"
sed -e "s|/var/lib/orthanc/db|$work/orthanc|; s|/etc/orthanc|$here/orthanc|; s|http://preceptor:8080|http://127.0.0.1:$service_port|" \
    -e "s|8042|$orthanc_port|; s|\"DicomPort\": 4242|\"DicomServerEnabled\": false|; s|\"StableAge\": 30|\"StableAge\": 5|" \
    -e "s|\"RemoteAccessAllowed\": true|\"RemoteAccessAllowed\": false, \"Plugins\": [\"$plugin\"]|" \
    "$here/orthanc/orthanc.json" > "$work/orthanc.json"

pacs=http://127.0.0.1:$orthanc_port/dicom-web
login=(--url "$pacs" --user preceptor --password-file "$work/password")
Orthanc "$work/orthanc.json" > "$work/orthanc.log" 2>&1 &
started+=($!)
"$preceptor" serve --model "$model" --port "$service_port" --token-file "$work/tokens" --data "$work/service" --rest 5 \
    --pacs "$pacs" --pacs-user preceptor --pacs-password-file "$work/password" > "$work/service.log" 2>&1 &
started+=($!)

wait_for() {
    local what=$1 tries=$2
    shift 2
    for ((i = 0; i < tries; i++)); do
        if "$@" > /dev/null 2>&1; then return 0; fi
        kill -0 "${started[@]}" 2> /dev/null || break
        sleep 1
    done
    echo "try: $what; the logs say:" >&2
    tail -n 20 "$work/orthanc.log" "$work/service.log" >&2
    exit 1
}
has_segmentation() {
    "$preceptor" pacs find "${login[@]}" --modality SEG --json | grep -q '"study"'
}

wait_for "Orthanc does not answer" 30 curl -sf -u "preceptor:$ORTHANC_PASSWORD" "http://127.0.0.1:$orthanc_port/system"
wait_for "the service does not get ready" 120 curl -sf "http://127.0.0.1:$service_port/ready"
"$preceptor" pacs store "${login[@]}" "$series"
echo "stored; Orthanc sends the series to the service once it is complete ..."
wait_for "no segmentation came back" 180 has_segmentation
"$preceptor" pacs find "${login[@]}" --modality SEG
if [ "${3:-}" = --stay ]; then
    echo "Orthanc: http://127.0.0.1:$orthanc_port/  preceptor $ORTHANC_PASSWORD"
    echo "the page: http://127.0.0.1:$service_port/  token $browser"
    echo "Ctrl-C ends both and deletes their data"
    wait
fi
