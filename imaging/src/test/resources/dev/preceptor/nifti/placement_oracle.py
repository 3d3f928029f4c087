"""Where nibabel and SimpleITK find pairs of files: `IMAGE COPY IMAGE COPY ...` must lie in one place. Exits with 1 if they do not."""

import sys

import nibabel
import numpy
import SimpleITK

FIELDS = [
    "quatern_b",
    "quatern_c",
    "quatern_d",
    "qoffset_x",
    "qoffset_y",
    "qoffset_z",
    "pixdim",
    "qform_code",
    "sform_code",
    "srow_x",
    "srow_y",
    "srow_z",
    "xyzt_units",
]


def itk(file):
    try:
        image = SimpleITK.ReadImage(file)
    except RuntimeError:
        return None
    return image.GetSize(), image.GetOrigin(), image.GetSpacing(), image.GetDirection()


def main(files):
    SimpleITK.ProcessObject.GlobalWarningDisplayOff()
    bad = read = 0
    for image, copy in zip(files[::2], files[1::2]):
        one, other = nibabel.load(image), nibabel.load(copy)
        for field in FIELDS:
            if not numpy.array_equal(one.header[field], other.header[field], equal_nan=one.header[field].dtype.kind == "f"):
                print(copy, field, other.header[field], "is not", one.header[field], "of", image)
                bad += 1
        if not numpy.array_equal(one.affine, other.affine):
            print(copy, "nibabel's affine differs from", image)
            bad += 1
        expected, found = itk(image), itk(copy)
        read += expected is not None
        if expected is not None and expected != found:
            print(copy, "SimpleITK:", found, "is not", expected, "of", image)
            bad += 1
    print(len(files) // 2, "pairs agree," if bad == 0 else "pairs compared,", read, "of them in SimpleITK")
    return 1 if bad else 0


sys.exit(main(sys.argv[1:]))
