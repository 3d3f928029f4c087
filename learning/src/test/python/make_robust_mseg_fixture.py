"""Writes the fixture of RobustMSegTest and HeteroModalLossesTest: Robust-MSeg and its losses written a second time, in PyTorch.

Usage: python make_robust_mseg_fixture.py FOLDER      (needs torch and safetensors; any version from 1.13 on)
The file is committed under src/test/resources/golden; the same PyTorch gives the same bytes.
Architecture and losses follow Chen et al., MICCAI 2019 (arXiv 2002.09708), and the authors' implementation; norms have PyTorch's
epsilon, and convolutions before an instance norm no bias, which the norm would subtract. Gradients are those of the sum of the mean
squares of all outputs; to keep the file small, those of weights of the first sequence and of all
sequences together with at most 1000 numbers.
"""

import pathlib
import sys

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

WIDTHS = [4, 4]
INPUTS = 3
CLASSES = 3
# The second sequence is absent altogether, the first from one sample.
PRESENT = [[True, False, True], [False, False, True]]
MEASURED = [[True, True, True], [True, False, True]]


def conv(inputs, outputs, kernel, stride=1, bias=True):
    return nn.Conv3d(inputs, outputs, kernel, stride, (kernel - 1) // 2, bias=bias, padding_mode="reflect")


class Unit(nn.Module):
    """A convolution with reflect padding, InstanceNorm and, unless the slope is None, LeakyReLU."""

    def __init__(self, inputs, outputs, kernel=3, stride=1, slope=0.2):
        super().__init__()
        self.conv = conv(inputs, outputs, kernel, stride, bias=False)
        self.norm = nn.InstanceNorm3d(outputs, affine=True)
        self.slope = slope

    def forward(self, x):
        x = self.norm(self.conv(x))
        return x if self.slope is None else F.leaky_relu(x, self.slope)


class ContentLevel(nn.Sequential):
    def forward(self, x):
        first = self[0](x)
        return first + self[2](self[1](first))


def content():
    levels, inputs = [], 1
    for i, width in enumerate(WIDTHS):
        levels.append(ContentLevel(Unit(inputs, width, stride=2 if i else 1), Unit(width, width), Unit(width, width)))
        inputs = width
    return nn.ModuleList(levels)


class Appearance(nn.Module):
    def __init__(self):
        super().__init__()
        deepest, inputs, self.count = WIDTHS[-1], 1, len(WIDTHS) + 1
        for i in range(self.count):
            outputs = min(2 * WIDTHS[0] * 2**i, deepest)
            setattr(self, str(i), conv(inputs, outputs, 4 if i else 7, 2 if i else 1))
            inputs = outputs
        self.code = nn.Linear(inputs, 8)
        self.hidden = nn.ModuleList([nn.Linear(8, deepest), nn.Linear(deepest, deepest)])
        self.style = nn.Linear(deepest, 2 * deepest)

    def forward(self, x):
        for i in range(self.count):
            x = F.relu(getattr(self, str(i))(x))
        x = self.code(x.mean((2, 3, 4)))
        for hidden in self.hidden:
            x = F.relu(hidden(x))
        return self.style(x)


def adaptive_norm(x, style):
    scale, shift = style[:, :, None, None, None].chunk(2, 1)
    mean = x.mean((2, 3, 4), keepdim=True)
    variance = x.var((2, 3, 4), unbiased=False, keepdim=True)
    return scale * (x - mean) / torch.sqrt(variance + 1e-5) + shift


class Level(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = conv(inputs, outputs, 5)
        self.norm = nn.GroupNorm(1, outputs)

    def forward(self, x):
        return F.relu(self.norm(self.conv(F.interpolate(x, scale_factor=2, mode="nearest"))))


class Image(nn.Module):
    def __init__(self):
        super().__init__()
        width, depth = WIDTHS[-1], len(WIDTHS) - 1
        self.block = nn.ModuleList(
            nn.ModuleList([conv(width, width, 3, bias=False), conv(width, width, 3, bias=False)]) for _ in range(4))
        self.up = nn.ModuleList(Level(WIDTHS[i + 1], WIDTHS[i]) for i in range(depth))
        self.output = conv(WIDTHS[0], 1, 7)

    def forward(self, x, style):
        for first, second in self.block:
            x = x + adaptive_norm(second(F.relu(adaptive_norm(first(x), style))), style)
        for level in reversed(self.up):
            x = level(x)
        return self.output(x)


class DecoderLevel(nn.Sequential):
    def __init__(self, below, width):
        super().__init__(Unit(below, width), Unit(2 * width, width), Unit(width, width, 1))


class RobustMSeg(nn.Module):
    def __init__(self):
        super().__init__()
        depth = len(WIDTHS) - 1
        self.content = nn.ModuleList(content() for _ in range(INPUTS))
        self.gate = nn.ModuleList(Unit(INPUTS * width, INPUTS, slope=None) for width in WIDTHS)
        self.fusion = nn.ModuleList(Unit(INPUTS * width, width, 1) for width in WIDTHS)
        self.decoder = nn.ModuleList(DecoderLevel(WIDTHS[i + 1], WIDTHS[i]) for i in range(depth))
        self.head = nn.Conv3d(WIDTHS[0], CLASSES, 1)
        self.appearance = nn.ModuleList(Appearance() for _ in range(INPUTS))
        self.image = nn.ModuleList(Image() for _ in range(INPUTS))

    def forward(self, images, present):
        levels = []
        for c in range(INPUTS):
            x, features = images[:, c : c + 1], []
            for level in self.content[c]:
                x = level(x)
                features.append(x)
            levels.append(features)
        mask = torch.tensor(present)[:, :, None, None, None, None]
        fused, outputs = [], {}
        for i in range(len(WIDTHS)):
            features = torch.stack([levels[c][i] for c in range(INPUTS)], 1)
            features = torch.where(mask, features, torch.zeros_like(features))
            gates = torch.sigmoid(self.gate[i](features.flatten(1, 2)))
            fused.append(self.fusion[i]((features * gates.unsqueeze(2)).flatten(1, 2)))
        x = outputs["bottleneck"] = fused[-1]
        for i in reversed(range(len(WIDTHS) - 1)):
            stage = self.decoder[i]
            x = stage[0](F.interpolate(x, scale_factor=2, mode="nearest"))
            x = outputs[f"decoder{i}"] = stage[2](stage[1](torch.cat([x, fused[i]], 1)))
        outputs["logits"] = self.head(x)
        for c in range(INPUTS):
            style = outputs[f"STYLE.0.{c}"] = self.appearance[c](images[:, c : c + 1])
            outputs[f"RECONSTRUCTION.0.{c}"] = self.image[c](fused[-1], style)
        return outputs


def is_compared(name, value):
    part, index = name.split(".")[:2]
    return value.numel() <= 1000 and (part not in ("content", "appearance", "image") or index == "0")


def write(path):
    torch.manual_seed(1)
    net = RobustMSeg()
    for name, value in net.named_parameters():
        if ".norm." in name:
            nn.init.normal_(value, 1.0 if name.endswith("weight") else 0.0, 0.3)
    image = torch.randn(2, INPUTS, 8, 4, 8)
    arrays = {"weights/" + k: v.detach().clone() for k, v in net.named_parameters()} | {"input": image}
    net = net.double()
    outputs = net(image.double(), PRESENT)
    sum(output.square().mean() for output in outputs.values()).backward()
    arrays |= {name: output.detach().float() for name, output in outputs.items()}
    arrays |= {"gradients/" + k: v.grad.float() for k, v in net.named_parameters() if is_compared(k, v)}
    errors, divergences = [], []
    for b, row in enumerate(MEASURED):
        for c in range(INPUTS):
            if row[c]:
                errors.append((arrays[f"RECONSTRUCTION.0.{c}"][b, 0].double() - image[b, c].double()).abs().mean())
                scale, shift = arrays[f"STYLE.0.{c}"][b].double().chunk(2)
                variance = shift**2
                divergences.append(0.5 * (scale**2 + variance - 1 - torch.log(variance + 1e-7)).sum())
    arrays |= {"error": torch.stack(errors).mean().float(), "divergence": torch.stack(divergences).mean().float()}
    save_file({k: v.contiguous() for k, v in arrays.items()}, path)


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]) / "robust-mseg.safetensors")
