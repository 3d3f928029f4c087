"""The Python side of scores.sh: alternates Preceptor and its peers in one run, prints medians and ratios, compares scores.

The substitute for the official BraTS 2023 script takes the same steps in SciPy: for every lesion a dilation of the
whole volume, the predicted pieces that touch it, and distance transforms, with the table of areas of DeepMind's surface-distance.
It is timed twice: with distance transforms over the whole volume, and cropped to the masks as surface-distance does. Both
sides start from label maps in memory; for MONAI the masks are made before timing starts.
"""

import itertools
import json
import multiprocessing
import os
import pathlib
import statistics
import subprocess
import sys
import time
import warnings

# One thread each by default; must be set before the libraries are loaded.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import nibabel
import numpy as np
import scipy
from scipy import ndimage
from surface_distance import lookup_tables

ROUNDS = 5
WARM_UP = 8
REGIONS = {"WT": (1, 2, 3), "TC": (1, 3), "ET": (3,)}
EDGES = ndimage.generate_binary_structure(3, 2)
CORNERS = ndimage.generate_binary_structure(3, 3)
PENALTY = 374


KERNEL = lookup_tables.ENCODE_NEIGHBOURHOOD_3D_KERNEL
AREAS = lookup_tables.create_table_neighbour_code_to_surface_area((1, 1, 1))


def hd95(p, g, cropped):
    if not p.any() or not g.any():
        return PENALTY if p.any() or g.any() else 0
    if cropped:
        box = ndimage.find_objects((p | g).astype(np.uint8))[0]
        p, g = p[box], g[box]
    padded = [np.pad(m, ((0, 1),) * 3).astype(np.uint8) for m in (p, g)]
    codes = [ndimage.correlate(m, KERNEL, mode="constant") for m in padded]
    edge = [(c != 0) & (c != 255) for c in codes]
    maps = [ndimage.distance_transform_edt(~e) for e in edge]
    result = 0
    for distances, own, code in ((maps[1], edge[0], codes[0]), (maps[0], edge[1], codes[1])):
        found, areas = distances[own], AREAS[code[own]]
        pairs = np.array(sorted(zip(found, areas)))
        share = np.cumsum(pairs[:, 1]) / np.sum(pairs[:, 1])
        result = max(result, pairs[min(np.searchsorted(share, 0.95), len(pairs) - 1), 0])
    return result


def dice(p, g):
    return 2 * (p & g).sum() / (p.sum() + g.sum())


def brats_region(p, g, cropped, steps=3, ignored=50):
    whole = [dice(p, g) if p.any() or g.any() else 1, hd95(p, g, cropped)]
    overlap = (p == g)
    tp = overlap[p].sum()
    sensitivity = tp / g.sum() if g.any() else float(not p.any())
    specificity = (~p & ~g).sum() / (~g).sum()
    pieces, count = ndimage.label(p, CORNERS)
    grown, lesions = ndimage.label(ndimage.binary_dilation(g, EDGES, iterations=steps), CORNERS)
    grown = grown * g
    touched, rows, found = set(), [], 0
    for number in range(1, lesions + 1):
        lesion = grown == number
        near = ndimage.binary_dilation(lesion, EDGES, iterations=steps)
        touching = np.unique(pieces * near)
        touching = touching[touching != 0]
        touched.update(touching.tolist())
        partner = np.isin(pieces, touching)
        row = (dice(partner, lesion), hd95(partner, lesion, cropped) if len(touching) else PENALTY)
        if lesion.sum() > ignored:
            rows.append(row)
            found += len(touching) > 0
    false = count - len(touched)
    counted = len(rows) + false
    lw_dice = sum(r[0] for r in rows) / counted if counted else 1
    lw_hd95 = (sum(r[1] for r in rows) + PENALTY * false) / counted if counted else 0
    return [found, false, len(rows) - found, sensitivity, specificity, *whole, g.sum(), lw_dice, lw_hd95]


def brats(pair, cropped):
    figures = []
    for labels in REGIONS.values():
        p, g = (np.isin(m, labels) for m in pair)
        figures += brats_region(p, g, cropped)
    return figures


def brats_cropped(pair):
    return brats(pair, True)


def brats_full(pair):
    return brats(pair, False)


