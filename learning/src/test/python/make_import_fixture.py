"""Writes the fixture of WeightImportTest: the state_dict of a U-Net whose modules have other names than Preceptor's, in float16.

Usage: python make_import_fixture.py FOLDER      (needs torch and safetensors; any version from 1.13 on)
The file is committed under src/test/resources/golden; the same PyTorch gives the same bytes.
"""

import pathlib
import re
import sys

import torch
from make_unet_fixture import UNet
from safetensors.torch import save_file
from torch import nn


def renamed(key):
    key = re.sub(r"^encoder\.(\d)\.(\d)\.", r"net.down.\1.unit\2.", key)
    key = re.sub(r"^decoder\.(\d)\.(\d)\.", r"net.up.\1.unit\2.", key)
    return re.sub(r"^head\.", "net.out.", key)


if __name__ == "__main__":
    torch.manual_seed(5)
    net = UNet(1, 3, [2, 4, 8], 2)
    for key, value in net.named_parameters():
        if ".norm." in key:
            nn.init.normal_(value, 1.0 if key.endswith("weight") else 0.0, 0.3)
    net.half()
    arrays = {renamed(k): v.clone().contiguous() for k, v in net.state_dict().items()}
    image = torch.randn(1, 1, 16, 8, 12)
    with torch.no_grad():
        logits, _ = net.double()(image.double())
    arrays |= {"expected.input": image, "expected.logits": logits.float().contiguous()}
    save_file(arrays, pathlib.Path(sys.argv[1]) / "import.safetensors", {"format": "pt"})
