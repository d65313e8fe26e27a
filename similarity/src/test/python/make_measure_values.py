"""Writes resources/measures/values.json: measures of small awkward layers by functions of NumPy and SciPy.

    python3 similarity/src/test/python/make_measure_values.py

Canonical correlations are cosines of scipy.linalg.subspace_angles, matches are
scipy.optimize.linear_sum_assignment's, rotations scipy.linalg.orthogonal_procrustes', regressions
numpy.linalg.lstsq's, distances scipy.spatial.distance's, correlations of distances scipy.stats'.
"""
import json
import pathlib
import warnings

import numpy as np
import scipy
from scipy import linalg, optimize, special, stats
from scipy.spatial import distance

RANDOM = np.random.default_rng(14)


def layers():
    """Pairs of layers, rows being the same samples."""
    normal = RANDOM.standard_normal
    x = normal((12, 3))
    yield "tall", x, x @ normal((3, 4)) + normal((12, 4))
    x = normal((7, 10))
    yield "wide", x, x[:, :6] + normal((7, 6))
    yield "integers", RANDOM.integers(0, 4, (11, 3)).astype(float), RANDOM.integers(-2, 3, (11, 2)).astype(float)
    x = normal((14, 4))
    yield "far from zero", x + 1e3, np.tanh(x) - 50
    x = normal((13, 3))
    yield "copied feature", np.column_stack([x, x[:, 0]]), np.column_stack([x[:, 1], normal((13, 2))])
    x = normal((10, 3))
    yield "tiny and huge", x * 1e-150, (x + normal((10, 3))) * 1e140
    x = normal((9, 1))
    yield "one feature", x, x ** 3 + normal((9, 1))
    x = normal((3, 2))
    yield "three samples", x, x[:, ::-1] + 0.5 * normal((3, 2))


def centred(x):
    return x - x.mean(0)


def unit(x):
    return x / linalg.norm(x)


def basis(x):
    return linalg.orth(centred(unit(x)), rcond=1e-12)


def canonical(x, y):
    return np.cos(linalg.subspace_angles(basis(x), basis(y)))


def explained(target, predictor):
    """R squared of least squares with an intercept, of all columns together."""
    target, predictor = unit(target), unit(predictor)
    design = np.column_stack([np.ones(len(predictor)), predictor / np.abs(predictor).max()])
    residual = target - design @ np.linalg.lstsq(design, target, rcond=1e-12)[0]
    return 1 - np.sum(residual ** 2) / np.sum(centred(target) ** 2)


def nuclear(x, y):
    """The trace of the best rotation's product, which SciPy returns as the scale."""
    width = max(x.shape[1], y.shape[1])
    pad = lambda z: np.pad(z, ((0, 0), (0, width - z.shape[1])))
    return linalg.orthogonal_procrustes(pad(x), pad(y))[1]


def aligned_cosine(x, y):
    a, b = centred(unit(x)), centred(unit(y))
    width = max(a.shape[1], b.shape[1])
    a, b = (np.pad(z, ((0, 0), (0, width - z.shape[1]))) for z in (a, b))
    turned = a @ linalg.orthogonal_procrustes(a, b)[0]
    return np.mean([1 - distance.cosine(u, v) for u, v in zip(turned, b)])


def match(x, y):
    c = np.corrcoef(x.T, y.T)[: x.shape[1], x.shape[1]:]
    rows, columns = optimize.linear_sum_assignment(c, maximize=True)
    return c[rows, columns].mean(), (c.max(0).mean() + c.max(1).mean()) / 2


def permuted(x, y):
    scale = max(np.abs(x).max(), np.abs(y).max())
    width = max(x.shape[1], y.shape[1])
    x, y = (np.pad(z / scale, ((0, 0), (0, width - z.shape[1]))) for z in (x, y))
    cost = distance.cdist(x.T, y.T, "sqeuclidean")
    return scale * np.sqrt(cost[optimize.linear_sum_assignment(cost)].sum())


def distance_correlation(x, y):
    centre = lambda d: d - d.mean(0) - d.mean(1)[:, None] + d.mean()
    a, b = (centre(distance.cdist(unit(z), unit(z))) for z in (x, y))
    return np.sqrt(np.mean(a * b) / np.sqrt(np.mean(a * a) * np.mean(b * b)))


