"""The Python side of nifti_read.sh: alternates nibabel and Preceptor in one run and prints medians and ratios."""

import statistics
import subprocess
import sys
import time

import nibabel
import numpy

WARM_UP = 8
ROUNDS = 15


def nibabel_read(files):
    start = time.perf_counter()
    volumes = [nibabel.load(f).get_fdata(dtype=numpy.float32) for f in files]
    milliseconds = (time.perf_counter() - start) * 1e3
    return milliseconds, sum(float(v.sum(dtype=numpy.float64)) for v in volumes)


def main(java, files):
    files = (files * 4)[:4]
    server = subprocess.Popen(java + files, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def preceptor(command):
        server.stdin.write(command + "\n")
        server.stdin.flush()
        milliseconds, total = server.stdout.readline().split()
        return float(milliseconds), float(total)

    ours, theirs, ours_all, theirs_all, agree = [], [], [], [], True
    for i in range(WARM_UP + ROUNDS):
        file = files[i % len(files)]
        pairs = [(preceptor("one " + file), nibabel_read([file])), (preceptor("all"), nibabel_read(files))]
        for mine, other in pairs:
            agree &= abs(mine[1] - other[1]) <= 1e-9 * max(1.0, abs(other[1]))
        if i >= WARM_UP:
            ours.append(pairs[0][0][0])
            theirs.append(pairs[0][1][0])
            ours_all.append(pairs[1][0][0])
            theirs_all.append(pairs[1][1][0])
    server.stdin.close()
    server.wait()
    print(f"nibabel {nibabel.__version__}, numpy {numpy.__version__}; medians of {ROUNDS} alternating rounds")
    for name, mine, other, goal in (("one file", ours, theirs, 1.4), ("four files", ours_all, theirs_all, 2.5)):
        a, b = statistics.median(mine), statistics.median(other)
        print(f"{name:10}  preceptor {a:7.1f} ms  nibabel {b:7.1f} ms  ratio {b / a:.2f} (goal {goal})")
    print("sums of voxels agree" if agree else "SUMS OF VOXELS DIFFER")
    return 0 if agree else 1


if __name__ == "__main__":
    split = sys.argv.index("--")
    sys.exit(main(sys.argv[1:split], sys.argv[split + 1 :]))
