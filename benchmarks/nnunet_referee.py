"""The Python side of nnunet_referee.sh: prepares subjects, runs both trainings, compares the scores.

`compare` runs everything. It starts `train` and `predict`, which use nnU-Net, as processes of their own, so that their time and
memory can be measured as those of Preceptor are.
"""

import argparse
import collections
import csv
import importlib.metadata
import itertools
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

import nibabel
import numpy as np
import yaml

RECIPE = "baseline-nnunet-small"
SPACING = 3
REGIONS = {"WT": [1, 2, 3], "TC": [1, 3], "ET": [3]}
# Labels that TC and ET write over those of WT: edema first, then necrosis, then enhancing tumour.
REGIONS_CLASS_ORDER = [2, 1, 3]
# Columns of scores.csv, their names in the table and digits.
METRICS = (("dice", "Dice", 4), ("hd95", "HD95 mm", 2))
RESAMPLES = 10_000
# nnU-Net segments every subject, and so must Preceptor: no guard refuses one.
ACCEPTED_GUARDS = "wrong-sequence,not-skull-stripped,orientation,head-size,empty"
DATASET = "Dataset001_Referee"
PLANS = "nnUNetPlans"
CONFIGURATION = "3d_fullres"
SIDES = ("Preceptor", "nnU-Net")

Cost = collections.namedtuple("Cost", "wall cpu peak")


# Subjects


def labels_of(subject):
    return subject / f"{subject.name}_seg.nii.gz"


def subjects_in(folder):
    return sorted(p for p in folder.iterdir() if (p / f"{p.name}_t1ce.nii.gz").is_file() and labels_of(p).is_file())


def blocks(voxels, factor):
    """The voxels of each block of factor^3 voxels, along a last axis. Rests of an axis that fill no block are left out."""
    extents = [n // factor for n in voxels.shape]
    cut = voxels[tuple(slice(n * factor) for n in extents)]
    split = cut.reshape(extents[0], factor, extents[1], factor, extents[2], factor)
    return split.transpose(0, 2, 4, 1, 3, 5).reshape(*extents, factor**3)


def most_frequent(labels):
    counts = np.stack([(labels == value).sum(-1) for value in range(4)])
    return counts.argmax(0).astype(np.uint8)


def prepare(subject, labels_file, target):
    """Writes T1CE and labels (1 NCR, 2 ED, 3 ET) of a subject at 3 mm. Returns the values of the labels that it read."""
    image, segmentation = nibabel.load(subject / f"{subject.name}_t1ce.nii.gz"), nibabel.load(labels_file)
    factors = [SPACING / zoom for zoom in image.header.get_zooms()]
    factor = round(factors[0])
    if factor < 1 or any(abs(f - factor) > 0.01 for f in factors):
        sys.exit(f"{subject.name}: the voxels are {image.header.get_zooms()} mm; {SPACING} mm must be a multiple of all extents")
    labels = np.asarray(segmentation.dataobj).round().astype(int)
    found = set(np.unique(labels).tolist())
    if not found <= {0, 1, 2, 3, 4}:
        sys.exit(f"{subject.name}: labels {sorted(found)}; known are 1 NCR, 2 ED and 3 or 4 ET")
    labels[labels == 4] = 3
    affine = image.affine @ np.diag([factor] * 3 + [1])
    affine[:3, 3] += image.affine[:3, :3] @ np.full(3, (factor - 1) / 2)
    folder = target / subject.name
    folder.mkdir(parents=True)
    for kind, voxels in (
        ("t1ce", blocks(image.get_fdata(dtype=np.float32), factor).mean(-1, dtype=np.float64).astype(np.float32)),
        ("seg", most_frequent(blocks(labels, factor))),
    ):
        written = nibabel.Nifti1Image(voxels, affine)
        written.set_qform(affine, 1)
        written.set_sform(affine, 1)
        nibabel.save(written, folder / f"{subject.name}_{kind}.nii.gz")
    return found


def link(names, cohort, folder):
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).symlink_to(cohort / name, target_is_directory=True)


# nnU-Net


