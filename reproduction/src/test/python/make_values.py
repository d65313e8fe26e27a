"""Writes ../resources/values/independent.json: what NumPy, SciPy and PyTorch make of small inputs.

    python3 -m venv v && v/bin/pip install numpy scipy torch && v/bin/python make_values.py

Nothing here calls or copies the Java code.
"""

import json
import pathlib

import numpy as np
import torch
from scipy import ndimage, stats

OUT = pathlib.Path(__file__).parent.parent / "resources" / "values" / "independent.json"


def rounded(array):
    return [float(np.float32(v)) for v in np.asarray(array).ravel()]


def blurs(rng):
    """Gaussian filters whose kernels reach as far as three standard deviations, edges repeated."""
    cases = []
    for extents, deviation in [((7, 9), 0.5), ((7, 9), 1.0), ((12, 5), 1.5), ((5, 6, 4), 1.0), ((3, 2), 2.0)]:
        values = rng.normal(size=extents).astype(np.float32)
        expected = ndimage.gaussian_filter(
            values.astype(np.float64), deviation, mode="nearest", radius=int(np.ceil(3 * deviation))
        )
        cases.append(
            {
                "extents": extents,
                "deviation": deviation,
                "values": rounded(values),
                "expected": expected.ravel().tolist(),
            }
        )
    return cases


def intervals():
    """Student's intervals of value, standard error, degrees of freedom and level."""
    cases = []
    for value, error, freedom, level in [
        (0.5, 0.1, 2, 0.95),
        (-3.0, 2.5, 7.3, 0.95),
        (0.0, 1e-9, 29, 0.99),
        (1e6, 3.0, 1, 0.9),
        (0.2, 0.05, 2, 1 - 0.05 / 12),
    ]:
        low, high = stats.t.interval(level, freedom, loc=value, scale=error)
        cases.append(dict(value=value, error=error, freedom=freedom, level=level, low=low, high=high))
    return cases


def differences(rng):
    """Means of paired differences with their intervals (a one-sample t test of the differences)."""
    cases = []
    for n in (3, 4, 9):
        first, second = rng.normal(size=n), rng.normal(0.4, 2, size=n)
        test = stats.ttest_rel(first, second)
        interval = test.confidence_interval(0.95)
        cases.append(
            dict(
                first=first.tolist(),
                second=second.tolist(),
                mean=float(np.mean(first - second)),
                low=float(interval.low),
                high=float(interval.high),
            )
        )
    return cases


def jackknives(rng):
    """A mean of all pairs within a group, one network left out at a time (scipy has none: numpy)."""
    cases = []
    for sizes in ((3,), (5,), (3, 4), (6, 5)):
        groups = [rng.normal(size=n) for n in sizes]

        def figure(parts):
            means = [np.mean([a * b for i, a in enumerate(p) for b in p[i + 1 :]]) for p in parts]
            return float(means[0] if len(means) == 1 else means[0] - means[1])

        variance = 0.0
        for g, group in enumerate(groups):
            left = np.array([figure(groups[:g] + [np.delete(group, i)] + groups[g + 1 :]) for i in range(len(group))])
            variance += (len(left) - 1) * np.var(left)
        cases.append(
            dict(
                groups=[g.tolist() for g in groups],
                value=figure(groups),
                error=float(np.sqrt(variance)),
                freedom=min(sizes) - 1,
            )
        )
    return cases


def ranks():
    """Spearman's correlation of values with their positions, ties sharing their mean rank."""
    lists = [[1, 2, 3, 4], [4, 3, 2, 1], [1, 1, 2, 2, 3], [0.3, 0.1, 0.1, 0.9, 0.1, 0.4], [5, 1, 5, 1, 5]]
    return [
        dict(values=[float(v) for v in values], rho=float(stats.spearmanr(range(len(values)), values)[0]))
        for values in lists
    ]


def losses(rng):
    """Binary cross-entropy of logits plus soft Dice loss (smoothing 1, of the whole batch), and Dice."""
    cases = []
    for shape, scale in [((2, 1, 3, 4), 1.0), ((1, 1, 2, 3, 2), 5.0), ((3, 1, 2, 2), 80.0)]:
        logits = (rng.normal(size=shape) * scale).astype(np.float32)
        masks = (rng.random(size=shape) < 0.4).astype(np.float32)
        if shape[0] == 3:  # nothing there and nothing found; all there and all found
            logits[0], masks[0] = -np.abs(logits[0]) - 1, 0
            logits[1], masks[1] = np.abs(logits[1]) + 1, 1
        z, y = torch.tensor(logits, requires_grad=True), torch.tensor(masks)
        p = torch.sigmoid(z)
        dice = 1 - (2 * (p * y).sum() + 1) / (p.sum() + y.sum() + 1)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y) + dice
        loss.backward()
        found, there = logits > 0, masks > 0.5
        coefficients = []
        for f, t in zip(found, there):
            sizes = f.sum() + t.sum()
            coefficients.append(1.0 if sizes == 0 else float(2 * (f & t).sum() / sizes))
        cases.append(
            dict(
                shape=shape,
                logits=rounded(logits),
                masks=rounded(masks),
                loss=float(loss.detach()),
                gradient=rounded(z.grad),
                dice=float(np.sum(coefficients)),
            )
        )
    return cases


def main():
    rng = np.random.default_rng(20261130)
    values = dict(
        blurs=blurs(rng),
        intervals=intervals(),
        differences=differences(rng),
        jackknives=jackknives(rng),
        ranks=ranks(),
        losses=losses(rng),
    )
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(values, indent=1) + "\n")


if __name__ == "__main__":
    main()