def neighbours(x, k, metric):
    d = distance.cdist(unit(x), unit(x), metric)
    np.fill_diagonal(d, np.inf)
    return np.argsort(d, axis=1, kind="stable")[:, :k]


def shared(x, y, k, metric):
    pairs = zip(neighbours(x, k, metric), neighbours(y, k, metric))
    counts = np.array([len(set(a) & set(b)) for a, b in pairs])
    return np.mean(counts / k), np.mean(counts / (2 * k - counts))


def second_order(x, y, k):
    a, b = (1 - distance.cdist(unit(z), unit(z), "cosine") for z in (x, y))
    union = [sorted(set(u) | set(v)) for u, v in zip(neighbours(x, k, "cosine"), neighbours(y, k, "cosine"))]
    return np.mean([1 - distance.cosine(a[i, u], b[i, u]) for i, u in enumerate(union)])


def divergence(x, y):
    p, q = special.softmax(x, 1), special.softmax(y, 1)
    return np.mean(distance.jensenshannon(p, q, base=2, axis=1) ** 2)


def has_ties(x, y):
    return any(len(np.unique(np.round(distance.pdist(unit(z)), 9))) < len(distance.pdist(z)) for z in (x, y))


def rsa(x, y, values):
    for metric, name in [("euclidean", "EUCLIDEAN"), ("sqeuclidean", "SQUARED_EUCLIDEAN"), ("cosine", "COSINE")]:
        a, b = distance.pdist(unit(x), metric), distance.pdist(unit(y), metric)
        values[f"rsa {name} PEARSON"] = stats.pearsonr(a, b)[0]
        values[f"rsa {name} COSINE"] = 1 - distance.cosine(a, b)
        if not has_ties(x, y) and min(x.shape[1], y.shape[1]) > 1:
            values[f"rsa {name} SPEARMAN"] = stats.spearmanr(a, b)[0]
            values[f"rsa {name} KENDALL"] = stats.kendalltau(a, b)[0]


def values_of(x, y):
    values = {}
    n = len(x)
    rho = canonical(x, y)
    values["cca_mean"] = rho.mean()
    values["cca_mean_squared"] = np.mean(rho ** 2)
    values["x from y"] = explained(x, y)
    values["y from x"] = explained(y, x)
    trace = nuclear(unit(centred(x)), unit(centred(y)))
    values["NORMALIZED"] = np.sqrt(max(0, 2 - 2 * trace))
    values["ANGULAR"] = np.arccos(min(1, trace))
    values["aligned cosine"] = aligned_cosine(x, y)
    values["hard match"], values["soft match"] = match(x, y)
    values["permutation"] = permuted(x, y)
    values["distance correlation"] = distance_correlation(x, y)
    rsa(x, y, values)
    k = min(4, n - 2)
    if not has_ties(x, y):
        values["mutual"], values["jaccard"] = shared(x, y, k, "euclidean")
        if min(x.shape[1], y.shape[1]) > 1:
            values["second order"] = second_order(x, y, k)
    if np.abs(x).max() > 1e-9 and np.abs(y).max() < 1e9:
        values["SIZE_AND_SHAPE"] = np.sqrt(linalg.norm(centred(x)) ** 2 + linalg.norm(centred(y)) ** 2 - 2 * nuclear(centred(x), centred(y)))
        values["rsm norm"] = linalg.norm(distance.pdist(x) - distance.pdist(y))
        values["magnitude"] = abs(linalg.norm(x.mean(0)) - linalg.norm(y.mean(0)))
    if x.shape[1] == y.shape[1] > 1 and np.abs(x).max() > 1e-9:
        p, q = x.argmax(1), y.argmax(1)
        if all(len(np.unique(row)) == len(row) for row in np.vstack([x, y])):
            values["disagreement"] = np.mean(p != q)
            values["divergence"] = divergence(x, y)
    return {key: float(value) for key, value in values.items() if np.isfinite(value)}, k


def main():
    warnings.filterwarnings("ignore", category=RuntimeWarning)
    cases = []
    for name, x, y in layers():
        values, k = values_of(x, y)
        cases.append({"name": name, "k": k, "x": x.tolist(), "y": y.tolist(), "values": values})
    target = pathlib.Path(__file__).parent.parent / "resources" / "measures" / "values.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({"origin": f"NumPy {np.__version__}, SciPy {scipy.__version__}", "cases": cases}, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
