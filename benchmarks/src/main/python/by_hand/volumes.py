"""volumes.py A.ckpt B.ckpt PROBES.npy OUT.csv: linear CKA of all pairs of layers, a probe at a time.

Sums are kept in place of activations: one probe of all layers of two networks is what is in memory.
"""
import sys

import numpy as np
import torch

from layers import at_least, grids, load, recorded, rows, squares, write
from networks import UNet


class Sums:
    """Of the products and the values of all layers of both networks on one grid."""

    def __init__(self):
        self.rows, self.products, self.sums = 0, 0, 0

    def add(self, matrix):
        self.rows += len(matrix)
        self.products = self.products + (matrix.T @ matrix).astype(np.float64)
        self.sums = self.sums + matrix.sum(0, dtype=np.float64)

    def centred(self):
        return self.products - np.outer(self.sums, self.sums) / self.rows


def main(first, second, probes, out):
    networks = [load(UNet(3), first), load(UNet(3), second)]
    layers = [recorded(network) for network in networks]
    all_sums = {}
    with torch.inference_mode():
        for probe in np.load(probes, mmap_mode="r"):
            for network in networks:
                network(torch.from_numpy(probe[None].copy()))
            for grid in grids(*layers):
                matrices = [rows(one[name], grid) for one in layers for name in at_least(one, grid)]
                all_sums.setdefault(grid, Sums()).add(np.hstack(matrices))
    write(out, [row for grid, sums in all_sums.items() for row in table(sums, grid, *layers)])


def table(sums, grid, a, b):
    of_a, of_b = at_least(a, grid), at_least(b, grid)
    widths = [one[name].shape[1] for one, names in ((a, of_a), (b, of_b)) for name in names]
    starts = np.cumsum([0, *widths[:-1]])
    hsic = squares(sums.centred(), starts, starts)
    own = np.diagonal(hsic)
    for i, one in enumerate(of_a):
        for j, other in enumerate(of_b, len(of_a)):
            if min(a[one].shape[2], b[other].shape[2]) == grid:
                yield one, other, hsic[i, j] / np.sqrt(own[i] * own[j])


if __name__ == "__main__":
    main(*sys.argv[1:])
