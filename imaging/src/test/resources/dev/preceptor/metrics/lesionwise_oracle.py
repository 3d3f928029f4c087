"""Writes lesionwise_oracle.json: scores of made-up masks, by the algorithms of the official BraTS code in NumPy and SciPy.

Surfaces are those of DeepMind's surface-distance from PyPI, pieces those of connected-components-3d. Needs numpy, scipy,
surface-distance and connected-components-3d:  python lesionwise_oracle.py > lesionwise_oracle.json
"""

import json
import sys

import cc3d
import numpy as np
import surface_distance
from scipy import ndimage

SIZE = (44, 40, 36)
EDGES = ndimage.generate_binary_structure(3, 2)
RULES = {
    "2023 GLI": (3, 50, 374), "2023 MEN": (1, 50, 374), "2023 MET": (1, 2, 374), "2023 PED": (3, 50, 374),
    "2023 SSA": (3, 50, 374), "2024 GLI": (3, 20, 337), "2024 PED": (5, 10, 374),
}
LABELS = {"WT": (1, 2, 3), "TC": (1, 3), "ET": (3,), "NETC": (1,), "SNFH": (2,), "RC": (4,)}
ALONG = {"NETC": ["ET", "RC"], "ET": ["NETC", "RC"], "RC": ["ET", "NETC"], "SNFH": ["ET", "RC", "NETC"]}


def thresholds(rules, region):
    steps, ignored, penalty = RULES[rules]
    if rules == "2024 GLI":
        steps = 5 if region in ("NETC", "RC") else 3
        ignored = 10 if region == "ET" else 20
    return steps, ignored, penalty


def joined(mask, steps):
    grown = ndimage.binary_dilation(mask, EDGES, iterations=steps)
    return cc3d.connected_components(grown, connectivity=26).astype(int) * mask


def without_small(parts, voxels):
    for number in np.unique(parts[parts > 0]):
        if (parts == number).sum() <= voxels:
            parts[parts == number] = 0
    return parts


def joined_along(parts, others):
    merged = parts.copy()
    fresh = max(parts.max(), 0) + 1
    for number in np.unique(parts[parts > 0]):
        near = ndimage.binary_dilation(parts == number, EDGES)
        touching = np.unique(others[near & (others > 0)])
        if len(touching) > 0:
            merged[parts == number] = fresh + touching[0]
    return merged


def surfaces(p, g, spacing):
    return surface_distance.compute_surface_distances(g, p, spacing)


def deepmind(p, g, spacing, both, one):
    if not p.any() or not g.any():
        return one if p.any() or g.any() else both
    return float(surface_distance.compute_robust_hausdorff(surfaces(p, g, spacing), 95))


def borders(p, g, spacing):
    edge = [m ^ ndimage.binary_erosion(m, ndimage.generate_binary_structure(3, 1)) for m in (p, g)]
    there = ndimage.distance_transform_edt(~edge[1], sampling=spacing)[edge[0]]
    back = ndimage.distance_transform_edt(~edge[0], sampling=spacing)[edge[1]]
    return there, back


def border_dice(p, g, spacing, tolerance):
    if not p.any() or not g.any():
        return float(p.any() == g.any())
    there, back = borders(p, g, spacing)
    return float(((there <= tolerance).mean() + (back <= tolerance).mean()) / (2 + 1e-8))


def dice(p, g):
    return float(2 * (p & g).sum() / (p.sum() + g.sum())) if p.any() or g.any() else 1.0