def plan_of(recipe):
    """nnU-Net's plan with the network, patch and batch of a recipe."""
    widths = recipe["network"]["widths"]
    levels = len(widths)
    resampling = {"is_seg": False, "order": 3, "order_z": 0, "force_separate_z": None}
    return {
        "dataset_name": DATASET,
        "plans_name": PLANS,
        "original_median_spacing_after_transp": [SPACING] * 3,
        "original_median_shape_after_transp": recipe["sampling"]["patch"],
        "image_reader_writer": "SimpleITKIO",
        "transpose_forward": [0, 1, 2],
        "transpose_backward": [0, 1, 2],
        "experiment_planner_used": "nnunet_referee.py",
        "label_manager": "LabelManager",
        # Looked up for each channel, but not used by z scores.
        "foreground_intensity_properties_per_channel": {"0": {}},
        "configurations": {
            CONFIGURATION: {
                "data_identifier": f"{PLANS}_{CONFIGURATION}",
                "preprocessor_name": "DefaultPreprocessor",
                "batch_size": recipe["sampling"]["batch"],
                "batch_dice": recipe["distillation"]["batchDice"],
                "patch_size": recipe["sampling"]["patch"],
                "median_image_size_in_voxels": recipe["sampling"]["patch"],
                "spacing": [float(SPACING)] * 3,
                "normalization_schemes": ["ZScoreNormalization"],
                "use_mask_for_norm": [True],
                "resampling_fn_data": "resample_data_or_seg_to_shape",
                "resampling_fn_data_kwargs": resampling,
                "resampling_fn_seg": "resample_data_or_seg_to_shape",
                "resampling_fn_seg_kwargs": {**resampling, "is_seg": True, "order": 1},
                "resampling_fn_probabilities": "resample_data_or_seg_to_shape",
                "resampling_fn_probabilities_kwargs": {**resampling, "order": 1},
                "architecture": {
                    "network_class_name": "dynamic_network_architectures.architectures.unet.PlainConvUNet",
                    "arch_kwargs": {
                        "n_stages": levels,
                        "features_per_stage": widths,
                        "conv_op": "torch.nn.modules.conv.Conv3d",
                        "kernel_sizes": [[3, 3, 3]] * levels,
                        "strides": [[1, 1, 1]] + [[2, 2, 2]] * (levels - 1),
                        "n_conv_per_stage": [2] * levels,
                        "n_conv_per_stage_decoder": [2] * (levels - 1),
                        "conv_bias": True,
                        "norm_op": "torch.nn.modules.instancenorm.InstanceNorm3d",
                        "norm_op_kwargs": {"eps": 1e-5, "affine": True},
                        "dropout_op": None,
                        "dropout_op_kwargs": None,
                        "nonlin": "torch.nn.LeakyReLU",
                        "nonlin_kwargs": {"inplace": True},
                    },
                    "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"],
                },
            }
        },
    }


def dataset_of(count):
    return {
        "channel_names": {"0": "T1CE"},
        "labels": {"background": 0, **REGIONS},
        "regions_class_order": REGIONS_CLASS_ORDER,
        "numTraining": count,
        "file_ending": ".nii.gz",
    }


def trainer_of(recipe, plan, dataset):
    """nnU-Net's trainer with the steps and weights of a recipe, without validation."""
    import torch
    from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

    class RefereeTrainer(nnUNetTrainer):
        def _build_loss(self):
            loss = super()._build_loss()
            heads = recipe["distillation"]["deepSupervision"] + 1
            weights = np.array([2.0**-i if i < heads else 0 for i in range(len(loss.weight_factors))])
            loss.weight_factors = tuple(weights / weights.sum())
            return loss

        def on_validation_epoch_end(self, val_outputs):
            # The log wants figures.
            self.logger.log("mean_fg_dice", 0.0, self.current_epoch)
            self.logger.log("dice_per_class_or_region", [0.0] * len(REGIONS), self.current_epoch)
            self.logger.log("val_losses", 0.0, self.current_epoch)

    trainer = RefereeTrainer({**plan, "continue_training": False}, CONFIGURATION, "all", dataset, torch.device("cpu"))
    trainer.num_epochs = recipe["optimization"]["epochs"]
    trainer.num_iterations_per_epoch = recipe["sampling"]["stepsPerEpoch"]
    trainer.num_val_iterations_per_epoch = 0
    trainer.oversample_foreground_percent = recipe["sampling"]["foreground"]
    trainer.initial_lr = float(recipe["optimization"]["learningRate"])
    trainer.weight_decay = float(recipe["optimization"]["weightDecay"])
    # Curves are drawn in each epoch, which has 250 steps in nnU-Net and few here.
    trainer.logger.plot_progress_png = lambda folder: None
    return trainer


