"""What nibabel says of NIfTI files: `write FOLDER` makes files of every datatype, `read FILE...` describes files, as JSON."""

import json
import os
import sys

import nibabel
import numpy

TYPES = ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]


def describe(file):
    image = nibabel.load(file)
    data = image.get_fdata()
    return {
        "file": file,
        "shape": list(image.shape),
        "affine": image.affine.tolist(),
        "dtype": image.get_data_dtype().str,
        "codes": [int(image.header["qform_code"]), int(image.header["sform_code"])],
        "voxels": data.ravel(order="F").tolist(),
    }


def write(folder):
    random = numpy.random.default_rng(7)
    files = []
    for kind, (header, image) in enumerate(
        [(nibabel.Nifti1Header, nibabel.Nifti1Image), (nibabel.Nifti2Header, nibabel.Nifti2Image)]
    ):
        for order in "<>":
            for i, name in enumerate(TYPES):
                dtype = numpy.dtype(name).newbyteorder(order)
                shape = tuple(random.integers(1, 7, 3))
                if dtype.kind == "f":
                    voxels = random.normal(0, 1e3, shape).astype(dtype)
                else:
                    info = numpy.iinfo(dtype)
                    voxels = random.integers(info.min, info.max, shape, dtype=name, endpoint=True).astype(dtype)
                q, _ = numpy.linalg.qr(random.normal(size=(3, 3)))
                affine = numpy.eye(4)
                affine[:3, :3] = q * random.uniform(0.5, 3, 3)
                affine[:3, 3] = random.uniform(-90, 90, 3)
                h = header(endianness=order)
                h.set_data_dtype(dtype)
                made = image(voxels, affine, h)
                made.header.set_slope_inter(*[(1, 0), (0.5, -3), (-2, 10)][i % 3])
                made.set_qform(affine, i % 2)
                made.set_sform(affine, (i + 1) % 2 if i % 4 else 1)
                suffix = [".nii", ".nii.gz", ".hdr"][i % 3]
                if suffix == ".hdr":
                    made = (nibabel.Nifti1Pair, nibabel.Nifti2Pair)[kind](voxels, made.affine, made.header)
                    made.header.set_slope_inter(*[(1, 0), (0.5, -3), (-2, 10)][i % 3])
                file = os.path.join(folder, f"v{kind}_{'le' if order == '<' else 'be'}_{name}{suffix}")
                nibabel.save(made, file)
                files.append(file)
    return files


if __name__ == "__main__":
    if sys.argv[1] == "write":
        print(json.dumps([describe(f) for f in write(sys.argv[2])]))
    else:
        print(json.dumps([describe(f) for f in sys.argv[2:]]))
