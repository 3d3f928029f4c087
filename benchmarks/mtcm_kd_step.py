"""The training step of MTCM-KD in PyTorch, for benchmarks/training_step.sh: three teachers and their fusion, then the student.

Written from the paper (see docs/methods/mtcm-kd.md), not from the reference's code. Prints a line per step: wall and processor seconds,
peak resident MiB. Arguments: edge, batch, threads, steps, widths, and a device other than the CPU.
"""

import sys

import torch
from torch import nn
from torch.nn import functional as F

from step_clock import clocked


def groups(channels):
    return next(g for g in (6, 4, 3, 2, 1) if channels % g == 0)


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.main = nn.Sequential(
            nn.GroupNorm(groups(cin), cin), nn.LeakyReLU(inplace=True), nn.Conv3d(cin, cout, 3, stride, 1),
            nn.GroupNorm(groups(cout), cout), nn.LeakyReLU(inplace=True), nn.Conv3d(cout, cout, 3, 1, 1))
        self.skip = nn.Sequential(nn.Conv3d(cin, cout, 3, stride, 1), nn.GroupNorm(groups(cout), cout))

    def forward(self, x):
        return self.main(x) + self.skip(x)


class Gate(nn.Module):
    def __init__(self, channels):
        super().__init__()
        reduced = max(channels // 16, 1)
        self.mlp = nn.Sequential(nn.Linear(channels, reduced), nn.LeakyReLU(), nn.Linear(reduced, channels))

    def forward(self, x):
        mean = self.mlp(F.adaptive_avg_pool3d(x, 1).flatten(1))
        most = self.mlp(F.adaptive_max_pool3d(x, 1).flatten(1))
        return x * torch.sigmoid(mean + most)[:, :, None, None, None]


class ResUNet(nn.Module):
    def __init__(self, widths, heads):
        super().__init__()
        w = widths
        self.first = nn.Sequential(
            nn.Conv3d(1, w[0], 3, 1, 1), nn.InstanceNorm3d(w[0]), nn.LeakyReLU(inplace=True), nn.Conv3d(w[0], w[0], 3, 1, 1))
        self.first_skip = nn.Conv3d(1, w[0], 3, 1, 1)
        self.down = nn.ModuleList(Block(w[i], w[i + 1], 2) for i in range(len(w) - 1))
        self.up = nn.ModuleList(nn.ConvTranspose3d(w[i + 1], w[i + 1], 2, 2) for i in range(len(w) - 1))
        self.gate = nn.ModuleList(Gate(w[i + 1] + w[i]) for i in range(len(w) - 1))
        self.decode = nn.ModuleList(Block(w[i + 1] + w[i], w[i], 1) for i in range(len(w) - 1))
        self.head = nn.Conv3d(w[0], 4, 1)
        self.deep = nn.Conv3d(w[1], 4, 1) if heads else None

    def forward(self, x):
        encoded = [self.first(x) + self.first_skip(x)]
        for down in self.down:
            encoded.append(down(encoded[-1]))
        x = encoded[-1]
        half = None
        for i in reversed(range(len(self.up))):
            x = self.decode[i](self.gate[i](torch.cat([self.up[i](x), encoded[i]], 1)))
            if i == 1:
                half = x
        return self.head(x), (self.deep(half) if self.deep else half)


class Fusion(nn.Module):
    def __init__(self, channels, teachers):
        super().__init__()
        self.gates = nn.ModuleList(Gate(channels) for _ in range(teachers))
        self.evidence = nn.ModuleList(nn.Conv3d(channels, 4, 1) for _ in range(teachers))
        self.out = nn.Conv3d(4, 4, 1)

    def forward(self, features):
        return self.out(sum(e(g(f)) for e, g, f in zip(self.evidence, self.gates, features)))


def combination(logits, classes):
    p = torch.softmax(logits, 1)
    t = F.one_hot(classes, 4).movedim(4, 1).float()
    overlap = (p * t).sum((0, 2, 3))
    sizes = (p + t).sum((0, 2, 3))
    dice = (2 * overlap / (sizes + 1e-7)).mean()
    jaccard = (overlap / (sizes - overlap + 1e-7)).mean()
    return ((1 - dice) + (1 - jaccard) + F.cross_entropy(logits, classes)) / 3


def knowledge(student, teacher, t=20):
    return t * F.kl_div(F.log_softmax(student / t, 1), F.softmax(teacher / t, 1), reduction="batchmean")


def main(edge, batch, threads, steps, widths, device="cpu"):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    teachers = nn.ModuleList(ResUNet(widths, False) for _ in range(3)).to(device)
    student = ResUNet(widths, True).to(device)
    fusion = Fusion(widths[1], 3).to(device)
    teaching = torch.optim.Adam([*teachers.parameters(), *fusion.parameters()], lr=1e-4)
    learning = torch.optim.Adam(student.parameters(), lr=1e-4)
    for _ in clocked(steps):
        images = torch.randn(batch, 4, edge, edge, edge, device=device)
        classes = (torch.rand(batch, edge, edge, edge, device=device) * 4).long()
        half = classes[:, ::2, ::2, ::2]
        outputs = [teacher(images[:, k:k + 1]) for k, teacher in enumerate(teachers)]
        fused = fusion([features for _, features in outputs])
        loss = sum(combination(logits, classes) for logits, _ in outputs) + 0.08 * combination(fused, half)
        teaching.zero_grad()
        loss.backward()
        teaching.step()
        taught = [logits.detach() for logits, _ in outputs]
        fused = fused.detach()
        del outputs, loss
        logits, deep = student(images[:, 3:4])
        loss = (0.75 * combination(logits, classes) + sum(0.05 * knowledge(logits, t) for t in taught)
                + 0.1 * (0.7 * combination(deep, half) + 0.3 * knowledge(deep, fused)))
        learning.zero_grad()
        loss.backward()
        learning.step()
        loss.item()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:5]), [int(w) for w in sys.argv[5].split(",")], *sys.argv[6:7])