def train(recipe_file, subjects, seed, threads):
    """Preprocesses the subjects and trains. The folders are those of the environment variables nnUNet_*."""
    import torch
    from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

    torch.set_num_threads(threads)
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    recipe = yaml.safe_load(recipe_file.read_text())
    folders = subjects_in(subjects)
    plan, dataset = plan_of(recipe), dataset_of(len(folders))
    preprocessed = pathlib.Path(os.environ["nnUNet_preprocessed"], DATASET)
    data = preprocessed / plan["configurations"][CONFIGURATION]["data_identifier"]
    data.mkdir(parents=True)
    # The trainer copies it and reads nothing from it.
    (preprocessed / "dataset_fingerprint.json").write_text("{}")
    plans = PlansManager(plan)
    configuration = plans.get_configuration(CONFIGURATION)
    preprocessor = configuration.preprocessor_class(verbose=False)
    for folder in folders:
        image, labels = (str(folder / f"{folder.name}_{kind}.nii.gz") for kind in ("t1ce", "seg"))
        preprocessor.run_case_save(str(data / folder.name), [image], labels, plans, configuration, dataset)
    trainer = trainer_of(recipe, plan, dataset)
    trainer.run_training()
    print("weights:", sum(weight.numel() for weight in trainer.network.parameters()))


def predict(recipe_file, subjects, out, threads):
    import torch
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
    from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer
    from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

    torch.set_num_threads(threads)
    plan, dataset = plan_of(yaml.safe_load(recipe_file.read_text())), dataset_of(0)
    plans = PlansManager(plan)
    configuration = plans.get_configuration(CONFIGURATION)
    network = nnUNetTrainer.build_network_architecture(plans, configuration, 1, len(REGIONS), enable_deep_supervision=False)
    checkpoint = next(pathlib.Path(os.environ["nnUNet_results"]).rglob("checkpoint_final.pth"))
    weights = torch.load(checkpoint, map_location="cpu", weights_only=False)["network_weights"]
    network.load_state_dict(weights)
    predictor = nnUNetPredictor(use_mirroring=False, device=torch.device("cpu"), allow_tqdm=False)
    predictor.manual_initialization(network, plans, configuration, [weights], dataset, "RefereeTrainer", None)
    reader = plans.image_reader_writer_class()
    out.mkdir(parents=True)
    for folder in subjects_in(subjects):
        image, properties = reader.read_images([str(folder / f"{folder.name}_t1ce.nii.gz")])
        labels = predictor.predict_single_npy_array(image, properties)
        reader.write_seg(labels, str(out / f"{folder.name}.nii.gz"), properties)


# The comparison


