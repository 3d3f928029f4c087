"""Writes the fixture of SupervisedLossGoldenTest: values and gradients of MONAI's and PyTorch's losses, in float64.

Usage: python make_loss_fixture.py FOLDER      (needs torch, monai and safetensors)
The file is committed under src/test/resources/golden; the same versions give the same bytes.
"""

import json
import pathlib
import sys

import monai
import torch
from monai.losses import DiceLoss, FocalLoss, TverskyLoss
from safetensors.torch import save_file
from torch.nn import functional as F

REGIONS, CLASSES = "REGIONS", "CLASSES"


def targets(outputs, labels):
    if outputs == CLASSES:
        return F.one_hot(labels, 4).movedim(4, 1).double()
    return torch.stack([labels > 0, (labels == 1) | (labels == 3), labels == 3], 1).double()


def activation(outputs):
    return {"sigmoid": True} if outputs == REGIONS else {"softmax": True}


def dice(outputs, logits, labels, **options):
    return DiceLoss(**activation(outputs), **options)(logits, targets(outputs, labels))


def entropy(outputs, logits, labels, reduction="mean"):
    if outputs == CLASSES:
        return F.cross_entropy(logits, labels, reduction=reduction)
    return F.binary_cross_entropy_with_logits(logits, targets(outputs, labels), reduction=reduction)


def focal(outputs, logits, labels, gamma, alpha=None):
    # MONAI averages over classes too; of a voxel's classes all but the true one have no loss.
    scale = 4 if outputs == CLASSES else 1
    return scale * FocalLoss(gamma=gamma, alpha=alpha, use_softmax=outputs == CLASSES)(logits, targets(outputs, labels))


def top_k(outputs, logits, labels, percent):
    """nnU-Net's TopKLoss."""
    worst = entropy(outputs, logits, labels, "none").reshape(-1)
    return torch.topk(worst, int(worst.numel() * percent / 100), sorted=False)[0].mean()


def nnunet(outputs, logits, labels, smooth, background):
    """nnU-Net's MemoryEfficientSoftDiceLoss plus one, plus cross-entropy."""
    p = logits.sigmoid() if outputs == REGIONS else logits.softmax(1)
    y = targets(outputs, labels)
    if not background:
        p, y = p[:, 1:], y[:, 1:]
    axes = (2, 3, 4)
    score = (2 * (p * y).sum(axes) + smooth) / torch.clip(y.sum(axes) + p.sum(axes) + smooth, 1e-8)
    return 1 - score.mean() + entropy(outputs, logits, labels)


