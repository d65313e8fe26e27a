"""intervals.py A.ckpt B.ckpt PROBES.npy OUT.csv: debiased linear CKA over images, with intervals of 95 %.

The statistic has no product of two positions of one image; the jackknife leaves out whole images, on the artanh scale.
"""
import sys

import numpy as np
import torch
from scipy.stats import t

from compare import activations
from layers import at_least, centred, grids, side_by_side, sums_of_blocks, write


class Side:
    """All layers of a network on one grid, image by image."""

    def __init__(self, layers, grid, images):
        self.names = at_least(layers, grid)
        matrix, self.starts = side_by_side([centred(layers[name], grid) for name in self.names])
        self.images = matrix.reshape(images, -1, matrix.shape[1])
        self.means = self.images.mean(1, dtype=np.float64)
        products = self.means[:, None] * self.means[None]
        self.products_of_means = np.add.reduceat(products, self.starts, 2)


def hsic(a, b):
    """For each image left out, and at last for all: a matrix of layers of a by layers of b."""
    n, rows = a.images.shape[:2]
    moments = [(x.T @ y).astype(np.float64) / rows for x, y in zip(a.images, b.images)]
    one = np.empty((n, n, len(a.names), len(b.names)))
    for i in range(n):
        for j in range(i, n):
            one[i, j] = one[j, i] = sums_of_blocks(moments[i] * moments[j], a.starts, b.starts)
    two = np.stack([third_moments(moment, a, b) for moment in moments])
    statistics = [statistic(np.delete(np.arange(n), i), one, two, a, b) for i in range(n)]
    return np.stack([*statistics, statistic(np.arange(n), one, two, a, b)])


def third_moments(moment, a, b):
    """Of each two images' means with one image's moment."""
    ends = [*a.starts[1:], moment.shape[0]]
    by_layer = []
    for start, end in zip(a.starts, ends):
        left = a.means[:, start:end] @ moment[start:end]
        by_layer.append(np.add.reduceat(left[:, None] * b.means[None], b.starts, 2))
    return np.stack(by_layer, 2)


def statistic(kept, one, two, a, b):
    n = len(kept)
    one = one[np.ix_(kept, kept)]
    two = two[np.ix_(kept, kept, kept)]
    x = a.products_of_means[np.ix_(kept, kept)]
    y = b.products_of_means[np.ix_(kept, kept)]
    other = ~np.eye(n, dtype=bool)
    distinct = other[:, :, None] & other[:, None] & other[None]
    first = one[other].mean(0)
    second = two[distinct].mean(0)
    x, y = x * other[..., None], y * other[..., None]
    sum_x, sum_y = x.sum(1), y.sum(1)
    third = (np.multiply.outer(x.sum((0, 1)), y.sum((0, 1)))
             - 4 * np.einsum("ip,iq->pq", sum_x, sum_y) + 2 * np.einsum("ijp,ijq->pq", x, y))
    return first - 2 * second + third / (n * (n - 1) * (n - 2) * (n - 3))


def table(a, b, images):
    for grid in grids(a, b):
        x, y = Side(a, grid, images), Side(b, grid, images)
        own_x = np.diagonal(hsic(x, x), axis1=1, axis2=2)
        own_y = np.diagonal(hsic(y, y), axis1=1, axis2=2)
        with np.errstate(invalid="ignore"):
            z = np.arctanh(hsic(x, y) / np.sqrt(own_x[:, :, None] * own_y[:, None]))
        whole, others = z[-1], z[:-1]
        error = np.sqrt((images - 1) * others.var(0))
        half = t.ppf(0.975, images - 1) * error
        for i, one in enumerate(x.names):
            for j, other in enumerate(y.names):
                if min(a[one].shape[2], b[other].shape[2]) == grid:
                    ends = whole[i, j], whole[i, j] - half[i, j], whole[i, j] + half[i, j]
                    yield one, other, *np.tanh(ends)


if __name__ == "__main__":
    first, second, probes, out = sys.argv[1:]
    probes = torch.from_numpy(np.load(probes))
    write(out, table(activations(first, probes, None), activations(second, probes, None), len(probes)))
