"""The training step of KD-Net's student in PyTorch, for benchmarks/training_step.sh: the frozen teacher's forward, then the student.

The network is that of docs/methods/kd-net.md with the usual layers of PyTorch. Prints a line per step: wall and processor
seconds, peak resident MiB. Arguments: edge, batch, threads, steps, widths, and a device other than the CPU.
"""

import sys

import torch
from torch import nn
from torch.nn import functional as F

from step_clock import clocked


class Stage(nn.Sequential):
    def __init__(self, cin, middle, cout):
        super().__init__(
            nn.Conv3d(cin, middle, 3, 1, 1), nn.InstanceNorm3d(middle, affine=True), nn.LeakyReLU(inplace=True),
            nn.Conv3d(middle, cout, 3, 1, 1), nn.InstanceNorm3d(cout, affine=True), nn.LeakyReLU(inplace=True))


class UNet(nn.Module):
    def __init__(self, inputs, widths):
        super().__init__()
        depth = len(widths) - 1
        self.encoder = nn.ModuleList()
        channels = inputs
        for i, width in enumerate(widths):
            out = width if i < depth else widths[i - 1]
            self.encoder.append(Stage(channels, width, out))
            channels = out
        self.decoder = nn.ModuleList()
        for i in reversed(range(depth)):
            out = widths[max(i - 1, 0)]
            self.decoder.append(Stage(channels + widths[i], widths[i], out))
            channels = out
        self.head = nn.Conv3d(channels, 3, 1)
        self.pool = nn.MaxPool3d(2)
        self.up = nn.Upsample(scale_factor=2, mode="trilinear")

    def forward(self, x):
        skipped = []
        for i, stage in enumerate(self.encoder):
            x = stage(self.pool(x) if i else x)
            skipped.append(x)
        bottleneck = skipped.pop()
        for stage in self.decoder:
            x = stage(torch.cat([self.up(x), skipped.pop()], 1))
        return self.head(x), bottleneck


def dice(p, y):
    overlap = (p * y).sum((2, 3, 4))
    return (1 - (2 * overlap + 1e-5) / (p.sum((2, 3, 4)) + y.sum((2, 3, 4)) + 1e-5)).mean()


def main(edge, batch, threads, steps, widths, device="cpu"):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    teacher, student = UNet(4, widths).to(device), UNet(1, widths).to(device)
    optimizer = torch.optim.Adam(student.parameters(), lr=1e-4)
    for _ in clocked(steps):
        images = torch.randn(batch, 4, edge, edge, edge, device=device)
        classes = (torch.rand(batch, edge, edge, edge, device=device) * 4).long()
        target = torch.stack([classes > 0, (classes == 1) | (classes == 3), classes == 3], 1).float()
        with torch.no_grad():
            taught, deepest = teacher(images)
        logits, bottleneck = student(images[:, 1:2])
        supervised = dice(logits.sigmoid(), target) + F.binary_cross_entropy_with_logits(logits, target)
        soft = torch.sigmoid(taught / 5)
        response = dice(logits.sigmoid(), soft) + F.binary_cross_entropy_with_logits(logits, (taught > 0).float())
        knowledge = F.kl_div(bottleneck.flatten(1).log_softmax(1), deepest.flatten(1).softmax(1), reduction="batchmean")
        loss = 0.75 * response + 0.25 * supervised + 10 * knowledge
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:5]), [int(w) for w in sys.argv[5].split(",")], *sys.argv[6:7])