def run(command, log, environment=None):
    """Runs a command and returns what it took."""
    begin = time.monotonic()
    with log.open("a") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=environment)
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        print(*log.read_text(errors="replace").splitlines()[-20:], sep="\n", file=sys.stderr)
        sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {' '.join(command[:3])} ... ended with {process.returncode}; its last lines are above")
    return Cost(time.monotonic() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def scores(folder):
    with (folder / "scores.csv").open(newline="") as file:
        return {
            (row["subject"], row["region"], metric): float(row[metric] or "nan")
            for row in csv.DictReader(file)
            for metric, _, _ in METRICS
        }


def split_phantoms(preceptor, work, training, unseen, log):
    """Makes phantoms. Returns the label file of each subject, and the names of training and unseen subjects."""
    subjects, parts = {}, []
    for part, count, first in (("training", training, 0), ("unseen", unseen, training)):
        folder = work / "phantoms" / part
        # 80 voxels are 3 mm each.
        run([preceptor, "phantom", "--out", str(folder), "--subjects", str(count), "--first", str(first), "--size", "80",
             "--variant", "various"], log)
        found = subjects_in(folder)
        parts.append({s.name for s in found})
        # Those that are scored have the true labels, without an annotator's errors.
        subjects.update((s, folder / "clean" / f"{s.name}.nii.gz" if part == "unseen" else labels_of(s)) for s in found)
    return subjects, [tuple(parts)]


def split_cohort(folder, folds):
    """Returns the label file of each subject of a folder, and the names of training and unseen subjects of each fold."""
    subjects = subjects_in(folder)
    if not 2 <= folds <= len(subjects):
        sys.exit(f"nnunet_referee.py: {folder} has {len(subjects)} subjects with T1CE and labels, too few for {folds} folds")
    names = [s.name for s in subjects]
    return {s: labels_of(s) for s in subjects}, [(set(names) - set(names[k::folds]), set(names[k::folds])) for k in range(folds)]


def train_both(preceptor, folder, training, unseen, seed, epochs, threads):
    """Trains, predicts and scores both sides. Returns the scores, costs of the training and numbers of weights by side."""
    folder.mkdir()
    log = folder / "log"
    found, costs, weights = {}, {}, {}
    ours = folder / "preceptor"
    settings = {"seed": seed, "validation.fraction": 0, "validation.select": "LAST", "validation.postProcessing": "NONE"}
    if epochs:
        settings["optimization.epochs"] = epochs
    train_ours = [preceptor, "train", RECIPE, "--cohort", str(training), "--out", str(ours), "--schema", "BRATS_2023"]
    train_ours += ["--threads", str(threads)]
    train_ours += [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    costs["Preceptor"] = run(train_ours, log)
    model = ours / "models" / "student.safetensors"
    run([preceptor, "predict", "--model", str(model), "--input", str(unseen), "--out", str(folder / "preceptor-predictions"),
         "--threads", str(threads), "--accept", ACCEPTED_GUARDS], log)
    described = subprocess.run([preceptor, "inspect", str(model), "--json"], check=True, capture_output=True, text=True)
    weights["Preceptor"] = json.loads(described.stdout)["parameters"]

    theirs = folder / "nnunet"
    environment = {
        **os.environ,
        **{f"nnUNet_{kind}": str(theirs / kind) for kind in ("raw", "preprocessed", "results")},
        "nnUNet_n_proc_DA": "0",
        "nnUNet_def_n_proc": "1",
        "nnUNet_compile": "f",
        # As in the launcher of Preceptor: waiting threads sleep.
        "OMP_WAIT_POLICY": "passive",
        "GOMP_SPINCOUNT": "0",
        "MPLCONFIGDIR": str(theirs / "cache"),
        "XDG_CACHE_HOME": str(theirs / "cache"),
        "TORCHINDUCTOR_CACHE_DIR": str(theirs / "cache"),
        "TMPDIR": str(theirs / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    (theirs / "cache").mkdir(parents=True)
    nnunet = [sys.executable, __file__]
    recipe = str(ours / "recipe.yaml")
    costs["nnU-Net"] = run([*nnunet, "train", recipe, str(training), str(seed), str(threads)], log, environment)
    run([*nnunet, "predict", recipe, str(unseen), str(folder / "nnunet-predictions"), str(threads)], log, environment)
    weights["nnU-Net"] = int(log.read_text(errors="replace").rsplit("weights:", 1)[1].split()[0])

    for side, name in (("Preceptor", "preceptor"), ("nnU-Net", "nnunet")):
        run([preceptor, "evaluate", "--predictions", str(folder / f"{name}-predictions"), "--references", str(unseen),
             "--out", str(folder / f"{name}-scores"), "--schema", "BRATS_2023", "--threads", str(threads)], log)
        found[side] = scores(folder / f"{name}-scores")
    return found, costs, weights


def interval(ours, theirs):
    """The 95 % percentile bootstrap of the mean paired difference of values [seed, subject].

    Subjects are drawn with replacement, the same ones for both sides; seeds are drawn for each side by itself.
    """
    draw = np.random.default_rng(1)
    seeds, subjects = ours.shape
    differences = []
    for _ in range(RESAMPLES):
        drawn = draw.integers(subjects, size=subjects)
        a, b = (values[draw.integers(seeds, size=seeds)][:, drawn] for values in (ours, theirs))
        differences.append(np.nanmean(a) - np.nanmean(b))
    return np.percentile(differences, [2.5, 97.5])


def print_table(values):
    """Prints means and differences of values[side][metric, region], arrays [seed, subject]."""
    several = len(next(iter(values["nnU-Net"].values()))) > 1
    width = 18 if several else 9
    print(f"\n{'':11} {'Preceptor':>{width}} {'nnU-Net':>{width}}  difference [95 % interval]")
    for metric, label, digits in METRICS:
        for region in REGIONS:
            ours, theirs = (values[side][metric, region] for side in SIDES)
            cells = []
            for side in (ours, theirs):
                deviation = f" ± {np.nanmean(side, 1).std(ddof=1):.{digits}f}" if several else ""
                cells.append(f"{np.nanmean(side):.{digits}f}{deviation}".rjust(width))
            low, high = interval(ours, theirs)
            difference = np.nanmean(ours) - np.nanmean(theirs)
            print(f"{label:7} {region:3} {' '.join(cells)}  {difference:+.{digits}f} [{low:+.{digits}f}, {high:+.{digits}f}]")
    if several:
        print("±: standard deviation over seeds of the mean of the subjects")


def dice_of(scored):
    """The mean Dice of each region for both sides, as text."""
    words = []
    for side in SIDES:
        words.append(side)
        for region in REGIONS:
            mean = np.nanmean([value for (_, r, metric), value in scored[side].items() if (r, metric) == (region, "dice")])
            words.append(f"{region} {mean:.4f}")
    return " ".join(words)


def compare(preceptor, arguments, work):
    log = work / "log"
    if arguments.cohort:
        subjects, splits = split_cohort(arguments.cohort, arguments.folds)
    else:
        subjects, splits = split_phantoms(preceptor, work, arguments.training, arguments.unseen, log)
    labels = set().union(*(prepare(subject, file, work / "cohort") for subject, file in subjects.items()))
    if {3, 4} <= labels:
        sys.exit("nnunet_referee.py: the cohort has labels 3 and 4, and one of them must be ET alone")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("nnunetv2", "torch"))
    print(f"{versions}; {arguments.threads} threads; {len(splits)} x {len(splits[0][0])} training subjects,"
          f" {sum(len(unseen) for _, unseen in splits)} unseen, seeds {','.join(map(str, arguments.seeds))}", flush=True)
    found = {side: [{} for _ in arguments.seeds] for side in SIDES}
    costs = {side: [] for side in SIDES}
    for number, (training, unseen) in enumerate(splits, 1):
        fold = work / f"fold{number}"
        link(training, work / "cohort", fold / "training")
        link(unseen, work / "cohort", fold / "unseen")
        for i, seed in enumerate(arguments.seeds):
            scored, cost, weights = train_both(
                preceptor, fold / f"seed{seed}", fold / "training", fold / "unseen", seed, arguments.epochs, arguments.threads)
            if weights["Preceptor"] != weights["nnU-Net"]:
                sys.exit(f"nnunet_referee.py: the networks differ: {weights} weights")
            for side in SIDES:
                found[side][i].update(scored[side])
                costs[side].append(cost[side])
            print(f"fold {number}, seed {seed}: Dice of {dice_of(scored)}", flush=True)
    recipe = yaml.safe_load((fold / f"seed{arguments.seeds[-1]}" / "preceptor" / "recipe.yaml").read_text())
    epochs, steps = recipe["optimization"]["epochs"], recipe["sampling"]["stepsPerEpoch"]
    print(f"\n{weights['nnU-Net']} weights each, {epochs} epochs of {steps} steps")
    names = sorted(set().union(*(unseen for _, unseen in splits)))
    values = {side: {} for side in SIDES}
    for side, (metric, _, _), region in itertools.product(SIDES, METRICS, REGIONS):
        values[side][metric, region] = np.array([[of[name, region, metric] for name in names] for of in found[side]])
    print_table(values)
    print(f"\nmean of {len(costs['nnU-Net'])} trainings")
    for side in SIDES:
        wall, cpu, peak = np.mean(costs[side], axis=0)
        print(f"{side:9} wall {wall:.1f} s, cpu {cpu:.1f} s, peak {peak:.0f} MiB")


def numbers(text):
    return [int(word) for word in text.split(",")]


def main(words):
    if words[0] == "train":
        train(pathlib.Path(words[1]), pathlib.Path(words[2]), int(words[3]), int(words[4]))
        return
    if words[0] == "predict":
        predict(pathlib.Path(words[1]), pathlib.Path(words[2]), pathlib.Path(words[3]), int(words[4]))
        return
    parser = argparse.ArgumentParser(prog="nnunet_referee.sh", allow_abbrev=False)
    parser.add_argument("--cohort", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--training", type=int, default=24)
    parser.add_argument("--unseen", type=int, default=24)
    parser.add_argument("--epochs", type=int, default=0)
    parser.add_argument("--seeds", type=numbers, default=[1])
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=lambda path: pathlib.Path(path).resolve())
    arguments = parser.parse_args(words[2:])
    # Ends as Ctrl-C does, so that the temporary folder and the training go.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        if any(arguments.out.iterdir()):
            sys.exit(f"nnunet_referee.py: {arguments.out} is not empty; name a new folder")
        compare(words[1], arguments, arguments.out)
    else:
        with tempfile.TemporaryDirectory() as work:
            compare(words[1], arguments, pathlib.Path(work))


if __name__ == "__main__":
    main(sys.argv[1:])
