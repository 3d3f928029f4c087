"""Writes the fixtures of NnUNetTest and MultiResUNetTest: both networks written a second time, in PyTorch.

Usage: python make_network_fixture.py FOLDER      (needs torch and safetensors; any version from 1.13 on)
The files are committed under src/test/resources/golden; the same PyTorch gives the same bytes.

Each file holds an input, the weights, every output, and the gradients of the sum of the mean squares of all outputs. The bias
of a convolution before a norm has no gradient in it, because the norm subtracts the bias.

NnUNet was compared with PlainConvUNet and ResidualEncoderUNet of dynamic-network-architectures 0.4.4: equal numbers of weights
(31,196,399 and 31,198,991 for the plain network of nnU-Net), and the same outputs with equal weights.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

BLOCKS = [1, 3, 4, 6, 6, 6, 6]


def norm(channels):
    return nn.InstanceNorm3d(channels, affine=True)


class Unit(nn.Module):
    """Convolution, norm and, unless the slope is None, LeakyReLU; ReLU with slope 0."""

    def __init__(self, inputs, outputs, kernel=3, stride=1, bias=True, slope=0.01):
        super().__init__()
        self.conv = nn.Conv3d(inputs, outputs, kernel, stride, kernel // 2, bias=bias)
        self.norm = norm(outputs)
        self.slope = slope

    def forward(self, x):
        x = self.norm(self.conv(x))
        return x if self.slope is None else F.leaky_relu(x, self.slope)


class Residual(nn.Sequential):
    def __init__(self, inputs, outputs, stride):
        super().__init__(Unit(inputs, outputs, stride=stride), Unit(outputs, outputs, slope=None))
        self.stride = stride
        self.projects = inputs != outputs
        if self.projects:
            self.skip = Unit(inputs, outputs, 1, bias=False, slope=None)

    def forward(self, x):
        shortcut = F.avg_pool3d(x, self.stride) if self.stride > 1 else x
        if self.projects:
            shortcut = self.skip(shortcut)
        return F.leaky_relu(self[1](self[0](x)) + shortcut, 0.01)


class NnUNetDecoderStage(nn.Sequential):
    def __init__(self, below, width, units):
        super().__init__(*[Unit(2 * width if i == 0 else width, width) for i in range(units)])
        self.up = nn.ConvTranspose3d(below, width, 2, 2)

    def forward(self, x, skip):
        x = torch.cat([self.up(x), skip], 1)
        for i in range(len(self) - 1):
            x = self[i](x)
        return x


class NnUNet(nn.Module):
    def __init__(self, inputs, outputs, widths, encoder, heads):
        super().__init__()
        if encoder == "RESIDUAL":
            self.stem = Unit(inputs, widths[0])
        self.encoder = nn.ModuleList()
        for i, width in enumerate(widths):
            stride = 2 if i else 1
            before = widths[i - 1] if i else (widths[0] if encoder == "RESIDUAL" else inputs)
            if encoder == "RESIDUAL":
                stage = [Residual(width if j else before, width, 1 if j else stride) for j in range(BLOCKS[i])]
            else:
                stage = [Unit(before, width, stride=stride), Unit(width, width)]
            self.encoder.append(nn.Sequential(*stage))
        units = 2 if encoder == "PLAIN" else 1
        self.decoder = nn.ModuleList(NnUNetDecoderStage(widths[i + 1], widths[i], units) for i in range(len(widths) - 1))
        self.head = nn.Conv3d(widths[0], outputs, 1)
        self.deep = nn.ModuleDict({str(i): nn.Conv3d(widths[i], outputs, 1) for i in range(1, heads + 1)})

    def forward(self, x):
        if hasattr(self, "stem"):
            x = self.stem(x)
        skips = []
        for stage in self.encoder:
            x = stage(x)
            skips.append(x)
        return outputs_of(self, x, skips, lambda i, x: self.decoder[i](x, skips[i]))


class MultiRes(nn.ModuleDict):
    def __init__(self, inputs, width):
        scaled = 1.67 * width
        channels = [int(scaled * 0.167), int(scaled * 0.333), int(scaled * 0.5)]
        self_channels = sum(channels)
        before = [inputs] + channels[:2]
        super().__init__({str(i): Unit(before[i], channels[i], slope=0) for i in range(3)})
        self["shortcut"] = Unit(inputs, self_channels, 1, slope=None)
        self["norm1"] = norm(self_channels)
        self["norm2"] = norm(self_channels)
        self.channels = self_channels

    def forward(self, x):
        shortcut = self["shortcut"](x)
        three = self["0"](x)
        five = self["1"](three)
        seven = self["2"](five)
        x = self["norm1"](torch.cat([three, five, seven], 1)) + shortcut
        return F.relu(self["norm2"](x))


class PathUnit(Unit):
    def __init__(self, channels):
        super().__init__(channels, channels, slope=0)
        self.norm1 = norm(channels)
        self.shortcut = Unit(channels, channels, 1, slope=None)
        self.norm2 = norm(channels)

    def forward(self, x):
        main = F.relu(self.norm1(super().forward(x)))
        return F.relu(self.norm2(main + self.shortcut(x)))


class MultiResDecoderStage(MultiRes):
    def __init__(self, below, skip, width):
        super().__init__(width + skip, width)
        self["up"] = nn.ConvTranspose3d(below, width, 2, 2)

    def forward(self, x, skip):
        return super().forward(torch.cat([self["up"](x), skip], 1))


class MultiResUNet(nn.Module):
    def __init__(self, inputs, outputs, widths, heads):
        super().__init__()
        depth = len(widths) - 1
        self.encoder, before = nn.ModuleList(), inputs
        for width in widths:
            self.encoder.append(MultiRes(before, width))
            before = self.encoder[-1].channels
        channels = [block.channels for block in self.encoder]
        self.skip = nn.ModuleList(
            nn.Sequential(*[PathUnit(channels[i]) for _ in range(depth - i)]) for i in range(depth)
        )
        self.decoder = nn.ModuleList(
            MultiResDecoderStage(channels[i + 1], channels[i], widths[i]) for i in range(depth)
        )
        self.head = nn.Conv3d(channels[0], outputs, 1)
        self.deep = nn.ModuleDict({str(i): nn.Conv3d(channels[i], outputs, 1) for i in range(1, heads + 1)})

    def forward(self, x):
        encoded = []
        for i, block in enumerate(self.encoder):
            x = block(F.max_pool3d(x, 2) if i else x)
            encoded.append(x)
        return outputs_of(self, x, encoded, lambda i, x: self.decoder[i](x, self.skip[i](encoded[i])))


def outputs_of(net, x, encoded, decode):
    outputs = {"bottleneck": x}
    for i in reversed(range(len(encoded) - 1)):
        x = decode(i, x)
        outputs["decoder%d" % i] = x
        if str(i) in net.deep:
            outputs["deep%d" % i] = net.deep[str(i)](x)
    return outputs | {"logits": net.head(x)}


def write(folder, name, build, seed, **arguments):
    torch.manual_seed(seed)
    net = build(**arguments)
    for key, value in net.named_parameters():
        if "norm" in key:
            nn.init.normal_(value, 1.0 if key.endswith("weight") else 0.0, 0.3)
    image = torch.randn(1, arguments["inputs"], 16, 8, 12)
    outputs = net.double()(image.double())
    sum(value.square().mean() for value in outputs.values()).backward()
    arrays = {"input": image} | {key: value.detach().float().contiguous() for key, value in outputs.items()}
    for key, value in net.named_parameters():
        arrays["weights/" + key] = value.detach().float().contiguous()
        if value.grad.abs().max() > 1e-12:
            arrays["gradients/" + key] = value.grad.float().contiguous()
    save_file(arrays, folder / name, {"network": json.dumps(arguments)})


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    write(target, "nnunet-plain.safetensors", NnUNet, 1, inputs=2, outputs=3, widths=[4, 6, 8], encoder="PLAIN", heads=1)
    write(target, "nnunet-residual.safetensors", NnUNet, 2, inputs=1, outputs=4, widths=[4, 6, 6], encoder="RESIDUAL", heads=1)
    write(target, "multiresunet.safetensors", MultiResUNet, 3, inputs=2, outputs=3, widths=[4, 6, 8], heads=1)
