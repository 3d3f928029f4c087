"""Counts training steps and prints for each: wall and processor seconds, peak resident MiB."""

import resource
import time


def clocked(steps):
    for step in range(steps):
        wall, cpu = time.perf_counter(), time.process_time()
        yield step
        print(f"{time.perf_counter() - wall:.3f} {time.process_time() - cpu:.3f} "
              f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10}", flush=True)
