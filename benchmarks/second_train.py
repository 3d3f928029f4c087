"""The measurements of second_train.sh: LAUNCHER RECIPE [COHORT]."""

import gzip
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT = 5.0
# Where the header of NIfTI-1 has the text in which Preceptor declares the labels.
DESCRIPTION = slice(148, 228)
# The bar of the first step, which the launcher draws at once where the error stream is a terminal.
FIRST_STEP = re.compile(rb" 1/\d+  epoch 1/")


def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Machine:
    """Runs commands with caches of their own below a folder."""

    def __init__(self, launcher, folder):
        self.launcher = launcher
        self.folder = folder
        self.runs = 0

    def environment(self, statistics):
        native = os.environ.get("PRECEPTOR_CACHE") or str(
            Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "preceptor" / "native")
        Path(native).mkdir(parents=True, exist_ok=True)
        return dict(os.environ, XDG_CACHE_HOME=str(statistics), PRECEPTOR_CACHE=native,
                    JAVA_OPTS=os.environ.get("JAVA_OPTS", "") + " -Dpreceptor.columns=200")

    def command(self, statistics, *arguments):
        subprocess.run([self.launcher, *arguments], check=True, stdout=subprocess.DEVNULL, env=self.environment(statistics))

    def first_step(self, statistics, *arguments):
        """Seconds of the clock and of the processor until the first step is reported; the training is stopped then."""
        self.runs += 1
        run = self.folder / f"run{self.runs}"
        begin, cpu = time.monotonic(), children()
        process = subprocess.Popen([self.launcher, "train", *arguments, "--out", str(run)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, env=self.environment(statistics), start_new_session=True)
        seen, wall = b"", None
        while chunk := os.read(process.stderr.fileno(), 4096):
            seen += chunk
            if wall is None and FIRST_STEP.search(seen):
                wall = time.monotonic() - begin
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if wall is None:
            sys.exit("the training took no step: " + seen.decode(errors="replace")[-500:])
        shutil.rmtree(run, ignore_errors=True)
        return wall, children() - cpu


def renamed(cohort, target):
    """The cohort by links, with ids and label maps that do not say which labels these are: their values do."""
    for number, subject in enumerate(sorted(p for p in cohort.iterdir() if p.is_dir())):
        folder = target / f"patient{number:02d}"
        folder.mkdir(parents=True)
        for file in subject.glob("*.nii.gz"):
            link = folder / f"{folder.name}{file.name[file.name.rindex('_'):]}"
            if file.name.endswith("_seg.nii.gz"):
                volume = bytearray(gzip.decompress(file.read_bytes()))
                volume[DESCRIPTION] = bytes(DESCRIPTION.stop - DESCRIPTION.start)
                link.write_bytes(gzip.compress(bytes(volume), 1))
            else:
                link.symlink_to(file.resolve())
    return target


def main():
    launcher, recipe = sys.argv[1:3]
    slow = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        machine = Machine(launcher, folder)
        if len(sys.argv) > 3:
            cohorts = {Path(sys.argv[3]).name: Path(sys.argv[3])}
        else:
            phantoms = folder / "phantoms"
            machine.command(folder / "none", "phantom", "--subjects", "20", "--size", "64", "--out", str(phantoms))
            cohorts = {"20 phantoms of 64^3": phantoms, "the same, schema by values": renamed(phantoms, folder / "patients")}
        print("| cohort | command | first step after s | processor s |\n|---|---|---|---|", flush=True)
        for name, cohort in cohorts.items():
            plain = ["--cohort", str(cohort)]
            steps = ["--set", "optimization.epochs=100"]
            for what, fold in (("train", []), ("train --fold 1/5", ["--fold", "1/5"])):
                arguments = [recipe, *plain, *steps, *fold]
                statistics = folder / f"statistics{machine.runs}"
                cache = folder / f"cache{machine.runs}"
                rows = [("first command", machine.first_step(statistics, *arguments))]
                shutil.rmtree(statistics, ignore_errors=True)
                machine.command(statistics, "cohort", str(cohort))
                rows.append(("after cohort", machine.first_step(statistics, *arguments)))
                machine.first_step(statistics, *arguments, "--cache", str(cache))
                rows.append(("after train --cache", machine.first_step(statistics, *arguments, "--cache", str(cache))))
                for when, (wall, cpu) in rows:
                    print(f"| {name} | {what}, {when} | {wall:.1f} | {cpu:.1f} |", flush=True)
                    if when != "first command" and wall >= LIMIT:
                        slow.append(f"{what}, {when}, on {name}")
    if slow:
        sys.exit(f"{LIMIT:.0f} s or more: " + "; ".join(slow))


main()
