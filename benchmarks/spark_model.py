#!/usr/bin/env python3
"""Predictions and studies on up to 1,000 executors: a simulation with the times of one task, not a measurement.

The driver finds and sorts the subjects, hands out tasks one after the other and gathers their rows; executors fetch the model from
the driver; a shared file system has a total rate and a delay for each small file; executors work on their tasks until none is left.
Times of subjects are log-normal around a mean, largest first, as the driver sorts them. Each time is an option: give what you have
measured on your cluster (benchmarks/spark.sh, the log of the driver).

    benchmarks/spark_model.py [--subject-seconds 10] [--subject-mb 20] [--storage-mb 1000] ...
"""
import argparse
import heapq
import math
import random


def batch_size(items, slots):
    """The rule of dev.preceptor.spark.Batches."""
    quarter = math.ceil(items / (4 * slots))
    return min(math.ceil(items / slots), max(20, min(50, quarter)))


def simulate(times, executors, batches, o, fetch):
    """Seconds until the last task ends; tasks go to the executor that is free first, when the driver has time to hand them out."""
    ready = o.start_seconds + (executors * fetch * 8 / 1000 / o.driver_gbit if fetch else 0)
    free = [(ready, e) for e in range(executors)]
    heapq.heapify(free)
    driver = ready
    end = ready
    for batch in batches:
        at, executor = heapq.heappop(free)
        driver = max(driver, at) + o.task_ms / 1000
        done = driver + sum(times[i] for i in batch)
        end = max(end, done)
        heapq.heappush(free, (done, executor))
    return end


def prediction(subjects, executors, o):
    rng = random.Random(1)
    spread = math.sqrt(math.log(1 + o.spread ** 2))
    times = sorted((o.subject_seconds * math.exp(rng.gauss(-spread ** 2 / 2, spread)) for _ in range(subjects)), reverse=True)
    # What the file system cannot give in the time of the networks makes every subject slower alike.
    busy = min(executors, subjects)
    rate = busy / o.subject_seconds * o.subject_mb
    operations = busy / o.subject_seconds * o.operations
    slower = max(1.0, rate / o.storage_mb, operations / o.storage_operations)
    times = [t * slower for t in times]
    size = batch_size(subjects, executors)
    batches = [range(i, min(i + size, subjects)) for i in range(0, subjects, size)]
    tasks = simulate(times, executors, batches, o, o.model_mb)
    driver = subjects * o.driver_ms_per_subject / 1000
    return tasks + driver, driver, slower


def study(trials, executors, o):
    times = [o.trial_seconds] * trials
    return simulate(times, executors, [[i] for i in range(trials)], o, 0)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--subject-seconds", type=float, default=10, help="of one subject on one executor")
    p.add_argument("--spread", type=float, default=0.3, help="standard deviation of the time of a subject, as a share of the mean")
    p.add_argument("--subject-mb", type=float, default=20, help="read and written for a subject")
    p.add_argument("--operations", type=float, default=12, help="operations of the file system for a subject")
    p.add_argument("--storage-mb", type=float, default=2000, help="MB/s of the file system, all executors together")
    p.add_argument("--storage-operations", type=float, default=20000, help="operations/s of the file system")
    p.add_argument("--driver-ms-per-subject", type=float, default=2, help="to find a subject, to sort it in and to write its rows")
    p.add_argument("--task-ms", type=float, default=5, help="of the driver to hand out a task and to take its result")
    p.add_argument("--model-mb", type=float, default=120)
    p.add_argument("--driver-gbit", type=float, default=10, help="network of the driver, from which executors fetch the model")
    p.add_argument("--start-seconds", type=float, default=20, help="until executors are up and have loaded libtorch")
    p.add_argument("--trial-seconds", type=float, default=3600)
    p.add_argument("--trials", type=int, default=195)
    p.add_argument("--counts", type=int, nargs="+", default=[1, 10, 100, 300, 1000])
    p.add_argument("--subjects", type=int, nargs="+", default=[1000, 100_000, 1_000_000])
    o = p.parse_args()
    print("| executors | " + " | ".join(f"{n:,} subjects: an hour, share of ideal" for n in o.subjects)
          + f" | {o.trials} trials: an hour, share of ideal |")
    print("|---|" + "---|" * (len(o.subjects) + 1))
    for executors in o.counts:
        cells = []
        for n in o.subjects:
            seconds, _, _ = prediction(n, executors, o)
            ideal = n * o.subject_seconds / executors
            cells.append(f"{3600 * n / seconds:,.0f}, {ideal / seconds:.2f}")
        seconds = study(o.trials, executors, o)
        ideal = o.trials * o.trial_seconds / executors
        cells.append(f"{3600 * o.trials / seconds:,.1f}, {ideal / seconds:.2f}")
        print(f"| {executors:,} | " + " | ".join(cells) + " |")
    n = max(o.subjects)
    _, driver, slower = prediction(n, max(o.counts), o)
    print()
    print(f"{n:,} subjects: the driver alone takes {driver / 60:.0f} minutes")
    print(f"the file system slows {max(o.counts):,} executors by {slower:.2f}; its limit is "
          f"{min(o.storage_mb / o.subject_mb, o.storage_operations / o.operations) * o.subject_seconds:,.0f} executors")
    print(f"the driver hands tasks to at most {1000 / o.task_ms * 50 * o.subject_seconds:,.0f} executors")
    print(f"the model reaches {max(o.counts):,} executors in {max(o.counts) * o.model_mb * 8 / 1000 / o.driver_gbit:.0f} s")


if __name__ == "__main__":
    main()
