#!/usr/bin/env bash
# One cohort with T1 and FLAIR and the single lesion label of a whole tumour, from folders in the layout of BraTS and of nnU-Net raw data
# (T1 as channel 0, FLAIR as channel 1): links to their files, and labels.json for --labels.
#   benchmarks/t1_cohort.sh OUT FOLDER...
#   ./preceptor study teach-t1 --cohort OUT/patients --labels OUT/labels.json --out RESULTS
set -euo pipefail

[ $# -ge 2 ] || { sed -n '2,5s/^# *//p' "$0" >&2; exit 1; }
out=$1
shift
[ ! -e "$out" ] || { echo "t1_cohort.sh: $out is there already" >&2; exit 1; }
for folder in "$@"; do
    [ -d "$folder/imagesTr" ] || compgen -G "$folder/*/*_t1.nii.gz" > /dev/null ||
        { echo "t1_cohort.sh: $folder has neither imagesTr nor SUBJECT/SUBJECT_t1.nii.gz; name a folder of BraTS or nnU-Net" >&2; exit 1; }
done
mkdir -p "$out/patients"

# link FILE SUBJECT CONTENT
link() {
    [ -e "$1" ] || { echo "t1_cohort.sh: $1 is missing; complete the subject or move its other files away" >&2; exit 1; }
    mkdir -p "$out/patients/$2"
    ln -s "$(realpath "$1")" "$out/patients/$2/$2_$3.nii.gz"
}

for folder in "$@"; do
    if [ -d "$folder/imagesTr" ]; then
        for labels in "$folder"/labelsTr/*.nii.gz; do
            subject=$(basename "$labels" .nii.gz)
            link "$folder/imagesTr/${subject}_0000.nii.gz" "$subject" t1
            link "$folder/imagesTr/${subject}_0001.nii.gz" "$subject" flair
            link "$labels" "$subject" seg
        done
    else
        for image in "$folder"/*/*_t1.nii.gz; do
            subject=$(basename "$image" _t1.nii.gz)
            for content in t1 flair seg; do
                link "${image%_t1.nii.gz}_$content.nii.gz" "$subject" "$content"
            done
        done
    fi
done
cat > "$out/labels.json" << 'JSON'
{"labels": {"background": 0, "whole tumor": [1, 2, 4]}, "regions_class_order": [1]}
JSON
