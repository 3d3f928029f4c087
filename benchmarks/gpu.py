"""The measurements of gpu.sh: HOME CLASSES DEVICE EDGE BATCH GOLDEN."""

import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from java_command import java

STEPS = 12
WARM_UP = 4
PRECISIONS = {"FLOAT32": ["compute.precision=FLOAT32"], "TF32": ["compute.precision=TF32"], "BFLOAT16": ["compute.precision=BFLOAT16"]}
NETWORKS = {
    "KD-Net": ("kd-net", "unet_step.py", "30,60,120,240,480", []),
    "MTCM-KD": ("mtcm-kd-reference", "mtcm_kd_step.py", "32,64,128,256", ["distillation.oneByOne=false"]),
}
failures = []


class DeviceMemory:
    """The most that nvidia-smi reports for a process, in MiB."""

    def __init__(self, process):
        self.most = 0
        self.process = process
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        while self.process.poll() is None:
            used = subprocess.run(["nvidia-smi", "--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits"],
                                  capture_output=True, text=True).stdout
            for line in used.splitlines():
                pid, mebibytes = (part.strip() for part in line.split(",")[:2])
                if pid == str(self.process.pid) and mebibytes.isdigit():
                    self.most = max(self.most, int(mebibytes))
            try:
                self.process.wait(0.2)
            except subprocess.TimeoutExpired:
                pass


def run(command, what):
    """The lines that a command prints and its memory on the device; nothing if it fails, which is noted."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    memory = DeviceMemory(process)
    out, err = process.communicate()
    memory.thread.join()
    if process.returncode != 0:
        failures.append(f"{what}: {err.strip().splitlines()[-1] if err.strip() else process.returncode}")
        return [], 0
    return [line.split() for line in out.splitlines() if line.strip()], memory.most


def images_a_second(lines, batch):
    return batch / statistics.median(float(line[0]) for line in lines[WARM_UP:])


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def ranks(home, count):
    """Steps a second of a training with this number of ranks, each on a GPU of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        cohort, run_folder = Path(scratch) / "cohort", Path(scratch) / "run"
        subprocess.run([f"{home}/preceptor", "phantom", "--out", cohort, "--subjects", "8"], check=True, stdout=subprocess.DEVNULL)
        command = [f"{home}/preceptor", "train", "baseline", "--cohort", cohort, "--out", run_folder, "--device",
                   "cuda" if count > 1 else "cuda:0", "--set", "sampling.patch=[96,96,96]", "--set", "sampling.batch=4", "--set",
                   "sampling.stepsPerEpoch=20", "--set", "optimization.epochs=3", "--set", "validation.fraction=0"]
        environment = dict(os.environ, MASTER_ADDR="127.0.0.1", MASTER_PORT="29532")
        processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment if count == 1
                                      else dict(environment, RANK=str(rank), WORLD_SIZE=str(count), LOCAL_RANK=str(rank),
                                                LOCAL_WORLD_SIZE=str(count))) for rank in range(count)]
        for process in processes:
            _, err = process.communicate()
            if process.returncode != 0:
                failures.append(f"{count} ranks: {err.strip().splitlines()[-1] if err.strip() else process.returncode}")
                return None
        last = (run_folder / "metrics.jsonl").read_text().splitlines()[-1]
        return float(last.split('"steps_per_second":')[1].split(",")[0].rstrip("}"))


def main():
    home, classes, device, edge, batch, golden = sys.argv[1:7]
    if golden != "ok":
        failures.append("golden tests on the device")
    names = subprocess.run(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"], capture_output=True, text=True).stdout.split("\n")
    names = [name for name in names if name.strip()]
    has_torch = importlib.util.find_spec("torch") is not None
    print(f"{len(names)} GPU: {names[0] if names else 'unknown'}; patches of {edge}^3, batch {batch}; golden tests: {golden}\n")
    row("network", "precision", "loss against float32 on the CPU", "gradients", "images a second", "memory MiB", "PyTorch images a second",
        "PyTorch memory MiB", "ratio of images")
    row(*["---"] * 9)
    for network, (recipe, script, widths, overrides) in NETWORKS.items():
        widened = [*overrides, f"network.widths=[{widths}]"]
        differences, _ = run(java(classes, "PrecisionBenchmark", recipe, "32", "1", device, *widened, heap="4g"), f"precision of {network}")
        peer = None
        if has_torch:
            lines, memory = run([sys.executable, f"{home}/benchmarks/{script}", edge, batch, "4", str(STEPS), widths, device],
                                f"PyTorch's {network}")
            peer = (images_a_second(lines, int(batch)), memory) if lines else None
        for precision, settings in PRECISIONS.items():
            difference = next((line[1:] for line in differences if line[0] == precision), ["failed", "failed"])
            lines, memory = run(java(classes, "StepBenchmark", recipe, edge, batch, device, str(STEPS), *widened, *settings, heap="4g"),
                                f"{network} in {precision}")
            rate = images_a_second(lines, int(batch)) if lines else None
            # PyTorch computes in float32, with TF32 in its convolutions, as it comes.
            beside = peer if precision == "TF32" else None
            row(network, precision, *difference, f"{rate:.2f}" if rate else "failed", memory or "unknown",
                f"{beside[0]:.2f}" if beside else "", beside[1] if beside else "", f"{rate / beside[0]:.2f}" if rate and beside else "")
    if len(names) < 2:
        print("\nTwo NCCL ranks: not measured, one GPU.")
    else:
        one, two = ranks(home, 1), ranks(home, 2)
        print(f"\nBaseline, global batch of 4 at 96^3, steps a second: one rank {one}, two NCCL ranks {two}.")
    if failures:
        sys.exit("gpu.py: failed: " + "; ".join(failures))


main()
