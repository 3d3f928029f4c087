"""The measurements of plan.sh: CLASSES [--fit] [RECIPE EDGE BATCH [KEY=VALUE...]]."""

import subprocess
import sys

from java_command import java

MIB = 1 << 20
BOUNDS = (0.9, 1.1)
SETTINGS = {"float32": [], "bfloat16": ["compute.precision=BFLOAT16"]}
CASES = [(recipe, edge, "1", settings, precision)
         for recipe, edges in (("kd-net", ("32", "48", "64")), ("mtcm-kd", ("32", "48", "64")))
         for precision, settings in SETTINGS.items() for edge in edges]
# For the fit alone: other shares of weights, logits and work space.
FURTHER = [(recipe, edge, batch, [*overrides, *settings], precision)
           for precision, settings in SETTINGS.items()
           for recipe, edge, batch, overrides in (
               ("baseline", "64", "2", ["network.widths=[16,32,64]", "network.skips=2"]),
               ("baseline", "64", "1", ["network.widths=[16,32,64]", "network.skips=2", "compute.recompute=STAGES"]),
               ("mtcm-kd", "48", "1", ["distillation.oneByOne=false"]))]


def lines(command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command[-5:])}: {result.stderr.strip()[-500:]}")
    return [line.split() for line in result.stdout.splitlines()]


class Measured:
    """A case with its planned parts and its measured peak, in MiB."""

    def __init__(self, classes, recipe, edge, batch, overrides, precision):
        self.name = (recipe, f"{edge}^3", batch, " ".join(o for o in overrides if not o.startswith("compute.precision")) or "", precision)
        self.precision = precision
        planned = lines(java(classes, "PlanBenchmark", recipe, edge, batch, *overrides))
        self.planned = int(planned[0][0]) / MIB
        self.peaks = [[int(number) / MIB for number in peak] for peak in planned[1:]]
        self.peak = int(lines(java(classes, "StepBenchmark", recipe, edge, batch, "1", "2", *overrides))[-1][2])

    def expected(self, factors):
        process, work, loss = factors
        return max(process + counted + work * largest + loss * logits for counted, largest, logits in self.peaks)

    def row(self, planned):
        return "| " + " | ".join([*self.name, f"{planned:.0f}", str(self.peak), f"{planned / self.peak:.2f}"]) + " |"


def fitted(cases):
    """The factors that minimise the squares of the relative errors, by a pattern search: the largest peak of a case depends on them."""
    def error(factors):
        return sum((case.expected(factors) / case.peak - 1) ** 2 for case in cases)

    factors, steps = [344.0, 6.0, 22.0], [100.0, 2.0, 8.0]
    best = error(factors)
    while max(steps[0] / 100, steps[1], steps[2]) > 1e-3:
        improved = False
        for i in range(3):
            for sign in (1, -1):
                tried = factors.copy()
                tried[i] = max(0.0, tried[i] + sign * steps[i])
                if error(tried) < best - 1e-12:
                    factors, best, improved = tried, error(tried), True
        if not improved:
            steps = [step / 2 for step in steps]
    return factors


def main():
    classes, arguments = sys.argv[1], sys.argv[2:]
    fits = arguments[:1] == ["--fit"]
    arguments = arguments[fits:]
    if arguments:
        recipe, edge, batch, *overrides = arguments
        precision = "bfloat16" if "compute.precision=BFLOAT16" in overrides else "float32"
        cases = [(recipe, edge, batch, overrides, precision)]
    else:
        cases = CASES + (FURTHER if fits else [])
    heading = ("| recipe | patch | batch | settings | precision | planned MiB | measured MiB | planned / measured |\n"
               "|---|---|---|---|---|---|---|---|")
    print(heading, flush=True)
    measured = []
    for case in cases:
        measured.append(Measured(classes, *case))
        print(measured[-1].row(measured[-1].planned), flush=True)
    if fits:
        for precision in sorted({case.precision for case in measured}):
            same = [case for case in measured if case.precision == precision]
            factors = fitted(same)
            print(f"\nFitted to {precision}: process {factors[0]:.0f} MiB, work {factors[1]:.2f}, loss {factors[2]:.1f}\n\n{heading}")
            for case in same:
                print(case.row(case.expected(factors)), flush=True)
    outside = [case for case in measured[:len(CASES)] if not BOUNDS[0] <= case.planned / case.peak <= BOUNDS[1]]
    if outside:
        sys.exit(f"{len(outside)} of {len(measured)} outside {BOUNDS[0]} to {BOUNDS[1]}: "
                 + "; ".join(" ".join(part for part in case.name if part) for case in outside))


main()
