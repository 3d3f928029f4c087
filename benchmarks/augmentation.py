"""The Python side of augmentation.sh: alternates MONAI and Preceptor in one run and prints rates and ratios."""

import pathlib
import subprocess
import sys
import tempfile
import time

import monai
import numpy
import scipy.ndimage
import torch
from monai import transforms as mt

SIZE = (144, 176, 144)
KEYS = ["image", "label"]
# Each transform by its names in both libraries, with a common probability. Strengths are those of nnU-Net.
CHANGES = {
    "rotation and scaling": (
        ["rotation.probability={}", "scaling.probability={}"],
        # Preceptor rotates and scales a fifth of the patches each, independently; MONAI does both to the same patches.
        0.2,
        lambda p: mt.RandAffined(
            KEYS, prob=1 - (1 - p) ** 2, rotate_range=[numpy.pi / 6] * 3, scale_range=[(-0.3, 0.4)] * 3,
            mode=("bilinear", "nearest"), padding_mode="zeros"),
    ),
    "bias field": (["biasField.probability={}"], 0.3, lambda p: mt.RandBiasFieldd("image", prob=p, coeff_range=(-0.3, 0.3))),
    "noise": (["noise.probability={}"], 0.1, lambda p: mt.RandGaussianNoised("image", prob=p, std=0.1)),
    "blur": (
        ["blur.probability={}", "blur.perSequence=1"],
        0.2,
        lambda p: mt.RandGaussianSmoothd("image", prob=p, sigma_x=(0.5, 1), sigma_y=(0.5, 1), sigma_z=(0.5, 1)),
    ),
    "brightness": (["brightness.probability={}"], 0.15, lambda p: mt.RandScaleIntensityd("image", prob=p, factors=0.25)),
    "contrast": (
        ["contrast.probability={}"],
        0.15,
        lambda p: mt.RandScaleIntensityFixedMeand("image", prob=p, factors=0.25, preserve_range=True),
    ),
    "low resolution": (
        ["lowResolution.probability={}", "lowResolution.perSequence=1"],
        0.25,
        lambda p: mt.RandSimulateLowResolutiond("image", prob=p, zoom_range=(0.5, 1.0)),
    ),
    "inverted gamma": (
        ["gammaInverted.probability={}"],
        0.1,
        lambda p: mt.RandAdjustContrastd("image", prob=p, gamma=(0.7, 1.5), invert_image=True, retain_stats=True),
    ),
    "gamma": (
        ["gamma.probability={}"],
        0.3,
        lambda p: mt.RandAdjustContrastd("image", prob=p, gamma=(0.7, 1.5), retain_stats=True),
    ),
}


def subject():
    """Four sequences of a smooth ball with a tumour of three labels, zeros around it; [C, X, Y, Z]."""
    random = numpy.random.default_rng(1)
    grid = numpy.meshgrid(*[numpy.linspace(-1, 1, n) for n in SIZE], indexing="ij")
    brain = sum(g**2 for g in grid) < 0.9
    away = numpy.sqrt((grid[0] - 0.3) ** 2 + (grid[1] - 0.2) ** 2 + grid[2] ** 2)
    label = numpy.where(away < 0.12, 1, numpy.where(away < 0.2, 3, numpy.where(away < 0.35, 2, 0)))
    images = [scipy.ndimage.gaussian_filter(random.normal(size=SIZE), 1) * 4 + label * 0.3 for _ in range(4)]
    return (numpy.stack(images) * brain).astype(numpy.float32), label.astype(numpy.uint8)


def monai_chain(names, probability, edge):
    chain = [
        mt.RandCropByPosNegLabeld(
            KEYS, label_key="label", spatial_size=[edge] * 3, pos=1, neg=2, num_samples=1,
            fg_indices_key="label_fg_indices", bg_indices_key="label_bg_indices")
    ]
    chain += [CHANGES[name][2](probability(name)) for name in names]
    chain += [mt.RandFlipd(KEYS, prob=0.5, spatial_axis=axis) for axis in range(3)]
    return mt.Compose(chain)


def main(edge, patches, rounds, java):
    torch.set_num_threads(1)
    monai.data.set_track_meta(False)
    monai.utils.set_determinism(1)
    images, label = subject()
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "subject"
        file.write_bytes(images.transpose(0, 3, 2, 1).tobytes() + label.transpose(2, 1, 0).tobytes())
        server = subprocess.Popen(
            java + [str(file), "4", *map(str, SIZE), str(edge)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        data = {"image": torch.from_numpy(images), "label": torch.from_numpy(label[None])}
        data = mt.FgBgToIndicesd("label")(data)

        def ours(names, probability, count):
            settings = [
                "augmentation." + setting.format(probability(name)) for name in names for setting in CHANGES[name][0]]
            server.stdin.write(" ".join([str(count), *settings]) + "\n")
            server.stdin.flush()
            return float(server.stdout.readline().split()[0])

        def theirs(chain, count):
            start = time.process_time()
            for _ in range(count):
                chain(data)
            return time.process_time() - start

        def pair(names, probability, count, repeats):
            chain = monai_chain(names, probability, edge)
            ours(names, probability, max(2 * count, 60))
            theirs(chain, max(count // 4, 1))
            seconds = [0.0, 0.0]
            for _ in range(repeats):
                seconds[0] += ours(names, probability, count)
                seconds[1] += theirs(chain, count)
            return [count * repeats / s for s in seconds]

        def line(name, rates):
            print(f"{name:22} preceptor {rates[0]:8.1f}  MONAI {rates[1]:8.1f}  ratio {rates[0] / rates[1]:5.2f}", flush=True)
            return rates[0] / rates[1]

        print(f"patches of {edge}^3 with 4 sequences per processor second; MONAI {monai.__version__}, PyTorch {torch.__version__}")
        ratio = line("the whole chain", pair(list(CHANGES), lambda name: CHANGES[name][1], patches, rounds))
        line("sampling, mirroring", pair([], None, patches, 1))
        for name in CHANGES:
            line(name + ", always", pair([name], lambda _: 1, max(patches // 5, 1), 1))
        server.stdin.close()
        server.wait()
    return 0 if ratio >= 3 else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]))
