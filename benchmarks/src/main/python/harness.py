"""Reads the inputs, times a function and writes its values, as the Java side does."""

import glob
import os
import sys
import time

import numpy as np


MAPPED = {"W3"}  # read while they are worked on
LEAST_SECONDS = 3


def layers(folder, workload, network):
    pattern = os.path.join(folder, f"{workload}_{network}_*.npy")
    mode = "r" if workload in MAPPED else None
    return [np.load(name, mmap_mode=mode) for name in sorted(glob.glob(pattern))]


def peak_megabytes():
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    return 0


def main(functions, arguments):
    """Runs functions[workload](a, b), which gives one row of values for each layer of a."""
    workload, folder, repeats, output = arguments
    if workload not in functions:
        sys.exit("not for this workload")
    a, b = layers(folder, workload, "a"), layers(folder, workload, "b")
    spent, count = 0, 0
    while count < int(repeats) or spent < LEAST_SECONDS:
        start = time.perf_counter()
        values = functions[workload](a, b)
        seconds = time.perf_counter() - start
        print("seconds", seconds, flush=True)
        spent, count = spent + seconds, count + 1
    print("megabytes", peak_megabytes())
    np.savetxt(output, np.asarray(values, dtype=np.float64), delimiter=",", fmt="%.17g")
