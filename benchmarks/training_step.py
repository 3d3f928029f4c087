"""Summarises the measurements of benchmarks/training_step.sh."""

import re
import sys
import time

import torch

GOAL = 0.85


def steps(path):
    return [[float(x) for x in line.split()] for line in open(path)]


def convolutions(path):
    """Operations and seconds of the convolutions of the last step, as oneDNN reports them: padding counts as work, Winograd saves it."""
    operations = seconds = 0
    past = 0
    for line in open(path):
        fields = line.strip().split(",")
        if re.fullmatch(r"[0-9.]+ [0-9.]+ [0-9]+", line.strip()):
            past += 1
        if past != 1 or "exec" not in fields or "convolution" not in fields:
            continue
        shape = dict(re.findall(r"([a-z]+)(\d+)", fields[-2]))
        # Winograd's convolutions are those of planes, which have no depth.
        kernel = int(shape.get("kd", 1)) * int(shape["kh"]) * int(shape["kw"])
        places = int(shape.get("od", 1)) * int(shape["oh"]) * int(shape["ow"])
        operations += 2 * int(shape["mb"]) * int(shape["ic"]) * int(shape["oc"]) * kernel * places
        seconds += float(fields[-1]) / 1e3
    return operations, seconds


def peak(threads):
    torch.set_num_threads(threads)
    a, b = torch.randn(2048, 2048), torch.randn(2048, 2048)
    best = 1e9
    for _ in range(10):
        start = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - start)
    return 2 * 2048**3 / best


def main(folder, network, edge, threads, widths, batch):
    print(f"step of {network}, {edge}^3, batch {batch}, widths {widths}, {threads} thread(s), PyTorch {torch.__version__}")
    rows = {}
    for name, title in (("ours", "ours"), ("torch", "PyTorch as it comes"), ("tuned", "PyTorch in our environment")):
        all_steps = steps(f"{folder}/{name}")
        rows[name] = [min(s[0] for s in all_steps), min(s[1] for s in all_steps), max(s[2] for s in all_steps)]
        print("{:27} wall {:.3f} s, cpu {:.3f} s, memory {:.0f} MiB".format(title, *rows[name]))
    ratios = {}
    for name in ("torch", "tuned"):
        ratios[name] = [a / b for a, b in zip(rows["ours"], rows[name])]
        print("ours / {:27} wall {:.3f}, cpu {:.3f}, memory {:.3f}".format(
            "PyTorch as it comes" if name == "torch" else "PyTorch in our environment", *ratios[name]))
    operations, seconds = convolutions(f"{folder}/profile")
    best = peak(int(threads))
    print(f"convolutions in oneDNN: {operations / 1e9:.0f} G operations in {seconds:.2f} s, {operations / seconds / 1e9:.0f} G/s; "
          f"matrix product of 2048^2: {best / 1e9:.0f} G/s, share {operations / seconds / best:.2f}")
    sys.exit(max(ratios["torch"][1:]) > GOAL)


if __name__ == "__main__":
    main(*sys.argv[1:])
