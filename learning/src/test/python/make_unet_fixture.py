"""Writes the fixtures of UNetForwardTest: the U-Net of KD-Net written a second time, in PyTorch.

Usage: python make_unet_fixture.py FOLDER      (needs torch and safetensors; any version from 2.0 on)
The files are committed under src/test/resources/golden; the same PyTorch gives the same bytes.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F


class Unit(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv3d(inputs, outputs, 3, padding=1)
        self.norm = nn.InstanceNorm3d(outputs, affine=True)

    def forward(self, x):
        return F.leaky_relu(self.norm(self.conv(x)), 0.01)


class UNet(nn.Module):
    def __init__(self, inputs, outputs, widths, skips):
        super().__init__()
        depth = len(widths) - 1
        self.depth, self.skips = depth, skips
        self.encoder, channels = nn.ModuleList(), inputs
        for i, width in enumerate(widths):
            second = width if i < depth else widths[i - 1]
            self.encoder.append(nn.Sequential(Unit(channels, width), Unit(width, second)))
            channels = second
        decoder = {}
        for i in reversed(range(depth)):
            merged = channels + (widths[i] if i < skips else 0)
            channels = widths[max(i - 1, 0)]
            decoder[i] = nn.Sequential(Unit(merged, widths[i]), Unit(widths[i], channels))
        self.decoder = nn.ModuleList(decoder[i] for i in range(depth))
        self.head = nn.Conv3d(channels, outputs, 1)

    def forward(self, x):
        skipped = []
        x = self.encoder[0](x)
        for stage in list(self.encoder)[1:]:
            skipped.append(x)
            x = stage(F.max_pool3d(x, 2))
        bottleneck = x
        for i in reversed(range(self.depth)):
            x = F.interpolate(x, scale_factor=2, mode="trilinear", align_corners=False)
            if i < self.skips:
                x = torch.cat([x, skipped[i]], 1)
            x = self.decoder[i](x)
        return self.head(x), bottleneck


def write(folder, name, inputs, outputs, widths, skips, seed):
    torch.manual_seed(seed)
    net = UNet(inputs, outputs, widths, skips)
    for key, value in net.named_parameters():
        if ".norm." in key:
            nn.init.normal_(value, 1.0 if key.endswith("weight") else 0.0, 0.3)
    image = torch.randn(1, inputs, 16, 8, 12) if skips < len(widths) - 1 else torch.randn(1, inputs, 16, 16, 16)
    with torch.no_grad():
        logits, bottleneck = net.double()(image.double())
    arrays = {"weights/" + k: v.detach().float().contiguous() for k, v in net.named_parameters()}
    arrays |= {"input": image, "logits": logits.float().contiguous(), "bottleneck": bottleneck.float().contiguous()}
    metadata = {"network": json.dumps({"inputs": inputs, "outputs": outputs, "widths": widths, "skips": skips})}
    save_file(arrays, folder / name, metadata)


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    write(target, "unet.safetensors", 2, 3, [4, 8, 16], 2, 1)
    write(target, "unet-one-skip.safetensors", 1, 4, [4, 8, 16], 1, 2)
