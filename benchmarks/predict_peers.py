"""The Python side of predict_peers.sh. `compare` runs everything and starts `nnunet` as a process of its own."""

import argparse
import json
import os
import pathlib
import struct
import sys
import tempfile

import nnunet_referee
from nnunet_referee import run

PRESETS = ("exact", "balanced", "fast")


def about(model):
    with open(model, "rb") as file:
        metadata = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))["__metadata__"]
    return {key: json.loads(metadata[key]) for key in ("network", "preprocessing", "patch", "overlap")}


def nnunet(model, image, out, threads):
    """Segments an image with nnU-Net and a network with the spacing, patch, widths and overlap of a model."""
    import torch
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
    from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer
    from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

    torch.set_num_threads(threads)
    facts = about(model)
    recipe = {
        "network": {"widths": facts["network"]["arguments"]["widths"]},
        "sampling": {"patch": facts["patch"], "batch": 1},
        "distillation": {"batchDice": False},
    }
    plan, dataset = nnunet_referee.plan_of(recipe), nnunet_referee.dataset_of(0)
    spacing = [float(facts["preprocessing"]["stride"])] * 3
    plan["original_median_spacing_after_transp"] = spacing
    plan["configurations"][nnunet_referee.CONFIGURATION]["spacing"] = spacing
    plans = PlansManager(plan)
    configuration = plans.get_configuration(nnunet_referee.CONFIGURATION)
    regions = len(nnunet_referee.REGIONS)
    network = nnUNetTrainer.build_network_architecture(plans, configuration, 1, regions, enable_deep_supervision=False)
    predictor = nnUNetPredictor(
        tile_step_size=1 - facts["overlap"], use_mirroring=False, device=torch.device("cpu"), allow_tqdm=False)
    predictor.manual_initialization(
        network, plans, configuration, [network.state_dict()], dataset, "nnUNetTrainer", None)
    reader = plans.image_reader_writer_class()
    voxels, properties = reader.read_images([str(image)])
    reader.write_seg(predictor.predict_single_npy_array(voxels, properties), str(out), properties)


def largest_difference(probabilities, folder, stem):
    import nibabel
    import numpy

    theirs = numpy.load(probabilities)
    ours = [nibabel.load(folder / f"{stem}_prob_{region}.nii.gz").get_fdata(dtype=numpy.float32) for region in ("WT", "TC", "ET")]
    return max(numpy.abs(a - b).max() for a, b in zip(ours, theirs))


def compare(home, image, networks, rounds, threads, check):
    here = pathlib.Path(__file__).parent
    preceptor = home / "preceptor"
    java = pathlib.Path(os.environ["JAVA_HOME"]) / "bin" / "java" if "JAVA_HOME" in os.environ else "java"
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        log = folder / "log"
        for name in networks.split(","):
            model = folder / f"{name}.safetensors"
            run([str(java), "-cp", f"{home}/benchmarks/target/classes:{home}/app/target/preceptor/lib/*",
                 "dev.preceptor.benchmarks.FreshModel", name, str(model)], log, environment)
            ours = [preceptor, "predict", "--model", model, "--input", image, "--threads", threads, "--sequence", "T1CE"]
            commands = {
                f"Preceptor {preset}": [*ours, "--preset", preset, "--out", folder / f"{name}-{preset}.nii.gz"]
                for preset in PRESETS
            }
            commands["MONAI"] = [sys.executable, here / "monai_predict.py", model, image, folder / f"{name}-monai.nii.gz"]
            commands["nnU-Net"] = [sys.executable, __file__, "nnunet", model, image, folder / f"{name}-nnunet.nii.gz", threads]
            best = {}
            for _ in range(rounds):
                for side, command in commands.items():
                    cost = run([str(part) for part in command], log, environment)
                    print(f"{name}: {side} {cost[0]:.1f} s, cpu {cost[1]:.1f} s, {cost[2]:.0f} MiB", file=sys.stderr, flush=True)
                    best[side] = min(best.get(side, cost), cost, key=lambda c: c[1])
            print(f"\n{name}, {threads} threads\n\n| | wall s | cpu s | peak MiB | wall / MONAI | cpu / MONAI | peak / MONAI |")
            print("|---|---|---|---|---|---|---|")
            for side, cost in best.items():
                ratios = " | ".join(f"{a / b:.2f}" for a, b in zip(cost, best["MONAI"]))
                print(f"| {side} | {cost[0]:.1f} | {cost[1]:.1f} | {cost[2]:.0f} | {ratios} |", flush=True)
            if not check:
                continue
            out, probabilities = folder / f"{name}-probabilities", folder / f"{name}.npy"
            for command in ([*commands["MONAI"], probabilities], [*ours, "--probabilities", "--out", out / f"{name}.nii.gz"]):
                run([str(part) for part in command], log, environment)
            stem = next(out.glob("*_prob_WT.nii.gz")).name.removesuffix("_prob_WT.nii.gz")
            print(f"\nlargest difference of the probabilities, exact against MONAI: {largest_difference(probabilities, out, stem):.1e}")


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    comparing = commands.add_parser("compare")
    comparing.add_argument("home", type=pathlib.Path)
    comparing.add_argument("image", type=pathlib.Path)
    comparing.add_argument("--networks", default="kd-net,mtcm-kd")
    comparing.add_argument("--rounds", type=int, default=1)
    comparing.add_argument("--threads", type=int, default=os.cpu_count())
    comparing.add_argument("--check", action="store_true")
    comparing.set_defaults(run=compare)
    alone = commands.add_parser("nnunet")
    alone.add_argument("model", type=pathlib.Path)
    alone.add_argument("image", type=pathlib.Path)
    alone.add_argument("out", type=pathlib.Path)
    alone.add_argument("threads", type=int)
    alone.set_defaults(run=nnunet)
    arguments = vars(parser.parse_args())
    arguments.pop("run")(**arguments)


if __name__ == "__main__":
    main()