def score(rules, region, lesions, pieces, spacing):
    steps, ignored, penalty = thresholds(rules, region)
    volume = float(np.prod(spacing))
    p, g = pieces > 0, lesions > 0
    touched, rows, found, missed = set(), [], 0, 0
    for number in np.unique(lesions[g]):
        lesion = lesions == number
        near = ndimage.binary_dilation(lesion, EDGES, iterations=steps)
        touching = [int(n) for n in np.unique(pieces[near & p])]
        touched.update(touching)
        if lesion.sum() * volume <= ignored:
            continue
        partner = np.isin(pieces, touching) & p
        found, missed = found + bool(touching), missed + (not touching)
        rows.append((dice(partner, lesion), deepmind(partner, lesion, spacing, 0, penalty),
                     border_dice(partner, lesion, spacing, 0.5), border_dice(partner, lesion, spacing, 1)))
    false = len(set(np.unique(pieces[p]).tolist()) - touched)
    counted = len(rows) + false
    sums = np.array(rows).sum(axis=0) if rows else np.zeros(4)
    means = [1, 0, 1, 1] if counted == 0 else (sums + [0, penalty * false, 0, 0]) / counted
    tp, fp, fn, tn = (p & g).sum(), (p & ~g).sum(), (~p & g).sum(), (~p & ~g).sum()
    figures = {
        "Num_TP": found, "Num_FP": false, "Num_FN": missed,
        "Sensitivity": tp / (tp + fn) if g.any() else float(not p.any()), "Specificity": tn / (tn + fp),
        "Legacy_Dice": dice(p, g), "Legacy_HD95": deepmind(p, g, spacing, 0, penalty),
        "GT_Complete_Volume": g.sum() * volume,
        "LesionWise_Score_Dice": means[0], "LesionWise_Score_HD95": means[1],
    }
    if rules == "2024 GLI":
        for name, tolerance, mean in (("0.5", 0.5, means[2]), ("1.0", 1, means[3])):
            figures["Legacy NSD @ " + name] = border_dice(p, g, spacing, tolerance)
            figures["LesionWise_Score_NSD @ " + name] = mean
    return {name: float(value) for name, value in figures.items()}


def brats(rules, prediction, reference, spacing):
    lesions, pieces = {}, {}
    for region in LABELS if rules == "2024 GLI" else ("WT", "TC", "ET"):
        steps, ignored, _ = thresholds(rules, region)
        p, g = (np.isin(m, LABELS[region]) for m in (prediction, reference))
        lesions[region] = joined(g, steps)
        pieces[region] = (without_small(joined(p, steps), ignored) if rules.startswith("2024")
                          else cc3d.connected_components(p, connectivity=26).astype(int))
    out = {}
    for region in lesions:
        parts = [lesions[region], pieces[region]]
        for other in ALONG.get(region, []) if rules == "2024 GLI" else []:
            parts = [joined_along(parts[0], lesions[other]), joined_along(parts[1], pieces[other])]
        out[region] = score(rules, region, *parts, spacing)
    return out


def whole(prediction, reference, spacing):
    out = {}
    for region in ("WT", "TC", "ET"):
        p, g = (np.isin(m, LABELS[region]) for m in (prediction, reference))
        if p.any() and g.any():
            there, back = borders(p, g, spacing)
            out[region] = {
                "medpy": float(np.percentile(np.hstack((there, back)), 95)),
                "monai": float(max(np.percentile(there, 95), np.percentile(back, 95))),
                "deepmind": deepmind(p, g, spacing, 0, 0),
                "surface_dice_1": float(surface_distance.compute_surface_dice_at_tolerance(surfaces(p, g, spacing), 1)),
                "surface_dice_2": float(surface_distance.compute_surface_dice_at_tolerance(surfaces(p, g, spacing), 2)),
            }
    return out


def boxes(random, lesions):
    made = []
    for _ in range(lesions):
        edge = [int(e) for e in random.integers(2, 9, 3)]
        corner = [int(random.integers(0, s - e)) for s, e in zip(SIZE, edge)]
        made.append([int(random.integers(1, 5))] + corner + edge)
        if random.random() < 0.6:
            inner = [max(1, e - 2) for e in edge]
            made.append([int(random.integers(1, 5))] + [c + 1 for c in corner] + inner)
    return made


def jittered(random, made):
    moved = []
    for box in made:
        if random.random() < 0.8:
            corner = [int(np.clip(c + random.integers(-2, 3), 0, s - e)) for c, s, e in zip(box[1:4], SIZE, box[4:])]
            moved.append([box[0]] + corner + box[4:])
    return moved + boxes(random, int(random.integers(0, 3)))


def painted(made):
    voxels = np.zeros(SIZE, int)
    for label, x, y, z, a, b, c in made:
        voxels[x:x + a, y:y + b, z:z + c] = label
    return voxels


def main():
    cases = []
    for seed in range(14):
        random = np.random.default_rng(seed)
        spacing = [1.0, 1.0, 1.0] if seed % 3 else [0.75, 1.0, 1.5]
        reference = boxes(random, int(random.integers(0, 9)))
        prediction = jittered(random, reference)
        p, g = painted(prediction), painted(reference)
        cases.append({"spacing": spacing, "prediction": prediction, "reference": reference,
                      "whole": whole(p, g, spacing), "brats": {r: brats(r, p, g, spacing) for r in RULES}})
    json.dump({"size": SIZE, "cases": cases}, sys.stdout, separators=(",", ":"))


main()
