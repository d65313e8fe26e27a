"""Reads the inputs, times a function and writes its values, as the Java side does."""

import glob
import os
import sys
import time

import numpy as np


READ_AS_ASKED_FOR = {"W3"}
LEAST_SECONDS = 3


class Rows:
    """A float32 matrix in a file: whole by load(), some rows by slices; nothing of it is kept."""

    def __init__(self, name):
        self.name = name
        mapped = np.load(name, mmap_mode="r")
        self.shape, self.offset = mapped.shape, mapped.offset

    def __len__(self):
        return self.shape[0]

    def load(self):
        return np.load(self.name)

    def __getitem__(self, rows):
        start, stop, _ = rows.indices(len(self))
        width = self.shape[1]
        count, skipped = (stop - start) * width, 4 * start * width
        values = np.fromfile(self.name, np.float32, count, offset=self.offset + skipped)
        return values.reshape(-1, width)


def layers(folder, workload, network):
    pattern = os.path.join(folder, f"{workload}_{network}_*.npy")
    read = Rows if workload in READ_AS_ASKED_FOR else np.load
    return [read(name) for name in sorted(glob.glob(pattern))]


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
