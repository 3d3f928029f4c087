#!/usr/bin/env bash
# Trains the recipe baseline-nnunet-small and nnU-Net v2 itself (PyPI nnunetv2, CPU) on the same subjects in one run, predicts the
# same unseen subjects and scores both with `preceptor evaluate`. Prints the mean Dice and HD95 of each region for both, the paired
# difference with its 95 % bootstrap interval, and processor time, wall time and peak memory of the trainings.
#   benchmarks/nnunet_referee.sh [--cohort DIR [--folds N]] [--training N] [--unseen N] [--epochs N] [--seeds N[,N...]]
#                                [--threads N] [--out DIR]
# --cohort    a folder of subjects ID/ID_t1ce.nii.gz and ID/ID_seg.nii.gz, or links to them; each of --folds (default 5) parts is
#             unseen once. Without it, phantoms: --training (default 24) to learn from and --unseen (default 24) to score.
# --epochs    of 40 steps, for both (default: those of the recipe)
# --seeds     everything is trained once per seed (default 1)
# --threads   per operation, for both (default: all cores)
# --out       a new or empty folder that keeps everything; without it a temporary folder, removed at the end
# PYTHON (default python3) must have nnunetv2.
#
# The same on both sides: T1CE images and labels at 3 mm, of which both get the same files, so that no resampling differs (phantoms
# are made at 3 mm; of patients the means and the most frequent labels of blocks); three sigmoid outputs WT, TC, ET; network
# (the script compares the numbers of weights), patch, batch, steps, SGD, poly schedule, clipping, Dice + cross-entropy, which are
# taken from the recipe into a plan of nnU-Net; all training subjects without validation, the weights of the last epoch; tiles that
# overlap by half; no mirroring at prediction, no post-processing; references at 3 mm, of phantoms the true labels.
# Set in nnU-Net: the weight of the coarser of its two outputs, 0 by its rule, is that of the recipe; it draws no curves; waiting
# threads sleep, as Preceptor's do.
# Each side's own: initial weights, augmentation, choice of patches, padding at borders. nnU-Net augments in its training process,
# Preceptor on a thread beside it, so that processor times compare better than wall times. Start-up and preprocessing count on
# both sides.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$home/preceptor" --version
exec "${PYTHON:-python3}" "$home/benchmarks/nnunet_referee.py" compare "$home/preceptor" "$@"
