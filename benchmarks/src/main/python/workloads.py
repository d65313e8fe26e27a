"""The workloads in NumPy and SciPy: float32 products, every layer prepared once, symmetric products
left to syrk (which matmul calls for X @ X.T), whole heat maps as one product."""

import sys
import time

import numpy as np
import scipy.linalg
from scipy.optimize import linear_sum_assignment

from harness import main

BATCH = 256
IMAGE = 64 * 64


def centred(x):
    return x - x.mean(axis=0, dtype=np.float64).astype(np.float32)


def unit_rows(matrix):
    norms = np.sqrt(np.einsum("ij,ij->i", matrix, matrix, dtype=np.float64))
    matrix /= norms.astype(np.float32)[:, None]
    return matrix


def heat_map(fill, a, b, length):
    """The inner products of unit vectors, one for each layer, that fill(layer, target) makes."""

    def stacked(layers):
        vectors = np.empty((len(layers), length), np.float32)
        for layer, vector in zip(layers, vectors):
            fill(layer, vector)
        return unit_rows(vectors)

    return stacked(a) @ stacked(b).T


def linear_cka(a, b):
    n = len(a[0])

    def fill(layer, vector):
        x = centred(layer)
        np.matmul(x, x.T, out=vector.reshape(n, n))

    return heat_map(fill, a, b, n * n)


def rbf_cka(a, b, fraction=0.5):
    n = len(a[0])

    def fill(layer, vector):
        x = centred(layer)
        d = vector.reshape(n, n)
        np.matmul(x, x.T, out=d)
        squares = d.diagonal().copy()
        d *= -2
        d += squares[:, None]
        d += squares[None, :]
        np.maximum(d, 0, out=d)
        median = np.median(vector)
        d *= -1 / (2 * fraction**2 * median)
        np.exp(d, out=d)
        means = d.mean(axis=0, dtype=np.float64)
        d -= (means - means.mean()).astype(np.float32)[None, :]
        d -= means.astype(np.float32)[:, None]

    return heat_map(fill, a, b, n * n)


def whitened(layer, fraction=0.99):
    """An orthonormal basis of the fewest components that reach the fraction of the variance."""
    x = centred(layer)
    variances, directions = scipy.linalg.eigh(
        (x.T @ x).astype(np.float64), overwrite_a=True, check_finite=False, driver="evd"
    )
    shares = np.cumsum(variances[::-1]) / variances.sum()
    kept = min(int(np.searchsorted(shares, fraction)) + 1, len(shares))
    weights = directions[:, ::-1][:, :kept] / np.sqrt(variances[::-1][:kept])
    return x @ weights.astype(np.float32)


def svcca(a, b):
    bases_a, bases_b = [whitened(x) for x in a], [whitened(y) for y in b]
    return [
        [
            np.clip(scipy.linalg.svdvals(p.T @ q, check_finite=False), 0, 1).mean()
            for q in bases_b
        ]
        for p in bases_a
    ]


def minibatch_cka(a, b):
    n = BATCH
    sums = [np.zeros((len(a), len(b))), np.zeros(len(a)), np.zeros(len(b))]
    for start in range(0, len(a[0]), n):
        u = [unbiased(layers, slice(start, start + n)) for layers in (a, b)]
        sums[0] += u[0] @ u[1].T
        for which in (0, 1):
            sums[1 + which] += np.einsum("ij,ij->i", u[which], u[which], dtype=np.float64)
    return sums[0] / np.sqrt(np.outer(sums[1], sums[2]))


def unbiased(layers, rows):
    """U-centred Gram matrices of one batch, as rows: their inner products are unbiased HSICs."""
    n = BATCH
    vectors = np.empty((len(layers), n * n), np.float32)
    for layer, vector in zip(layers, vectors):
        x = centred(layer[rows])
        gram = vector.reshape(n, n)
        np.matmul(x, x.T, out=gram)
        np.fill_diagonal(gram, 0)
        sums = gram.sum(axis=0, dtype=np.float64)
        gram -= (sums / (n - 2)).astype(np.float32)[None, :]
        gram -= (sums / (n - 2) - sums.sum() / ((n - 1) * (n - 2))).astype(np.float32)[:, None]
        np.fill_diagonal(gram, 0)
    return vectors


