"""Writes the fixture of OptimizerGoldenTest: steps of PyTorch's optimizers, clipping, averaging and schedules, in float64.

Usage: python make_optimizer_fixture.py FOLDER      (needs torch and safetensors; any version from 2.1 on)
The file is committed under src/test/resources/golden; the same PyTorch gives the same bytes.
"""

import json
import pathlib
import sys
import warnings

import torch
from safetensors.torch import save_file
from torch.optim import SGD, Adam, AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, PolynomialLR, ReduceLROnPlateau, SequentialLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

STEPS = 8
# Steps in which no loss reaches the second weight.
UNREACHED = (0, 3)

# name: overrides of the recipe, the optimizer, the norm to clip to
CASES = {
    "adam": (["learningRate=0.05"], lambda p: Adam(p, lr=0.05), 0),
    "adam-decay": (["learningRate=0.05", "beta1=0.8", "beta2=0.99", "weightDecay=0.1"],
                   lambda p: Adam(p, lr=0.05, betas=(0.8, 0.99), weight_decay=0.1), 0),
    "adamw": (["optimizer.name=adamw", "learningRate=0.05", "weightDecay=0.1"],
              lambda p: AdamW(p, lr=0.05, weight_decay=0.1), 0),
    "sgd": (["optimizer={name: sgd, momentum: 0, nesterov: false}", "learningRate=0.1"], lambda p: SGD(p, lr=0.1), 0),
    "sgd-momentum": (["optimizer={name: sgd, momentum: 0.9, nesterov: false}", "learningRate=0.1", "weightDecay=0.01"],
                     lambda p: SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01), 0),
    "nnunet": (["optimizer={name: sgd, momentum: 0.99, nesterov: true}", "learningRate=0.01", "weightDecay=3.0e-5"],
               lambda p: SGD(p, lr=0.01, momentum=0.99, nesterov=True, weight_decay=3e-5), 0),
    "nnunet-clipped": (["optimizer.name=sgd", "learningRate=0.01", "weightDecay=3.0e-5", "clip=3.5"],
                       lambda p: SGD(p, lr=0.01, momentum=0.99, nesterov=True, weight_decay=3e-5), 3.5),
    "adam-clipped": (["learningRate=0.05", "clip=3.5"], lambda p: Adam(p, lr=0.05), 3.5),
}


class Weights(torch.nn.Module):
    def __init__(self, initial):
        super().__init__()
        self.first = torch.nn.Parameter(initial["first"].clone())
        self.second = torch.nn.Parameter(initial["second"].clone())


def rates(make, epochs, start, watched=None):
    optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], lr=start)
    schedule = make(optimizer)
    found = []
    for epoch in range(epochs):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step(*([] if watched is None else [watched[epoch]]))
    return torch.tensor(found, dtype=torch.float64)


def main(folder):
    warnings.simplefilter("ignore")
    torch.manual_seed(1)
    # Values that float32 holds exactly, so that both sides begin alike.
    drawn = lambda *shape: torch.randn(*shape).double()
    initial = {"first": drawn(3, 4), "second": drawn(5)}
    gradients = [{"first": drawn(3, 4), "second": drawn(5)} for _ in range(STEPS)]
    arrays = {f"initial/{n}": t for n, t in initial.items()}
    for step, given in enumerate(gradients):
        for name, gradient in given.items():
            if name == "first" or step not in UNREACHED:
                arrays[f"gradient/{step}/{name}"] = gradient
    for case, (_, make, clip) in CASES.items():
        weights = Weights(initial)
        average = AveragedModel(weights, multi_avg_fn=get_ema_multi_avg_fn(0.75))
        optimizer = make(list(weights.parameters()))
        for step, given in enumerate(gradients):
            optimizer.zero_grad(set_to_none=True)
            for name, weight in weights.named_parameters():
                if f"gradient/{step}/{name}" in arrays:
                    weight.grad = given[name].clone()
            if clip:
                norm = torch.nn.utils.clip_grad_norm_(weights.parameters(), clip)
                arrays[f"{case}/norm/{step}"] = norm.detach().reshape(1).clone()
            optimizer.step()
            average.update_parameters(weights)
            for name, weight in weights.named_parameters():
                arrays[f"{case}/{step}/{name}"] = weight.detach().clone()
        for name, weight in average.module.named_parameters():
            arrays[f"{case}/average/{name}"] = weight.detach().clone()
    arrays["rate/poly"] = rates(lambda o: PolynomialLR(o, total_iters=50, power=0.9), 50, 0.01)
    arrays["rate/cosine"] = rates(lambda o: CosineAnnealingLR(o, T_max=40, eta_min=1e-4), 40, 0.01)
    arrays["rate/warm-cosine"] = rates(
        lambda o: SequentialLR(
            o,
            [LinearLR(o, start_factor=1 / 6, total_iters=5), CosineAnnealingLR(o, T_max=35, eta_min=1e-4)],
            milestones=[5]),
        40, 0.01)
    losses = torch.rand(60, dtype=torch.float64) * 0.2 + 0.8 * torch.exp(-torch.arange(60) / 10.0).double()
    arrays["losses"] = losses
    arrays["rate/plateau"] = rates(
        lambda o: ReduceLROnPlateau(o, factor=0.3, patience=3, threshold=0.01, min_lr=2e-4), 60, 0.01, losses.tolist())
    metadata = {"cases": json.dumps({n: ["optimization." + o for o in overrides] for n, (overrides, _, _) in CASES.items()}),
                "ema": "0.75", "torch": torch.__version__}
    save_file({n: t.contiguous() for n, t in arrays.items()}, folder / "optimizers.safetensors", metadata)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
