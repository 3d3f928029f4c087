"""Writes golden/augmentation.safetensors: what others make of one small volume. AugmentationGoldenTest holds ours to it.

Usage: python make_augmentation_fixture.py FOLDER      (needs numpy, scipy, torch, monai and safetensors)
Arrays are [X, Y, Z]. Each result stands beside the parameters in the test: change both.
"""

import pathlib
import sys

import numpy
import scipy.ndimage
import torch
from monai.transforms import RandBiasField
from safetensors.numpy import save_file

SIZE = (12, 15, 20)
random = numpy.random.default_rng(20261121)
image = (scipy.ndimage.gaussian_filter(random.normal(size=SIZE), 1) * 5 + 0.5).astype(numpy.float32)
wide = image.astype(numpy.float64)
arrays = {"image": image}


def rotation(degrees):
    a, b, c = numpy.radians(degrees)
    x = [[1, 0, 0], [0, numpy.cos(a), -numpy.sin(a)], [0, numpy.sin(a), numpy.cos(a)]]
    y = [[numpy.cos(b), 0, numpy.sin(b)], [0, 1, 0], [-numpy.sin(b), 0, numpy.cos(b)]]
    z = [[numpy.cos(c), -numpy.sin(c), 0], [numpy.sin(c), numpy.cos(c), 0], [0, 0, 1]]
    return numpy.array(z) @ numpy.array(y) @ numpy.array(x)


def affine(matrix, middle, size, mode):
    """The patch of this size whose voxel o is at middle + matrix (o - c)."""
    centre = (numpy.array(size) - 1) / 2
    return scipy.ndimage.affine_transform(
        wide, matrix, offset=numpy.array(middle) - matrix @ centre, output_shape=size, order=1, mode=mode)


# Rotated by 20, -25 and 30 degrees, scaled by 1.3, the second axis mirrored; a part of the patch lies beyond the image.
turned = rotation([20, -25, 30]) * 1.3 * numpy.array([1, -1, 1])
arrays["warped"] = affine(turned, [5, 8.5, 11], (8, 9, 10), "grid-constant")
# Of a label map each label is interpolated, and the largest share wins.
labels = numpy.digitize(wide, [-1, 0.5, 2]).astype(numpy.uint8)
arrays["labels"] = labels
shares = []
for label in range(4):
    centre = (numpy.array((8, 9, 10)) - 1) / 2
    shares.append(scipy.ndimage.affine_transform(
        (labels == label).astype(numpy.float64), turned, offset=numpy.array([5, 8.5, 11]) - turned @ centre,
        output_shape=(8, 9, 10), order=1, mode="grid-constant"))
# Beyond the image everything is label 0.
shares[0] += 1 - sum(shares)
arrays["voted"] = numpy.argmax(shares, axis=0).astype(numpy.uint8)
arrays["margin"] = (numpy.sort(shares, axis=0)[-1] - numpy.sort(shares, axis=0)[-2]).astype(numpy.float32)

arrays["blurred"] = scipy.ndimage.gaussian_filter(wide, [0.5, 0.8, 1.0])

tensor = torch.from_numpy(image)[None, None]
for share in (0.5, 0.7):
    coarse = torch.nn.functional.interpolate(tensor, [round(n * share) for n in SIZE], mode="nearest-exact")
    arrays[f"coarse{share}"] = torch.nn.functional.interpolate(coarse, SIZE, mode="trilinear")[0, 0].numpy()


def gamma(voxels, power):
    """nnU-Net's, statistics retained."""
    low, span = voxels.min(), voxels.max() - voxels.min()
    bent = ((voxels - low) / span) ** power * span + low
    return (bent - bent.mean()) / bent.std() * voxels.std() + voxels.mean()


arrays["gamma0.7"] = gamma(wide, 0.7)
arrays["gamma1.5"] = gamma(wide, 1.5)
arrays["inverted1.4"] = -gamma(-wide, 1.4)
arrays["contrast1.25"] = numpy.clip((wide - wide.mean()) * 1.25 + wide.mean(), wide.min(), wide.max())

# Coefficients in the order of MONAI: i, then j, then k, of total degree up to 3.
coefficients = [0.02 * (i + 1) * (-1) ** i for i in range(20)]
field = RandBiasField(degree=3)._generate_random_field(SIZE, 3, coefficients)
arrays["biased"] = wide * numpy.exp(field)


def k_space(voxels):
    return numpy.fft.fftshift(numpy.fft.fftn(voxels))


def image_of(k):
    return numpy.fft.ifftn(numpy.fft.ifftshift(k)).real


# Every fifth line along y and every fourth along z at 0.4 of its strength, the middle one as it was.
for axis, copies in ((1, 5), (2, 4)):
    k = k_space(wide)
    weaker = numpy.ones(SIZE[axis])
    middle = SIZE[axis] // 2
    weaker[middle % copies :: copies] = 0.4
    weaker[middle] = 1
    shape = [1, 1, 1]
    shape[axis] = -1
    arrays[f"ghosts{axis}"] = image_of(k * weaker.reshape(shape))

# A spike at (2, -3, 4): the real part of one wave of amplitude 0.5 standard deviations and phase 0.6.
grid = numpy.meshgrid(*[numpy.arange(n) / n for n in SIZE], indexing="ij")
wave = numpy.fft.fftn(numpy.exp(1j * (2 * numpy.pi * (2 * grid[0] - 3 * grid[1] + 4 * grid[2]) + 0.6)))
arrays["spiked"] = numpy.fft.ifftn(numpy.fft.fftn(wide) + 0.5 * wide.std() * wave).real

# Lines 0 to 6 along y from one moved image, 11 to 14 from another.
centre = (numpy.array(SIZE) - 1) / 2
k = k_space(wide)
for lines, degrees, shift in ((slice(0, 6), [3, -2, 4], [1, -0.5, 0.7]), (slice(11, 15), [-5, 1, 2], [0.3, 2, -1])):
    moved = affine(rotation(degrees), centre + shift, SIZE, "nearest")
    k[:, lines] = k_space(moved)[:, lines]
arrays["moved"] = image_of(k)

keep = {name: a if a.dtype == numpy.uint8 else a.astype(numpy.float32) for name, a in arrays.items()}
save_file({name: numpy.ascontiguousarray(a) for name, a in keep.items()}, pathlib.Path(sys.argv[1]) / "augmentation.safetensors")