def monai_hd95(pair):
    import torch
    from monai.metrics import compute_hausdorff_distance

    torch.set_num_threads(1)
    y_pred, y = (torch.from_numpy(np.stack([np.isin(m, l) for l in REGIONS.values()])[None]) for m in pair)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = compute_hausdorff_distance(y_pred, y, include_background=True, percentile=95)
    return time.perf_counter() - start, found[0].tolist()


def timed(score, pair):
    start = time.perf_counter()
    figures = score(pair)
    if score is monai_hd95:
        return figures
    return time.perf_counter() - start, figures


PAIRS = []


def timed_by_number(task):
    return timed(task[0], PAIRS[task[1]])[1]


def agree(peer, ours, theirs):
    """MONAI has no distance to an empty mask; apart from that only the rounding of float32 may differ."""
    undefined = ~np.isfinite(theirs) if peer is monai_hd95 else np.zeros(len(theirs), bool)
    return len(ours) == len(theirs) and np.allclose(np.where(undefined, 0, ours), np.where(undefined, 0, theirs), atol=1e-5)


def main(expected, most, java):
    folder = pathlib.Path(expected).parent
    found = json.loads(pathlib.Path(expected).read_text())
    names = ([n for n in found if found[n]["prediction"].startswith("real/")] or list(found))[:most]
    files = [str(folder / found[n][key]) for n in names for key in ("prediction", "reference")]
    read = {f: np.asarray(nibabel.load(f).dataobj).astype(np.uint8) for f in set(files)}
    PAIRS.extend((read[p], read[g]) for p, g in zip(files[::2], files[1::2]))
    server = subprocess.Popen(java + files, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def preceptor(command):
        server.stdin.write(command + "\n")
        server.stdin.flush()
        milliseconds, *figures = server.stdout.readline().split()
        return float(milliseconds) / 1e3, [float(f) for f in figures]

    for command, i in itertools.product(("brats", "monai"), range(WARM_UP)):
        preceptor(f"{command} {i % len(PAIRS)}")
    cores = os.cpu_count()
    print(f"{len(PAIRS)} pairs of real masks, {cores} cores; scipy {scipy.__version__}, numpy {np.__version__}")
    print("seconds a pair, medians over pairs; ratio: median over pairs of theirs / ours")
    good = True
    # Whole volumes are slow: only every third pair, and not again on all threads.
    peers = [("BraTS 2023, SciPy, cropped", brats_cropped, "brats", 20, 1),
             ("MONAI HD95", monai_hd95, "monai", 3, 1),
             ("BraTS 2023, SciPy, whole volume", brats_full, "brats", 20, 3)]
    for title, peer, command, goal, step in peers:
        ours, theirs = [], []
        for i in range(0, len(PAIRS), step):
            seconds, figures = timed(peer, PAIRS[i])
            theirs.append(seconds)
            runs = [preceptor(f"{command} {i}") for _ in range(ROUNDS)]
            ours.append(statistics.median(r[0] for r in runs))
            if not agree(peer, runs[0][1], figures):
                print(f"FIGURES DIFFER on {names[i]}: ours {runs[0][1]}, theirs {figures}")
                good = False
        ratios = [b / a for a, b in zip(ours, theirs)]
        ratio = statistics.median(ratios)
        good &= ratio >= goal
        print(f"{title:32} one thread   ours {statistics.median(ours):7.3f}  theirs {statistics.median(theirs):7.3f}"
              f"  ratio {ratio:6.1f} (lowest {min(ratios):.1f}, goal {goal})", flush=True)
        if step > 1:
            continue
        with multiprocessing.get_context("fork").Pool(cores) as pool:
            start = time.perf_counter()
            pool.map(timed_by_number, [(peer, i) for i in range(len(PAIRS))], chunksize=1)
            all_theirs = time.perf_counter() - start
        all_ours = statistics.median(preceptor(f"{command} all {cores}")[0] for _ in range(ROUNDS))
        ratio = all_theirs / all_ours
        good &= ratio >= goal
        print(f"{title:32} all threads  ours {all_ours / len(PAIRS):7.3f}  theirs {all_theirs / len(PAIRS):7.3f}"
              f"  ratio {ratio:6.1f} (goal {goal})", flush=True)
    server.stdin.close()
    server.wait()
    print("goals met, figures agree" if good else "A GOAL IS MISSED OR FIGURES DIFFER")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
