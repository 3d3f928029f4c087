"""Writes the fixtures of HeteroModalUNetTest and HeteroModalLossesTest: U-HeMIS and U-HVED written a second time, in PyTorch.

Usage: python make_hetero_modal_fixture.py FOLDER      (needs torch and safetensors; any version from 2.0 on)
The files are committed under src/test/resources/golden; the same PyTorch gives the same bytes.
Architecture and losses follow Dorent et al., MICCAI 2019 (arXiv 1907.11150), and the authors' implementation.
"""

import itertools
import pathlib
import sys

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

WIDTHS = [4, 8, 12]
INPUTS = 3
PRESENT = [[True, False, True], [False, True, False]]


class Unit(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.norm = nn.InstanceNorm3d(inputs, affine=True)
        self.conv = nn.Conv3d(inputs, outputs, 3, padding=1)

    def forward(self, x):
        return self.conv(F.leaky_relu(self.norm(x), 0.01))


def block(inputs, middle, outputs):
    return nn.ModuleDict({"0": Unit(inputs, middle), "1": Unit(middle, outputs)})


def run(block, x):
    return block["1"](block["0"](x))


class HeteroModal(nn.Module):
    def __init__(self, variational):
        super().__init__()
        self.variational = variational
        self.encoder, self.first = nn.ModuleList(), nn.ModuleList()
        for _ in range(INPUTS):
            self.first.append(nn.Conv3d(1, WIDTHS[0], 1))
            stages, channels = nn.ModuleList(), WIDTHS[0]
            for width in WIDTHS:
                second = width if variational else width // 2
                stages.append(block(channels, width, second))
                channels = second
            self.encoder.append(stages)
        self.decoder = self.make_decoder()
        self.head = nn.Conv3d(WIDTHS[1] // 4, 3, 1)
        if variational:
            self.reconstruction = nn.ModuleList(self.make_decoder() for _ in range(INPUTS))
            self.output = nn.ModuleList(nn.Conv3d(WIDTHS[1] // 4, 1, 1) for _ in range(INPUTS))

    def fused(self, width):
        return width // 2 if self.variational else width

    def make_decoder(self):
        stages, channels = {}, self.fused(WIDTHS[-1])
        for i in reversed(range(len(WIDTHS) - 1)):
            width = WIDTHS[i + 1] // 2
            stages[str(i)] = block(channels + self.fused(WIDTHS[i]), width, width // 2)
            channels = width // 2
        return nn.ModuleDict(stages)

    def encode(self, x, c):
        x, levels = F.leaky_relu(self.first[c](x[:, c : c + 1]), 0.01), []
        for i, stage in enumerate(self.encoder[c]):
            x = run(stage, F.max_pool3d(x, 2) if i else x)
            levels.append(x)
        return levels

    def decode(self, decoder, fused):
        x = fused[-1]
        for i in reversed(range(len(WIDTHS) - 1)):
            x = F.interpolate(x, scale_factor=2, mode="trilinear", align_corners=False)
            x = run(decoder[str(i)], torch.cat([x, fused[i]], 1))
        return x

    def forward(self, x, present):
        levels = [self.encode(x, c) for c in range(INPUTS)]
        fused = []
        for i in range(len(WIDTHS)):
            rows = []
            for b, row in enumerate(present):
                features = torch.stack([levels[c][i][b] for c in range(INPUTS) if row[c]])
                if self.variational:
                    rows.append(product(*split(features))[0])
                else:
                    rows.append(torch.cat([features.mean(0), features.var(0, unbiased=False)]))
            fused.append(torch.stack(rows))
        return self.head(self.decode(self.decoder, fused)), fused[-1], levels, fused


def split(features):
    """Means and clipped logarithms of variances of [M, 2C, X, Y, Z]."""
    half = features.shape[1] // 2
    return features[:, :half], features[:, half:].clamp(-50, 50)


def product(means, logs):
    precisions = 1 / (logs.exp() + 1e-7)
    total = 1 + precisions.sum(0)
    return (means * precisions).sum(0) / total, (1 / total + 1e-7).log()


def kl(p, q):
    (m0, l0), (m1, l1) = p, q
    return 0.5 * (l1 - l0 + (l0.exp() + (m0 - m1) ** 2) / l1.exp() - 1).mean()


def divergence(levels, measured):
    terms = []
    for i in range(len(levels[0])):
        for b, row in enumerate(measured):
            channels = [c for c in range(len(row)) if row[c]]
            latents = torch.stack([levels[c][i][b] for c in channels])
            full, subsets = product(*split(latents)), []
            prior = torch.zeros_like(full[0]), torch.zeros_like(full[0])
            every = []
            for size in range(1, len(channels) + 1):
                for chosen in itertools.combinations(range(len(channels)), size):
                    q = product(*split(latents[list(chosen)]))
                    every.append(kl(q, prior))
                    if size < len(channels):
                        subsets.append(kl(full, q))
            term = torch.stack(every).mean()
            terms.append(term + torch.stack(subsets).mean() if subsets else term)
    return torch.stack(terms).mean()


def names(net):
    for key, value in net.named_parameters():
        parts = key.split(".")
        if parts[0] == "first":
            name = "encoder." + parts[1] + ".first." + parts[2]
        elif parts[0] == "output":
            name = "reconstruction." + parts[1] + ".output." + parts[2]
        else:
            name = key
        yield name, value


def write(folder, name, variational, seed):
    torch.manual_seed(seed)
    net = HeteroModal(variational)
    for key, value in net.named_parameters():
        if ".norm." in key:
            nn.init.normal_(value, 1.0 if key.endswith("weight") else 0.0, 0.3)
    image = torch.randn(2, INPUTS, 8, 4, 8)
    arrays = {"weights/" + k: v.detach().clone().contiguous() for k, v in names(net)}
    net = net.double()
    with torch.no_grad():
        logits, bottleneck, levels, fused = net(image.double(), PRESENT)
    arrays |= {"input": image, "logits": logits.float(), "bottleneck": bottleneck.float()}
    if variational:
        measured = [[True, True, True], [True, False, True]]
        with torch.no_grad():
            arrays["divergence"] = divergence(levels, measured).float()
            outputs = [net.output[c](net.decode(net.reconstruction[c], fused)) for c in range(INPUTS)]
        errors = []
        for b, row in enumerate(measured):
            for c in range(INPUTS):
                if row[c]:
                    errors.append(((outputs[c][b, 0] - image[b, c].double()) ** 2).mean())
                arrays[f"RECONSTRUCTION.0.{c}"] = outputs[c].float()
                for i in range(len(WIDTHS)):
                    arrays[f"LATENT.{i}.{c}"] = levels[c][i].float()
        arrays["error"] = torch.stack(errors).mean().float()
    save_file({k: v.contiguous() for k, v in arrays.items()}, folder / name)


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    write(target, "u-hemis.safetensors", False, 1)
    write(target, "u-hved.safetensors", True, 2)
