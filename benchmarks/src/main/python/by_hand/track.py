"""track.py RUNS PROBES.npy OUT.csv: linear CKA of the checkpoints of runs, in the views of `track`.

Each checkpoint is shown the probes once. Layers of the same name are compared with the start, the end, the source, the next
checkpoint, any two checkpoints of a run and the ends of any two runs; all layers of each checkpoint with all of its run's end.
"""
import sys
from pathlib import Path

import numpy as np
import torch

from compare import activations, table
from layers import centred, side_by_side, squares, write
from networks import BLOCKS


def cka_of_layer(tensors):
    """Of one layer in all checkpoints."""
    matrix, starts = side_by_side([centred(tensor, tensor.shape[2]) for tensor in tensors])
    hsic = squares(matrix.T @ matrix, starts, starts)
    own = np.sqrt(np.diagonal(hsic))
    return hsic / np.outer(own, own)


def main(folder, probes, out):
    probes = torch.from_numpy(np.load(probes))
    files = sorted(Path(folder).rglob("step_*.ckpt"))
    runs = {}
    for index, file in enumerate(files):
        runs.setdefault(str(file.parent.relative_to(folder)), []).append(index)
    layers = [activations(file, probes, BLOCKS) for file in files]
    rows = []
    for name in BLOCKS:
        cka = cka_of_layer([one[name] for one in layers])
        rows += same_layer(name, cka, runs)
    for run, steps in runs.items():
        for step in steps:
            rows += [("layers", run, step, one, run, steps[-1], other, value)
                     for one, other, value in table(layers[step], layers[steps[-1]])]
    numbers = [int(file.stem.removeprefix("step_")) for file in files]
    write(out, [(view, run_a, numbers[a], one, run_b, numbers[b], other, value)
                for view, run_a, a, one, run_b, b, other, value in rows])


def same_layer(name, cka, runs):
    def row(view, run_a, a, run_b, b):
        return view, run_a, a, name, run_b, b, name, cka[a, b]

    source = runs["source"][-1]
    for run, steps in runs.items():
        for i, step in enumerate(steps):
            yield row("to_start", run, step, run, steps[0])
            yield row("to_end", run, step, run, steps[-1])
            yield row("to_source", run, step, "source", source)
            if i + 1 < len(steps):
                yield row("to_next", run, step, run, steps[i + 1])
            for other in steps[i:]:
                yield row("steps", run, step, run, other)
    ends = list(runs.items())
    for i, (run, steps) in enumerate(ends):
        for other, steps_of_other in ends[i:]:
            yield row("finals", run, steps[-1], other, steps_of_other[-1])


if __name__ == "__main__":
    main(*sys.argv[1:])
