"""Segments one image with a model of Preceptor in PyTorch and MONAI, for benchmarks/predict_monai.sh.

    monai_predict.py MODEL IMAGE OUT [PROBABILITIES]

Networks unet and resunet with channel attention, written with the layers of PyTorch; the preprocessing by MONAI's transforms, tiles
and overlap of the model through sliding_window_inference with one tile at a time, which takes the least memory. Its blending weights
are given, so that the probabilities can be compared. PROBABILITIES: a .npy file for those of the regions WT, TC, ET on the grid of
the image.
"""

import json
import os
import struct
import sys

import nibabel
import numpy
import torch
from monai.inferers import sliding_window_inference
from monai.transforms import CenterSpatialCrop, Compose, CropForeground, LoadImage, NormalizeIntensity, Orientation
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F


def named(**modules):
    return nn.ModuleDict(modules)


class UNet(nn.Module):
    def __init__(self, inputs, outputs, widths, skips, heads):
        super().__init__()
        self.depth = len(widths) - 1
        self.skips = skips
        self.encoder, self.decoder = nn.ModuleList(), nn.ModuleList()
        channels = inputs
        for i, width in enumerate(widths):
            out = width if i < self.depth else widths[i - 1]
            self.encoder.append(self.stage(channels, width, out))
            channels = out
        decoder = []
        for i in reversed(range(self.depth)):
            out = widths[max(i - 1, 0)]
            decoder.append(self.stage(channels + (widths[i] if i < skips else 0), widths[i], out))
            channels = out
        self.decoder.extend(reversed(decoder))
        self.head = nn.Conv3d(channels, outputs, 1)

    @staticmethod
    def stage(cin, middle, cout):
        return nn.ModuleList([
            named(conv=nn.Conv3d(cin, middle, 3, 1, 1), norm=nn.InstanceNorm3d(middle, affine=True)),
            named(conv=nn.Conv3d(middle, cout, 3, 1, 1), norm=nn.InstanceNorm3d(cout, affine=True))])

    @staticmethod
    def run(stage, x):
        for part in stage:
            x = F.leaky_relu(part["norm"](part["conv"](x)), 0.01, inplace=True)
        return x

    def forward(self, x):
        skipped = []
        for i, stage in enumerate(self.encoder):
            x = self.run(stage, F.max_pool3d(x, 2) if i else x)
            skipped.append(x)
        skipped.pop()
        for i in reversed(range(self.depth)):
            x = F.interpolate(x, scale_factor=2, mode="trilinear")
            skip = skipped.pop()
            x = self.run(self.decoder[i], torch.cat([x, skip], 1) if i < self.skips else x)
        return self.head(x)


def groups(channels):
    return next(g for g in (6, 4, 3, 2, 1) if channels % g == 0)


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(groups(cin), cin), nn.Conv3d(cin, cout, 3, stride, 1)
        self.norm2, self.conv2 = nn.GroupNorm(groups(cout), cout), nn.Conv3d(cout, cout, 3, 1, 1)
        self.skip = named(conv=nn.Conv3d(cin, cout, 3, stride, 1), norm=nn.GroupNorm(groups(cout), cout))

    def forward(self, x):
        skip = self.skip["norm"](self.skip["conv"](x))
        y = self.conv1(F.leaky_relu(self.norm1(x), 0.01, inplace=True))
        return self.conv2(F.leaky_relu(self.norm2(y), 0.01, inplace=True)) + skip


