"""Writes the fixtures of RFNetTest and HeteroModalLossesTest: RFNet and its losses written a second time, in PyTorch.

Usage: python make_rfnet_fixture.py FOLDER      (needs torch and safetensors; any version from 1.13 on)
The files are committed under src/test/resources/golden; the same PyTorch gives the same bytes.
Architecture and losses follow Ding et al., ICCV 2021, and the authors' implementation. Norms have no scale and shift, and convolutions
before a norm no bias, which the norm would subtract. Gradients are those of the sum of the mean squares of all outputs; to keep the
file small, those of weights with at most 1000 numbers.
"""

import pathlib
import sys

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

WIDTHS = [4, 8]
INPUTS = 3
CLASSES = 2
# The second sequence is absent altogether, the first from one sample.
PRESENT = [[True, False, True], [False, False, True]]


class Unit(nn.Module):
    """A convolution with reflect padding, InstanceNorm and LeakyReLU with slope 0.2."""

    def __init__(self, inputs, outputs, kernel=3, stride=1):
        super().__init__()
        self.conv = nn.Conv3d(
            inputs, outputs, kernel, stride, kernel // 2, bias=False, padding_mode="reflect" if kernel > 1 else "zeros")
        self.norm = nn.InstanceNorm3d(outputs)

    def forward(self, x):
        return F.leaky_relu(self.norm(self.conv(x)), 0.2)


def chain(inputs, middle, outputs):
    return nn.Sequential(Unit(inputs, middle, 1), Unit(middle, middle), Unit(middle, outputs, 1))


class EncoderLevel(nn.Sequential):
    def forward(self, x):
        first = self[0](x)
        return first + self[2](self[1](first))


def encoder():
    levels, inputs = [], 1
    for i, width in enumerate(WIDTHS):
        levels.append(EncoderLevel(Unit(inputs, width, stride=2 if i else 1), Unit(width, width), Unit(width, width)))
        inputs = width
    return nn.ModuleList(levels)


def up(x):
    return F.interpolate(x, scale_factor=2, mode="trilinear", align_corners=True)


class Map(nn.Module):
    def __init__(self, width, is_bottleneck):
        super().__init__()
        self.embedding = chain(INPUTS * width, width // 4, width)
        setattr(self, "0", Unit(width if is_bottleneck else 2 * width, 16, 1))
        setattr(self, "1", nn.Conv3d(16, CLASSES, 1))

    def forward(self, features, x):
        y = self.embedding(features.flatten(1, 2))
        y = y if x is None else torch.cat([x, y], 1)
        return getattr(self, "1")(getattr(self, "0")(y))


class Fusion(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weighting = nn.ModuleList(
            nn.Sequential(nn.Linear(INPUTS * width + 1, 128), nn.Linear(128, INPUTS)) for _ in range(CLASSES))
        self.regions = chain(CLASSES * width, width, width // 2)
        self.shortcut = chain(INPUTS * width, width, width // 2)

    def forward(self, features, map):
        regions = []
        for k, weighting in enumerate(self.weighting):
            p = map[:, k : k + 1]
            region = features * p.unsqueeze(1)
            share = p.mean((2, 3, 4)) + 1e-7
            means = region.mean((3, 4, 5)) / share.unsqueeze(1)
            hidden = F.leaky_relu(weighting[0](torch.cat([means.flatten(1), share], 1)), 0.2)
            weights = torch.sigmoid(weighting[1](hidden))
            regions.append((region * weights[:, :, None, None, None, None]).sum(1))
        return torch.cat([self.regions(torch.cat(regions, 1)), self.shortcut(features.flatten(1, 2))], 1)


class DecoderLevel(nn.Sequential):
    def __init__(self, below, width):
        super().__init__(Unit(below, width), Unit(2 * width, width), Unit(width, width, 1))


class RFNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.ModuleList(encoder() for _ in range(INPUTS))
        depth = len(WIDTHS) - 1
        self.map = nn.ModuleList(Map(width, i == depth) for i, width in enumerate(WIDTHS))
        self.fusion = nn.ModuleList(Fusion(width) for width in WIDTHS)
        self.decoder = nn.ModuleList(DecoderLevel(WIDTHS[i + 1], WIDTHS[i]) for i in range(depth))
        self.head = nn.Conv3d(WIDTHS[0], CLASSES, 1)
        self.separate = nn.ModuleDict({str(i): DecoderLevel(WIDTHS[i + 1], WIDTHS[i]) for i in range(depth)})
        self.separate["head"] = nn.Conv3d(WIDTHS[0], CLASSES, 1)

    def forward(self, images, present):
        levels = []
        for c in range(INPUTS):
            x, features = images[:, c : c + 1], []
            for level in self.encoder[c]:
                x = level(x)
                features.append(x)
            levels.append(features)
        mask = torch.tensor(present)[:, :, None, None, None, None]
        outputs, x = {}, None
        for i in reversed(range(len(WIDTHS))):
            features = torch.stack([levels[c][i] for c in range(INPUTS)], 1)
            features = torch.where(mask, features, torch.zeros_like(features))
            x = None if x is None else self.decoder[i][0](up(x))
            logits = self.map[i](features, x)
            outputs[f"PROBABILITY_MAP.{i}.0"] = logits
            fused = self.fusion[i](features, torch.softmax(logits, 1).detach())
            if x is None:
                x = outputs["bottleneck"] = fused
            else:
                x = self.decoder[i][2](self.decoder[i][1](torch.cat([fused, x], 1)))
                outputs[f"decoder{i}"] = x
        outputs["logits"] = self.head(x)
        for c in range(INPUTS):
            y = levels[c][-1]
            for i in reversed(range(len(WIDTHS) - 1)):
                stage = self.separate[str(i)]
                y = stage[2](stage[1](torch.cat([stage[0](up(y)), levels[c][i]], 1)))
            outputs[f"SEPARATE.0.{c}"] = self.separate["head"](y)
        return outputs


def write_network(path):
    torch.manual_seed(1)
    net = RFNet()
    image = torch.randn(2, INPUTS, 8, 4, 8)
    arrays = {"weights/" + k: v.detach().clone() for k, v in net.named_parameters()} | {"input": image}
    net = net.double()
    outputs = net(image.double(), PRESENT)
    sum(output.square().mean() for output in outputs.values()).backward()
    arrays |= {name: output.detach().float() for name, output in outputs.items()}
    arrays |= {"gradients/" + k: v.grad.float() for k, v in net.named_parameters() if v.numel() <= 1000}
    save_file({k: v.contiguous() for k, v in arrays.items()}, path)


def weighted_cross_entropy(p, target):
    """The mean over voxels of p and target [B, K, X, Y, Z]."""
    share = target.sum((2, 3, 4)) / target.sum((1, 2, 3, 4)).unsqueeze(1)
    weights = (1 - share)[:, :, None, None, None]
    return -(weights * target * p.clamp(0.005, 1).log()).sum(1).mean()


def dice(p, target):
    """The mean over samples and classes; the authors' sums run over the batch, which has one sample."""
    overlap = 2 * (p * target).sum((2, 3, 4))
    return 1 - (overlap / (p.sum((2, 3, 4)) + target.sum((2, 3, 4)) + 1e-7)).mean()


def write_losses(path):
    torch.manual_seed(2)
    classes = torch.randint(0, 4, (2, 4, 8, 4)) * (torch.rand(2, 4, 8, 4) < 0.4)
    target = F.one_hot(classes, 4).movedim(4, 1).double()
    measured = [[True, True, True], [True, False, True]]
    arrays = {"classes": classes}
    terms = []
    for c in range(3):
        logits = 3 * torch.randn(2, 4, 4, 8, 4)
        arrays[f"SEPARATE.0.{c}"] = logits
        p = torch.softmax(logits.double(), 1)
        for b in range(2):
            if measured[b][c]:
                s = slice(b, b + 1)
                terms.append(dice(p[s], target[s]) + weighted_cross_entropy(p[s], target[s]))
    arrays["separate"] = torch.stack(terms).mean().float()
    terms = []
    for i in range(3):
        logits = 3 * torch.randn(2, 4, 4 >> i, 8 >> i, 4 >> i)
        arrays[f"PROBABILITY_MAP.{i}.0"] = logits
        p = torch.softmax(logits.double(), 1)
        p = F.interpolate(p, scale_factor=1 << i, mode="trilinear", align_corners=True) if i else p
        terms.append(dice(p, target) + weighted_cross_entropy(p, target))
    arrays["maps"] = torch.stack(terms).mean().float()
    logits = arrays["SEPARATE.0.0"].double().requires_grad_()
    loss = weighted_cross_entropy(torch.softmax(logits, 1), target)
    loss.backward()
    arrays |= {"classes-weighted": loss.detach().float(), "classes-weighted/gradient": logits.grad.float()}
    # Whole tumour, core and enhancing tumour, each with the two classes outside and inside.
    regions = torch.stack([classes > 0, (classes == 1) | (classes == 3), classes == 3], 1).double()
    losses = []
    for r in range(3):
        p = torch.sigmoid(arrays["SEPARATE.0.0"].double()[:, r : r + 1])
        losses.append(weighted_cross_entropy(
            torch.cat([1 - p, p], 1), torch.cat([1 - regions[:, r : r + 1], regions[:, r : r + 1]], 1)))
    arrays["regions-weighted"] = torch.stack(losses).mean().float()
    save_file({k: v.contiguous() for k, v in arrays.items()}, path)


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    write_network(folder / "rfnet.safetensors")
    write_losses(folder / "rfnet-losses.safetensors")