# name: outputs, the loss list of a recipe, whether sums run over the batch, the same by others
CASES = {
    "monai-dice": (REGIONS, [{"name": "dice"}], False, lambda z, y: dice(REGIONS, z, y)),
    "monai-dice-classes": (CLASSES, [{"name": "dice"}], False, lambda z, y: dice(CLASSES, z, y)),
    "monai-dice-batch": (REGIONS, [{"name": "dice"}], True, lambda z, y: dice(REGIONS, z, y, batch=True)),
    "monai-dice-tumour": (CLASSES, [{"name": "dice", "background": False}], False,
                          lambda z, y: dice(CLASSES, z, y, include_background=False)),
    "monai-dice-squared": (REGIONS, [{"name": "dice", "squared": True}], False, lambda z, y: dice(REGIONS, z, y, squared_pred=True)),
    "acn-dice": (CLASSES, [{"name": "dice", "squared": True, "smooth": 0, "epsilon": 1.0e-7}], False,
                 lambda z, y: dice(CLASSES, z, y, squared_pred=True, smooth_nr=0, smooth_dr=1e-7)),
    "rfnet-dice": (CLASSES, [{"name": "dice", "smooth": 0, "epsilon": 1.0e-7}], True,
                   lambda z, y: dice(CLASSES, z, y, batch=True, smooth_nr=0, smooth_dr=1e-7)),
    "tversky": (REGIONS, [{"name": "tversky", "alpha": 0.3, "beta": 0.7}], False,
                lambda z, y: TverskyLoss(sigmoid=True, alpha=0.3, beta=0.7)(z, targets(REGIONS, y))),
    "tversky-batch": (CLASSES, [{"name": "tversky", "alpha": 0.8, "beta": 0.2, "smooth": 0.1}], True,
                      lambda z, y: TverskyLoss(softmax=True, alpha=0.8, beta=0.2, smooth_nr=0.1, smooth_dr=0.1, batch=True)(
                          z, targets(CLASSES, y))),
    "cross-entropy": (REGIONS, [{"name": "cross-entropy"}], False, lambda z, y: entropy(REGIONS, z, y)),
    "cross-entropy-classes": (CLASSES, [{"name": "cross-entropy"}], False, lambda z, y: entropy(CLASSES, z, y)),
    "focal": (REGIONS, [{"name": "focal"}], False, lambda z, y: focal(REGIONS, z, y, 2.0)),
    "focal-balanced": (REGIONS, [{"name": "focal", "gamma": 1.5, "alpha": 0.25}], False, lambda z, y: focal(REGIONS, z, y, 1.5, 0.25)),
    "focal-classes": (CLASSES, [{"name": "focal"}], False, lambda z, y: focal(CLASSES, z, y, 2.0)),
    "top-k": (CLASSES, [{"name": "top-k"}], False, lambda z, y: top_k(CLASSES, z, y, 10)),
    "top-k-regions": (REGIONS, [{"name": "top-k", "share": 0.25}], False, lambda z, y: top_k(REGIONS, z, y, 25)),
    "nnunet-regions": (REGIONS, [{"name": "dice"}, {"name": "cross-entropy"}], False, lambda z, y: nnunet(REGIONS, z, y, 1e-5, True)),
    "nnunet-classes": (CLASSES, [{"name": "dice", "background": False}, {"name": "cross-entropy"}], False,
                       lambda z, y: nnunet(CLASSES, z, y, 1e-5, False)),
    "weighted": (REGIONS, [{"name": "dice", "weight": 0.5}, {"name": "focal", "weight": 3}, {"name": "top-k", "weight": 0.25}], False,
                 lambda z, y: 0.5 * dice(REGIONS, z, y) + 3 * focal(REGIONS, z, y, 2.0) + 0.25 * top_k(REGIONS, z, y, 10)),
}


def deep(logits, labels):
    """nnU-Net's DeepSupervisionWrapper around BCE and Dice, five heads of which the lowest has no weight."""
    weights = torch.tensor([1 / 2**i for i in range(len(logits))], dtype=torch.float64)
    weights[-1] = 0
    weights = weights / weights.sum()
    total = 0
    for weight, z in zip(weights, logits):
        coarse = F.interpolate(labels[:, None].double(), size=z.shape[2:], mode="nearest")[:, 0].long()
        total = total + weight * nnunet(REGIONS, z, coarse, 1e-5, True)
    return weights, total


def main(folder):
    torch.manual_seed(1)
    shape = (2, 4, 3, 5)
    labels = torch.randint(0, 4, shape)
    # A region that a sample has not.
    labels[1][labels[1] == 3] = 2
    arrays = {"labels": labels}
    for outputs, channels in ((REGIONS, 3), (CLASSES, 4)):
        arrays[f"logits/{outputs}"] = 2 * torch.randn(2, channels, *shape[1:], dtype=torch.float64)
    for name, (outputs, _, _, loss) in CASES.items():
        logits = arrays[f"logits/{outputs}"].clone().requires_grad_()
        value = loss(logits, labels)
        value.backward()
        arrays[f"{name}/value"] = value.detach().reshape(1)
        arrays[f"{name}/gradient"] = logits.grad
    fine = torch.randint(0, 4, (1, 16, 16, 16))
    arrays["deep/labels"] = fine
    heads = [torch.randn(1, 3, *[16 >> i] * 3, dtype=torch.float64) for i in range(5)]
    weights, total = deep(heads, fine)
    for i, head in enumerate(heads):
        arrays[f"deep/logits/{i}"] = head
    arrays["deep/weights"] = weights
    arrays["deep/value"] = total.reshape(1)
    cases = {n: {"outputs": o, "loss": losses, "batchDice": pooled} for n, (o, losses, pooled, _) in CASES.items()}
    metadata = {"cases": json.dumps(cases), "torch": torch.__version__, "monai": monai.__version__}
    save_file({n: t.contiguous() for n, t in arrays.items()}, folder / "losses.safetensors", metadata)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
