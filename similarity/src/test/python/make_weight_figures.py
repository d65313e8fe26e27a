"""Golden values for figures about weights and filters, by NumPy and SciPy.

Writes src/test/resources/weights/figures.json. Run from the module's folder:
    python3 src/test/python/make_weight_figures.py
"""
import json
import sys

import numpy as np
import scipy
from scipy import fft, optimize, stats

rng = np.random.default_rng(20261123)


def rounded(values):
    return np.round(values, 5)


def smooth(values, axes):
    for axis in axes:
        values = values + 0.4 * np.roll(values, 1, axis)
    return values


LAYERS = {
    "conv2d": ("CONVOLUTION", (6, 4, 3, 3)),
    "conv3d": ("CONVOLUTION", (5, 2, 3, 2, 3)),
    "up2d": ("TRANSPOSED_CONVOLUTION", (4, 6, 2, 2)),
    "fc": ("LINEAR", (7, 12)),
}


def rows(kind, values):
    if kind == "TRANSPOSED_CONVOLUTION":
        values = np.swapaxes(values, 0, 1)
    return values.reshape(values.shape[0], -1)


def change(a, b):
    difference = b - a
    norm_a, norm_b = np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1)
    cosine = (a * b).sum(1) / norm_a / norm_b
    return {
        "distance": np.linalg.norm(difference),
        "relative_change": np.linalg.norm(difference) / np.linalg.norm(a),
        "mean_absolute_change": np.abs(difference).mean(),
        "sign_flips": (np.sign(a) * np.sign(b) < 0).mean(),
        "moved_share": (np.abs(difference) > a.std(ddof=1)).mean(),
        "norm_before": np.linalg.norm(a),
        "norm_after": np.linalg.norm(b),
        "mean_cosine": cosine.mean(),
        "mean_angle": np.arccos(cosine).mean(),
        "filter_cosines": cosine.tolist(),
        "filter_relative_changes": (np.linalg.norm(difference, axis=1) / norm_a).tolist(),
    }


def nearness(a, b, proximity):
    if proximity == "CORRELATION":
        a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    u = a / np.linalg.norm(a, axis=1, keepdims=True)
    v = b / np.linalg.norm(b, axis=1, keepdims=True)
    if proximity == "NORMALISED_DISTANCE":
        values = np.linalg.norm(u[:, None] - v[None], axis=2)
        nearest, maximise = values.min, False
    else:
        values = u @ v.T
        nearest, maximise = values.max, True
    i, j = optimize.linear_sum_assignment(values, maximize=maximise)
    return {
        "mean_nearest_of_a": nearest(axis=1).mean(),
        "mean_nearest_of_b": nearest(axis=0).mean(),
        "mean_matched": values[i, j].mean(),
        "matching": j.tolist(),
    }


def moran(kernels):
    """By the definition, with the whole matrix of neighbours."""
    space = kernels.shape[2:]
    x = kernels.reshape(-1)
    index = np.arange(x.size).reshape(kernels.shape)
    w = np.zeros((x.size, x.size))
    for axis in range(2, kernels.ndim):
        low = np.take(index, range(kernels.shape[axis] - 1), axis).ravel()
        high = np.take(index, range(1, kernels.shape[axis]), axis).ravel()
        w[low, high] = w[high, low] = 1
    n = x.size
    z = x - x.mean()
    s0 = w.sum()
    s1 = 0.5 * ((w + w.T) ** 2).sum()
    s2 = ((w.sum(0) + w.sum(1)) ** 2).sum()
    observed = n / s0 * (z @ w @ z) / (z @ z)
    expected = -1 / (n - 1)
    b2 = n * (z**4).sum() / (z**2).sum() ** 2
    square = (
        n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
        - b2 * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    ) / ((n - 1) * (n - 2) * (n - 3) * s0**2)
    sd = np.sqrt(square - expected**2)
    return {"value": observed, "p": 2 * stats.norm.sf(abs(observed - expected) / sd)}


