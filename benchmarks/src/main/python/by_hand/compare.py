"""compare.py A.ckpt B.ckpt PROBES.npy OUT.csv blocks|all: linear CKA of all pairs of layers."""
import sys

import numpy as np
import torch

from layers import at_least, centred, grids, load, recorded, side_by_side, squares, write
from networks import BLOCKS, UNet


def activations(checkpoint, probes, names):
    network = load(UNet(), checkpoint)
    layers = recorded(network, names)
    with torch.inference_mode():
        network(probes)
    return layers


def table(a, b):
    for grid in grids(a, b):
        of_a, of_b = at_least(a, grid), at_least(b, grid)
        x, starts_x = side_by_side([centred(a[name], grid) for name in of_a])
        y, starts_y = side_by_side([centred(b[name], grid) for name in of_b])
        self_x = np.diagonal(squares(x.T @ x, starts_x, starts_x))
        self_y = np.diagonal(squares(y.T @ y, starts_y, starts_y))
        cka = squares(x.T @ y, starts_x, starts_y) / np.sqrt(np.outer(self_x, self_y))
        for i, one in enumerate(of_a):
            for j, other in enumerate(of_b):
                if min(a[one].shape[2], b[other].shape[2]) == grid:
                    yield one, other, cka[i, j]


if __name__ == "__main__":
    first, second, probes, out, which = sys.argv[1:]
    probes = torch.from_numpy(np.load(probes))
    names = BLOCKS if which == "blocks" else None
    write(out, table(activations(first, probes, names), activations(second, probes, names)))
