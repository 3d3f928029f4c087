"""Writes the fixture of SynthesisLossesTest and SynthesisUNetTest: losses between images and the network, written a second time in
PyTorch, with explicit windows in place of pooling.

Usage: python make_synthesis_fixture.py FOLDER      (needs torch and safetensors; any version from 2.0 on)
The files are committed under src/test/resources/golden; the same PyTorch gives the same bytes.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from torch import nn

from make_unet_fixture import UNet


def absolute_error(synthesised, real):
    errors = []
    for image, target in zip(synthesised.flatten(0, 1), real.flatten(0, 1)):
        inside = target != 0
        errors.append((image - target)[inside].abs().mean() if inside.any() else (image * 0).sum())
    return torch.stack(errors).mean()


def windows(images, edge):
    cubes = images.unfold(2, min(edge, images.shape[2]), 1)
    cubes = cubes.unfold(3, min(edge, images.shape[3]), 1)
    return cubes.unfold(4, min(edge, images.shape[4]), 1).flatten(5)


def similarity(synthesised, real, edge=7):
    span = (real.amax((2, 3, 4)) - real.amin((2, 3, 4))).clamp(min=1)[..., None, None, None]
    c1, c2 = (0.01 * span) ** 2, (0.03 * span) ** 2
    x, y = windows(synthesised, edge), windows(real, edge)
    mx, my = x.mean(-1), y.mean(-1)
    dx, dy = x - mx[..., None], y - my[..., None]
    covariance, vx, vy = (dx * dy).mean(-1), (dx**2).mean(-1), (dy**2).mean(-1)
    return (((2 * mx * my + c1) * (2 * covariance + c2)) / ((mx**2 + my**2 + c1) * (vx + vy + c2))).mean()


def losses():
    torch.manual_seed(5)
    shape = (2, 2, 12, 9, 5)
    real = torch.randn(shape).cumsum(2) * 0.5
    real[torch.rand(shape) < 0.3] = 0
    real[1, 1] = 0
    synthesised = real + 0.3 * torch.randn(shape)
    images = synthesised.double().requires_grad_()
    error, alike = absolute_error(images, real.double()), similarity(images, real.double())
    (error + 0.5 * (1 - alike)).backward()
    return {
        "losses/synthesised": synthesised,
        "losses/real": real,
        "losses/absolute_error": error.detach().float().view(1),
        "losses/similarity": alike.detach().float().view(1),
        "losses/gradient": images.grad.float(),
    }


def network():
    torch.manual_seed(6)
    generator, segmenter = UNet(1, 2, [3, 5], 1), UNet(3, 3, [4, 6], 1)
    both = nn.ModuleDict({"generator": generator, "segmenter": segmenter})
    for key, value in both.named_parameters():
        if ".norm." in key:
            nn.init.normal_(value, 1.0 if key.endswith("weight") else 0.0, 0.3)
    image = torch.randn(1, 1, 8, 6, 4)
    both.double()
    with torch.no_grad():
        images = generator(image.double())[0]
        logits = segmenter(torch.cat([image.double(), images], 1))[0]
    arrays = {"weights/" + k: v.detach().float().contiguous() for k, v in both.named_parameters()}
    return arrays | {"input": image, "images": images.float().contiguous(), "logits": logits.float().contiguous()}


if __name__ == "__main__":
    spec = {"inputs": 1, "outputs": 3, "widths": [4, 6], "generatorWidths": [3, 5], "synthesised": 2}
    save_file(losses() | network(), pathlib.Path(sys.argv[1]) / "synthesis.safetensors", {"network": json.dumps(spec)})