def low_frequency(kernels):
    space = kernels.shape[2:]
    z = kernels - kernels.mean()
    axes = tuple(range(2, kernels.ndim))
    low = fft.dctn(z, axes=axes, norm="ortho")
    for axis, extent in enumerate(space):
        low = np.take(low, range((extent + 1) // 2), axis + 2)
    share = (low**2).sum() / (z**2).sum()
    m = kernels.shape[0] * kernels.shape[1]
    k = int(np.prod(space))
    q = int(np.prod([(extent + 1) // 2 for extent in space]))
    basis = np.eye(k).reshape((k,) + space)
    basis = fft.dctn(basis, axes=tuple(range(1, 1 + len(space))), norm="ortho")
    for axis, extent in enumerate(space):
        basis = np.take(basis, range((extent + 1) // 2), axis + 1)
    diagonal = (basis.reshape(k, -1) ** 2).sum(1)
    f = 1 + stats.kurtosis(z.ravel()) * ((diagonal - q / k) ** 2).sum() / (2 * q * (1 - q / k))
    law = stats.beta((m * q - 1) / 2 / f, m * (k - q) / 2 / f)
    return {
        "value": share,
        "low": law.ppf(0.025),
        "high": law.ppf(0.975),
        "p": 2 * min(law.cdf(share), law.sf(share)),
    }


def spectrum(matrix):
    s = np.linalg.svd(matrix, compute_uv=False)
    spread = np.sqrt((matrix**2).mean())
    p = s / s.sum()
    p = p[p > 0]
    return s[0] / (spread * (np.sqrt(matrix.shape[0]) + np.sqrt(matrix.shape[1]))), np.exp(
        -(p * np.log(p)).sum()
    )


def lilliefors(x):
    return stats.kstest(x, "norm", args=(x.mean(), x.std(ddof=1))).statistic


def randomness(a, start, fan_in):
    """a, start: (filters, channels, space…); drawn from PyTorch's default."""
    x, y = a.ravel(), start.ravel()
    bound = 1 / np.sqrt(fan_in)
    one = stats.kstest(x, stats.uniform(-bound, 2 * bound).cdf)
    two = stats.ks_2samp(x, y)
    matrix = a.reshape(a.shape[0], -1)
    largest, rank = spectrum(matrix - matrix.mean())
    nulls = []
    for _ in range(4000):
        g = rng.standard_normal(matrix.shape)
        nulls.append(spectrum(g - g.mean()))
    nulls = np.array(nulls)
    distances = np.array([lilliefors_fast(rng.standard_normal(x.size)) for _ in range(20000)])
    d = lilliefors(x)
    expected = {
        "ks_drawn_from": {"value": one.statistic, "p": one.pvalue},
        "ks_two_sample": {"value": two.statistic, "p": two.pvalue},
        "variance_ratio": {"value": (x**2).mean() / (bound**2 / 3)},
        "ks_gaussian": {"value": d, "p_simulated": (distances >= d).mean(),
                        "high_simulated": np.quantile(distances, 0.95)},
        "skewness": {"value": stats.skew(x), "p": stats.skewtest(x).pvalue},
        "excess_kurtosis": {"value": stats.kurtosis(x), "p": stats.kurtosistest(x).pvalue},
        "largest_singular_value": {"value": largest,
                                   "low_simulated": np.quantile(nulls[:, 0], 0.025),
                                   "high_simulated": np.quantile(nulls[:, 0], 0.975)},
        "effective_rank": {"value": rank,
                           "low_simulated": np.quantile(nulls[:, 1], 0.025),
                           "high_simulated": np.quantile(nulls[:, 1], 0.975)},
    }
    if a.ndim > 2:
        expected["spatial_autocorrelation"] = moran(a)
        expected["low_frequency_energy"] = low_frequency(a)
    return expected


def lilliefors_fast(x):
    z = stats.norm.cdf(np.sort((x - x.mean()) / x.std(ddof=1)))
    i = np.arange(x.size)
    return max(((i + 1) / x.size - z).max(), (z - i / x.size).max())


cases = []
for name, (kind, shape) in LAYERS.items():
    before = rounded(rng.uniform(-0.3, 0.3, shape))
    middle = rounded(before + 0.1 * rng.standard_normal(shape))
    after = rounded(smooth(before, range(2, len(shape))) + 0.1 * rng.standard_normal(shape))
    other = rounded(0.2 * rng.standard_normal(shape))
    a, b, c = rows(kind, before), rows(kind, after), rows(kind, other)
    path = np.linalg.norm(middle - before) + np.linalg.norm(after - middle)
    grid = np.swapaxes(after, 0, 1) if kind == "TRANSPOSED_CONVOLUTION" else after
    start = np.swapaxes(before, 0, 1) if kind == "TRANSPOSED_CONVOLUTION" else before
    fan_in = shape[1] * int(np.prod(shape[2:]))
    cases.append({
        "layer": name,
        "kind": kind,
        "shape": shape,
        "before": before.ravel().tolist(),
        "middle": middle.ravel().tolist(),
        "after": after.ravel().tolist(),
        "other": other.ravel().tolist(),
        "rows_of_before": a.ravel().tolist(),
        "change": change(a, b),
        "path": {"path_length": path,
                 "straightness": np.linalg.norm(after - before) / path},
        "nearness": {p: nearness(b, c, p)
                     for p in ("COSINE", "CORRELATION", "NORMALISED_DISTANCE")},
        "randomness": randomness(grid, start, fan_in),
    })

origin = "NumPy %s, SciPy %s, Python %s; make_weight_figures.py" % (
    np.__version__, scipy.__version__, sys.version.split()[0])
with open("src/test/resources/weights/figures.json", "w") as file:
    json.dump({"origin": origin, "cases": cases}, file, indent=None, separators=(",", ":"))
