"""Makes study/src/test/resources/dev/preceptor/statistics/fixture.json, the oracle of StatisticsTest.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1
    venv/bin/python study/scripts/statistics_fixture.py > study/src/test/resources/dev/preceptor/statistics/fixture.json

The samples are drawn with NumPy's seeded generator and rounded; nothing comes from a patient.
"""

import json
import sys

import numpy as np
import scipy
from scipy import stats


def paired(name, a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    d = a - b
    nonzero = d[d != 0]
    exact = len(nonzero) == len(set(np.abs(nonzero).tolist())) and len(nonzero) < 50
    ranks = stats.rankdata(np.abs(nonzero))
    plus, minus = ranks[nonzero > 0].sum(), ranks[nonzero < 0].sum()
    if len(nonzero) == 0:
        p = 1.0
    else:
        p = stats.wilcoxon(
            nonzero,
            zero_method="wilcox",
            correction=not exact,
            method="exact" if exact else "asymptotic",
        ).pvalue
    # Of the mean difference; a million draws, so that only the noise of the other side is left.
    interval = stats.bootstrap(
        (d,), np.mean, n_resamples=1_000_000, method="percentile", rng=np.random.default_rng(1), batch=10_000
    ).confidence_interval
    return {
        "name": name,
        "first": a.tolist(),
        "second": b.tolist(),
        "exact": bool(exact),
        "difference": d.mean(),
        "low": interval.low,
        "high": interval.high,
        "wins": int((d > 0).sum()),
        "ties": int((d == 0).sum()),
        "losses": int((d < 0).sum()),
        "p": p,
        "rankBiserial": 0.0 if len(nonzero) == 0 else (plus - minus) / (plus + minus),
        "cohenDz": d.mean() / d.std(ddof=1) if d.std(ddof=1) > 0 else None,
        "mean": a.mean(),
        "deviation": a.std(ddof=1),
        "median": float(np.median(a)),
    }


def holm(p):
    p = np.asarray(p)
    order = np.argsort(p)
    adjusted = np.empty(len(p))
    running = 0.0
    for rank, i in enumerate(order):
        running = max(running, min(1.0, (len(p) - rank) * p[i]))
        adjusted[i] = running
    return adjusted.tolist()


rng = np.random.default_rng(20261121)
cases = []
for n in (5, 8, 20, 49):
    base = rng.uniform(0.4, 0.9, n).round(6)
    cases.append(paired(f"{n} different", (base + rng.normal(0.02, 0.05, n)).round(6), base))
base = rng.uniform(0.4, 0.9, 80).round(6)
cases.append(paired("80 different, normal approximation", (base + rng.normal(0.01, 0.05, 80)).round(6), base))
base = rng.uniform(0.4, 0.9, 16).round(1)
cases.append(paired("ties and zeros", (base + rng.integers(-1, 4, 16) / 8), base))
base = rng.uniform(5, 40, 12).round(3)
other = (base + rng.normal(-3, 4, 12)).round(3)
other[3] = base[3]
cases.append(paired("one zero", other, base))
cases.append(paired("all equal", [0.5, 0.6, 0.7], [0.5, 0.6, 0.7]))

def gap(name, baseline, student, teacher):
    b, s, t = (np.asarray(x, float) for x in (baseline, student, teacher))
    draws = dict(n_resamples=1_000_000, method="percentile", rng=np.random.default_rng(2), batch=10_000)
    of_gap = stats.bootstrap((t - b,), np.mean, **draws).confidence_interval
    share = lambda s, b, t, axis: (s.mean(axis) - b.mean(axis)) / (t.mean(axis) - b.mean(axis))
    of_share = stats.bootstrap((s, b, t), share, paired=True, **draws).confidence_interval
    return {
        "name": name,
        "baseline": b.tolist(),
        "student": s.tolist(),
        "teacher": t.tolist(),
        "gap": (t - b).mean(),
        "gapLow": of_gap.low,
        "gapHigh": of_gap.high,
        "share": (s.mean() - b.mean()) / (t.mean() - b.mean()),
        "low": of_share.low,
        "high": of_share.high,
    }


base = rng.uniform(0.4, 0.9, 24).round(6)
gaps = [
    gap("24 subjects", base, (base + rng.normal(0.04, 0.03, 24)).round(6), (base + rng.normal(0.08, 0.05, 24)).round(6)),
    gap("no clear gap", base, (base + rng.normal(0.04, 0.03, 24)).round(6), (base + rng.normal(-0.02, 0.08, 24)).round(6)),
]

p = [0.01, 0.04, 0.03, 0.005, 0.5, 0.03]
fixture = {
    "made by": "study/scripts/statistics_fixture.py",
    "python": sys.version.split()[0],
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "cases": cases,
    "gaps": gaps,
    "holm": {"p": p, "adjusted": holm(p), "source": "Holm 1979, written out; equals statsmodels 0.15 multipletests(p, method='holm')"},
}
print(json.dumps(fixture, indent=1))