class Up(nn.Module):
    def __init__(self, below, skip):
        super().__init__()
        merged = below + skip
        reduced = max(merged // 16, 1)
        self.up = nn.ConvTranspose3d(below, below, 2, 2)
        self.gate = named(channel=named(reduce=nn.Linear(merged, reduced), expand=nn.Linear(reduced, merged)))
        self.block = Block(merged, skip, 1)

    def perceptron(self, x):
        gate = self.gate["channel"]
        return gate["expand"](F.leaky_relu(gate["reduce"](x), 0.01))

    def forward(self, x, skip):
        x = torch.cat([self.up(x), skip], 1)
        mean, most = x.mean((2, 3, 4)), x.amax((2, 3, 4))
        gate = torch.sigmoid(self.perceptron(mean) + self.perceptron(most))
        return self.block(x.mul_(gate[:, :, None, None, None]))


class ResUNet(nn.Module):
    def __init__(self, inputs, outputs, widths, attention, heads):
        super().__init__()
        if attention != "CHANNEL":
            sys.exit(f"the attention {attention} is not written here")
        depth = len(widths) - 1
        self.stem = named(conv1=nn.Conv3d(inputs, widths[0], 3, 1, 1), conv2=nn.Conv3d(widths[0], widths[0], 3, 1, 1),
                          skip=nn.Conv3d(inputs, widths[0], 3, 1, 1))
        self.encoder = named(**{str(i): Block(widths[i - 1], widths[i], 2) for i in range(1, depth + 1)})
        self.decoder = named(**{str(i): Up(widths[i + 1], widths[i]) for i in range(depth)})
        self.head = nn.Conv3d(widths[0], outputs, 1)

    def forward(self, x):
        y = F.leaky_relu(F.instance_norm(self.stem["conv1"](x)), 0.01, inplace=True)
        encoded = [self.stem["conv2"](y) + self.stem["skip"](x)]
        for block in self.encoder.values():
            encoded.append(block(encoded[-1]))
        x = encoded.pop()
        for i in reversed(range(len(encoded))):
            x = self.decoder[str(i)](x, encoded.pop())
        return self.head(x)


def blending(patch):
    axes = [torch.exp(-0.5 * ((torch.arange(n) - n // 2) / (n / 8)) ** 2) for n in patch]
    return axes[0][:, None, None] * axes[1][None, :, None] * axes[2][None, None, :]


def main(model, image, out, probabilities=None):
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads())))
    with open(model, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    about = {key: json.loads(value) for key, value in header["__metadata__"].items() if key in
             ("network", "preprocessing", "patch", "overlap", "outputs")}
    spec, prepare = about["network"], about["preprocessing"]
    network = {"unet": UNet, "resunet": ResUNet}[spec["name"]](spec["inputs"], spec["outputs"], **spec["arguments"])
    weights = {name: tensor for name, tensor in load_file(model).items() if not name.startswith("deep.")}
    network.load_state_dict(weights)
    network.eval()

    load = Compose([LoadImage(image_only=True, ensure_channel_first=True), Orientation(axcodes=prepare["orientation"], labels=None)])
    whole = load(image)
    affine, size = whole.affine, whole.shape[1:]
    x = NormalizeIntensity(nonzero=True)(whole)
    if prepare["crop"] == "BRAIN":
        start, end = CropForeground(select_fn=lambda v: v != 0).compute_bounding_box(whole)
        start, end = [int(i) for i in start], [int(i) for i in end]
        x = x[:, start[0]:end[0], start[1]:end[1], start[2]:end[2]]
    else:
        start = [(n - m) // 2 for n, m in zip(size, prepare["size"])]
        end = [s + m for s, m in zip(start, prepare["size"])]
        x = CenterSpatialCrop(prepare["size"])(x)
    stride = prepare["stride"]
    x = torch.as_tensor(x.as_tensor()[:, ::stride, ::stride, ::stride])[None].float()
    with torch.inference_mode():
        logits = sliding_window_inference(x, about["patch"], 1, network, overlap=about["overlap"], mode="gaussian",
                                          roi_weight_map=blending(about["patch"]))
        if about["outputs"] == "CLASSES":
            p = torch.softmax(logits[0], 0)
            regions = torch.stack([p[1] + p[2] + p[3], p[1] + p[3], p[3]])
        else:
            regions = torch.sigmoid(logits[0])
        if stride > 1:
            regions = inverse(regions, stride, [e - s for s, e in zip(start, end)])
    full = numpy.zeros((3, *size), numpy.float32)
    full[:, start[0]:end[0], start[1]:end[1], start[2]:end[2]] = regions.numpy()
    if about["outputs"] == "CLASSES":
        wt, tc, et = full
        classes = numpy.stack([1 - wt, tc - et, wt - tc, et]).argmax(0)
        labels = numpy.array([0, 1, 2, 4], numpy.uint8)[classes]
    else:
        labels = numpy.zeros(size, numpy.uint8)
        for region, value in zip(full, (2, 1, 4)):
            labels[region > 0.5] = value
    original = nibabel.load(image)
    turn = nibabel.orientations.ornt_transform(
        nibabel.orientations.axcodes2ornt(prepare["orientation"]), nibabel.io_orientation(original.affine))
    labels = nibabel.orientations.apply_orientation(labels, turn)
    nibabel.save(nibabel.Nifti1Image(labels, original.affine), out)
    if probabilities:
        numpy.save(probabilities, numpy.stack([nibabel.orientations.apply_orientation(r, turn) for r in full]))


def inverse(regions, stride, size):
    """Linear between the voxel centres that were taken, constant beyond the last."""
    for axis, extent in enumerate(size, 1):
        position = torch.arange(extent) / stride
        lower = position.floor().long().clamp(max=regions.shape[axis] - 1)
        upper = (lower + 1).clamp(max=regions.shape[axis] - 1)
        shape = [1] * 4
        shape[axis] = extent
        share = (position - lower).view(shape)
        regions = regions.index_select(axis, lower) * (1 - share) + regions.index_select(axis, upper) * share
    return regions


if __name__ == "__main__":
    main(*sys.argv[1:])