def hard_correlation_match(a, b):
    def standardised(layer):
        x = centred(layer)
        return x / np.sqrt(np.einsum("ij,ij->j", x, x, dtype=np.float64)).astype(np.float32)

    left, right = [standardised(x) for x in a], [standardised(y) for y in b]
    values = np.empty((len(a), len(b)))
    for i, x in enumerate(left):
        for j, y in enumerate(right):
            correlations = x.T @ y
            matched = linear_sum_assignment(correlations, maximize=True)
            values[i, j] = correlations[matched].mean(dtype=np.float64)
    return values


def kept_axes(covariance, fraction=0.99):
    variances, directions = scipy.linalg.eigh(covariance, check_finite=False, driver="evd")
    shares = np.cumsum(variances[::-1]) / variances.sum()
    kept = min(int(np.searchsorted(shares, fraction)) + 1, len(shares))
    return directions[:, ::-1][:, :kept] / np.sqrt(variances[::-1][:kept])


def from_covariances(xx, yy, xy):
    """Linear CKA and SVCCA."""
    cka = np.linalg.norm(xy) ** 2 / (np.linalg.norm(xx) * np.linalg.norm(yy))
    product = kept_axes(xx).T @ xy @ kept_axes(yy)
    return cka, np.clip(scipy.linalg.svdvals(product, check_finite=False), 0, 1).mean()


def matched_whole(a, b):
    rows = []
    for of_x, of_y in zip(a, b):
        x, y = of_x.load(), of_y.load()
        x -= x.mean(axis=0, dtype=np.float64).astype(np.float32)
        y -= y.mean(axis=0, dtype=np.float64).astype(np.float32)
        rows.append(from_covariances(*((m.astype(np.float64) for m in (x.T @ x, y.T @ y, x.T @ y)))))
        del x, y
    return rows


def matched_streamed(a, b):
    rows = []
    for x, y in zip(a, b):
        p, q, n = x.shape[1], y.shape[1], len(x)
        shift_x, shift_y = x[:IMAGE].mean(axis=0), y[:IMAGE].mean(axis=0)
        xx, yy, xy = np.zeros((p, p)), np.zeros((q, q)), np.zeros((p, q))
        sum_x, sum_y = np.zeros(p), np.zeros(q)
        for start in range(0, n, IMAGE):
            u, v = x[start : start + IMAGE], y[start : start + IMAGE]
            u -= shift_x
            v -= shift_y
            xx += u.T @ u
            yy += v.T @ v
            xy += u.T @ v
            sum_x += u.sum(axis=0, dtype=np.float64)
            sum_y += v.sum(axis=0, dtype=np.float64)
        xx -= np.outer(sum_x, sum_x) / n
        yy -= np.outer(sum_y, sum_y) / n
        xy -= np.outer(sum_x, sum_y) / n
        rows.append(from_covariances(xx, yy, xy))
    return rows


def gemm_peak(size=2048, repeats=5):
    left = np.random.default_rng(0).random((size, size), dtype=np.float32)
    right, best = left.copy(), np.inf
    product = np.empty_like(left)
    for _ in range(repeats):
        start = time.perf_counter()
        np.matmul(left, right, out=product)
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best / 1e9


FUNCTIONS = {
    "W1": linear_cka,
    "W2": svcca,
    "W3": matched_whole,
    "W4": minibatch_cka,
    "W5": rbf_cka,
    "W6": hard_correlation_match,
}

if __name__ == "__main__":
    if sys.argv[1] == "gemm":
        print("gflops", gemm_peak())
    elif sys.argv[1] == "--streamed":
        main({"W3": matched_streamed}, sys.argv[2:])
    else:
        main(FUNCTIONS, sys.argv[1:])
