"""Golden values of the statistics of networks, from SciPy, statsmodels, scikit-learn and plain formulas.

    pip install numpy scipy statsmodels scikit-learn
    python make_network_statistics.py > ../resources/statistics/networks.json

Each entry says in "origin" what computed it. "formula" is NumPy written from the definition alone, by
enumeration where there is one (all divisions for ranks, all subsets for the jackknife).
"""

import itertools
import json

import numpy as np
from scipy import optimize, stats
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import roc_auc_score
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_ind

rng = np.random.default_rng(20)


def numbers(size, loc=0.0, scale=1.0):
    return np.round(rng.normal(loc, scale, size), 4)


def entry(origin, **fields):
    plain = lambda v: v.tolist() if isinstance(v, np.ndarray) else float(v) if isinstance(v, np.floating) else v
    return {"origin": origin, **{k: plain(v) for k, v in fields.items()}}


def student(arms, weights, paired=False):
    """Value, standard error and degrees of freedom of a contrast of means."""
    if paired:
        y = sum(w * a for w, a in zip(weights, arms))
        return y.mean(), y.std(ddof=1) / np.sqrt(len(y)), len(y) - 1.0
    v = [w * w * a.var(ddof=1) / len(a) for a, w in zip(arms, weights)]
    df = sum(v) ** 2 / sum(x * x / (len(a) - 1) for x, a in zip(v, arms))
    return sum(w * a.mean() for a, w in zip(arms, weights)), np.sqrt(sum(v)), df


def welch():
    a, b = numbers(5, 1.0), numbers(8, 0.2, 2.0)
    t = stats.ttest_ind(a, b, equal_var=False)
    ci = t.confidence_interval(0.95)
    p = stats.ttest_ind(a - 0.3, b, equal_var=False, alternative="greater").pvalue
    yield entry("scipy.stats.ttest_ind(equal_var=False)", kind="difference", a=a, b=b, low=ci.low, high=ci.high,
                df=t.df, threshold=0.3, pAbove=p)
    a, b = numbers(6, 1.0), numbers(6, 0.5)
    t = stats.ttest_rel(a, b)
    ci = t.confidence_interval(0.95)
    p = stats.ttest_rel(a - 0.3, b, alternative="greater").pvalue
    yield entry("scipy.stats.ttest_rel", kind="paired", a=a, b=b, low=ci.low, high=ci.high, df=float(t.df),
                threshold=0.3, pAbove=p)
    a = numbers(4, 2.0)
    t = stats.ttest_1samp(a, 1.5, alternative="greater")
    ci = stats.ttest_1samp(a, 0).confidence_interval(0.95)
    yield entry("scipy.stats.ttest_1samp", kind="mean", a=a, low=ci.low, high=ci.high, df=float(t.df), threshold=1.5,
                pAbove=t.pvalue)


def weighted():
    arms = [numbers(n, m, s) for n, m, s in ((4, 1, 0.3), (6, 0, 1), (3, 2, 0.7))]
    weights = [1.0, -0.85, -0.15]
    value, error, df = student(arms, weights)
    t = stats.t.ppf(0.975, df)
    return entry("formula", arms=[a.tolist() for a in arms], weights=weights, value=value, df=df,
                 low=value - t * error, high=value + t * error)


def equivalence():
    a, b = numbers(9, 0.1, 0.3), numbers(7, 0, 0.4)
    return entry("statsmodels.stats.weightstats.ttost_ind(usevar='unequal')", a=a, b=b, low=-0.7, high=0.6,
                 p=ttost_ind(a, b, -0.7, 0.6, usevar="unequal")[0])


def isotonic():
    y = np.round(np.linspace(0, 0.8, 14) + rng.normal(0, 0.15, 14), 4)
    fit = IsotonicRegression().fit_transform(np.arange(14), y)
    assert np.allclose(fit, optimize.isotonic_regression(y).x)
    return entry("sklearn.isotonic.IsotonicRegression", y=y, fit=fit)


def divisions(n, m):
    """P(U <= u) by counting all divisions of n + m ranks."""
    u = [sum(r) - n * (n - 1) // 2 for r in itertools.combinations(range(n + m), n)]
    return np.cumsum(np.bincount(u, minlength=n * m + 1)) / len(u)


def ranks():
    for n, m in ((4, 4), (5, 7), (8, 6)):
        a, b = numbers(n, 1.0), numbers(m)
        cdf = divisions(n, m)
        c = int((cdf <= 0.025).sum())
        d = np.sort((a[:, None] - b[None]).ravel())
        p = stats.mannwhitneyu(a - 0.25, b, alternative="greater", method="exact").pvalue
        yield entry("scipy.stats.mannwhitneyu(method='exact'); interval by enumeration", a=a, b=b, low=d[c - 1], high=d[-c],
                    point=float(np.median(d)), threshold=0.25, pAbove=p)


def censored():
    """Bounds: the interval is the hull of those of all completions, here of the extreme ones."""
    low = np.array([1.0, 2.5, 3.25, 4.0, 4.0]), np.array([0.5, 0.75, 2.0, 2.25])
    high = np.array([1.0, 2.5, 3.25, np.inf, np.inf]), np.array([0.5, 1.25, 2.0, 2.25])
    cdf = divisions(5, 4)
    c = int((cdf <= 0.025).sum())
    lows = np.sort((low[0][:, None] - high[1][None]).ravel())
    highs = np.sort((high[0][:, None] - low[1][None]).ravel())
    finite = [[x if np.isfinite(x) else "Infinity" for x in side] for side in high]
    return entry("formula", aLow=low[0], bLow=low[1], aHigh=finite[0], bHigh=finite[1], low=lows[c - 1],
                 high=highs[-c] if np.isfinite(highs[-c]) else "Infinity")


def frozen():
    f, w, l = numbers(5, 0.72, 0.015), numbers(6, 0.76, 0.015), numbers(4, 0.6, 0.02)

    def excess(rho):
        value, error, df = student([f, w, l], [1, -rho, -(1 - rho)])
        return abs(value) - stats.t.ppf(0.975, df) * error

    at = (f.mean() - l.mean()) / (w.mean() - l.mean())
    yield entry("formula, scipy.optimize.brentq", paired=False, f=f, w=w, l=l, value=at,
                low=optimize.brentq(excess, at - 2, at, xtol=1e-14), high=optimize.brentq(excess, at, at + 2, xtol=1e-14))
    f, w, l = (numbers(6, m, 0.02) for m in (0.72, 0.76, 0.6))
    x, y, n = f - l, w - l, 6
    t2 = stats.t.ppf(0.975, n - 1) ** 2 / n
    c = np.cov(x, y)
    a, b, d = y.mean() ** 2 - t2 * c[1, 1], x.mean() * y.mean() - t2 * c[0, 1], x.mean() ** 2 - t2 * c[0, 0]
    root = np.sqrt(b * b - a * d)
    yield entry("Fieller's quadratic in closed form", paired=True, f=f, w=w, l=l, value=x.mean() / y.mean(),
                low=(b - root) / a, high=(b + root) / a)


def shares():
    for hits, m in (([510, 512, 508, 511], 512), ([12, 12, 12], 12), ([5, 3, 8, 6, 5], 12)):
        x = np.array(hits) / m
        n = len(x)
        p = (sum(hits) + 0.5) / (n * m + 1)
        s2 = max(x.var(ddof=1), p * (1 - p) / m)
        half = stats.t.ppf(0.975, n - 1) * np.sqrt(s2 / n) / (p * (1 - p))
        logit = np.log(p / (1 - p))
        yield entry("formula", hits=hits, units=m, value=logit, low=logit - half, high=logit + half)


def auc():
    trained, fresh = numbers(6, 0.4), np.r_[numbers(118), [0.3, 0.3]]
    trained[0] = 0.3
    labels = np.r_[np.ones(6), np.zeros(120)]
    area = roc_auc_score(labels, np.r_[trained, fresh])
    placements = np.array([(np.sum(fresh < t) + np.sum(fresh == t) / 2) / len(fresh) for t in trained])
    assert np.isclose(area, placements.mean())
    return entry("sklearn.metrics.roc_auc_score; variance by formula", trained=trained, fresh=fresh, value=area,
                 variance=placements.var(ddof=1) / 6)


def matrix(n, shift):
    x = rng.normal(size=(n, 7))
    x[: n // 2, 0] += shift
    return np.round(((x[:, None] - x[None]) ** 2).sum(2) / 40, 5)


def jackknife(figure, groups):
    """Variance and degrees of freedom, every unit of every group left out once."""
    v, den = 0.0, 0.0
    for g, members in enumerate(groups):
        left = []
        for unit in members:
            rest = [list(x) for x in groups]
            rest[g] = [u for u in members if u != unit]
            left.append(figure(rest))
        n = len(left)
        j = (n - 1) / n * np.sum((np.array(left) - np.mean(left)) ** 2)
        v, den = v + j, den + j * j / (n - 1)
    return v, v * v / den


def interval(value, v, df):
    t = stats.t.ppf(0.975, df)
    return {"value": value, "df": df, "low": value - t * np.sqrt(v), "high": value + t * np.sqrt(v)}


def pairs(d, members):
    return np.mean([d[i, j] for i, j in itertools.combinations(members, 2)])


def across(d, a, b):
    return np.mean([d[i, j] for i in a for j in b])


def corrected(d, members):
    """Variance of log of a mean of pairs less the excess of the jackknife; the fit by least squares."""
    n, u = len(members), pairs(d, members)
    left = np.array([pairs(d, [m for m in members if m != out]) for out in members]) / u
    j = (n - 1) / n * np.sum((left - left.mean()) ** 2)
    if n < 4:
        return j
    couples = list(itertools.combinations(range(n), 2))
    design = np.zeros((len(couples), n))
    for row, (i, k) in enumerate(couples):
        design[row, i] = design[row, k] = 1
    y = np.array([d[members[i], members[k]] for i, k in couples])
    rest = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    e2 = (rest**2).sum() / (n * (n - 3) / 2) / u**2
    return max(j / 2, j - 4 / n * e2 * (1 / (n - 2) - 1 / (2 * n - 2)))


def groups():
    for nt, nr in ((5, 5), (3, 6)):
        d = matrix(nt + nr, 1.0)
        t, r = list(range(nt)), list(range(nt, nt + nr))
        location = lambda g: np.log(2 * across(d, *g) / (pairs(d, g[0]) + pairs(d, g[1])))
        raghu = lambda g: np.log(across(d, *g) / pairs(d, g[1]))
        vt, vr = corrected(d, t), corrected(d, r)
        df = (vt + vr) ** 2 / (vt**2 / (nt - 1) + vr**2 / (nr - 1))
        yield entry("formula, every network left out; effects by numpy.linalg.lstsq", d=d, first=t, second=r,
                    location=interval(location([t, r]), *jackknife(location, [t, r])),
                    raghu=interval(raghu([t, r]), *jackknife(raghu, [t, r])),
                    spread=interval(np.log(pairs(d, t) / pairs(d, r)), vt + vr, df))


def beyond():
    d = matrix(15, 1.0)
    t, r, c = list(range(5)), list(range(5, 11)), list(range(11, 15))
    location = lambda one, other: np.log(2 * across(d, one, other) / (pairs(d, one) + pairs(d, other)))
    figure = lambda g: location(g[0], g[1]) - location(g[2], g[1])
    return entry("formula, every network left out", d=d, first=t, second=r, control=c,
                 beyond=interval(figure([t, r, c]), *jackknife(figure, [t, r, c])))


def sources():
    d, r = matrix(12, 1.0), list(range(8, 12))
    label = [0, 0, 1, 1, 2, 2, 3, 3]
    other = lambda g: np.mean([d[i, j] for i, j in itertools.combinations(range(8), 2)
                               if label[i] != label[j] and label[i] in g and label[j] in g])
    same = lambda g: np.mean([d[2 * s, 2 * s + 1] for s in g])
    figure = lambda g: np.log(other(g[0]) / same(g[0]))
    value = figure([[0, 1, 2, 3]])
    v, df = jackknife(figure, [[0, 1, 2, 3]])
    location = lambda g: np.log(2 * across(d, [i for i in range(8) if label[i] in g[0]], g[1])
                                / (other(g[0]) + pairs(d, g[1])))
    return entry("formula, every source left out", d=d, first=list(range(8)), second=r, sources=label,
                 ratio=interval(value, v, df),
                 location=interval(location([[0, 1, 2, 3], r]), *jackknife(location, [[0, 1, 2, 3], r])))


def reuse():
    t, r = np.round(rng.normal(0.6, 0.05, (5, 4)), 4), np.round(rng.normal(0.4, 0.05, (6, 4)), 4)
    x = np.linspace(0, 1, 4)
    slope = lambda rows: np.array([stats.linregress(x, row).slope for row in rows])
    trend = stats.ttest_ind(slope(t), slope(r), equal_var=False).confidence_interval(0.95)
    a, b = 1 - t[:, 1], 1 - r[:, 1]
    v = [a.var(ddof=1) / 5 / a.mean() ** 2, b.var(ddof=1) / 6 / b.mean() ** 2]
    df = sum(v) ** 2 / (v[0] ** 2 / 4 + v[1] ** 2 / 5)
    pvalue = lambda y, z, margin, side: stats.ttest_ind(y - margin, z, equal_var=False, alternative=side).pvalue
    early, deeper = [0], [1, 2, 3]
    early_only = [pvalue(t[:, deeper].mean(1), r[:, deeper].mean(1), 0.15, "greater")]
    early_only += [pvalue(t[:, k], r[:, k], 0.15, "greater") for k in deeper]
    stronger = [pvalue(t[:, k] - t[:, 0], r[:, k] - r[:, 0], 0, "greater") for k in deeper]
    st, sr = np.round(rng.normal(0.6, 0.05, (4, 3)), 4), np.round(rng.normal(0.4, 0.05, (4, 5)), 4)
    dk = st.mean(1) - sr.mean(1)
    v1, v2 = dk.var(ddof=1) / 4, sr.mean(0).var(ddof=1) / 5
    logs = np.log((1 - st.mean(1)) / (1 - sr.mean(1)))
    moves = np.mean((1 - sr) / (1 - sr.mean(1, keepdims=True)), 0)
    v3, v4 = logs.var(ddof=1) / 4, moves.var(ddof=1) / 5
    return entry("scipy.stats.ttest_ind, linregress; formula for the logarithm and the sources", transferred=t, random=r,
                 leftOverSources=interval(logs.mean(), v3 + v4, (v3 + v4) ** 2 / (v3**2 / 3 + v4**2 / 4)),
                 trendLow=trend.low, trendHigh=trend.high,
                 left=interval(np.log(a.mean() / b.mean()), sum(v), df),
                 notEarly=min(1, 4 * min(early_only)), stronger=min(1, 3 * min(stronger)),
                 sourceTransferred=st, sourceRandom=sr,
                 overSources=interval(dk.mean(), v1 + v2, (v1 + v2) ** 2 / (v1**2 / 3 + v2**2 / 4)))


def holm():
    p = np.array([0.01, 0.2, 0.03, 0.004, 0.9, 0.03])
    return entry("statsmodels.stats.multitest.multipletests(method='holm')", p=p,
                 corrected=multipletests(p, method="holm")[1])


def fisher():
    for table in ([[7, 1], [2, 6]], [[0, 5], [3, 4]], [[3, 3], [1, 9]]):
        test = lambda side: stats.fisher_exact(table, alternative=side).pvalue
        yield entry("scipy.stats.fisher_exact", table=table, p=test("two-sided"), more=test("greater"), less=test("less"))


def sizes():
    for n, s, effect in ((3, 0.5, 1.2), (5, 1.0, 0.8), (4, 0.2, 1.0)):
        df = 2.0 * (n - 1)
        bound = s * s * df / stats.chi2.ppf(0.2, df)
        enough = lambda k: 2 * bound / k * (stats.t.ppf(0.975, 2 * k - 2) + stats.t.ppf(0.8, 2 * k - 2)) ** 2 <= effect**2
        yield entry("formula", networks=n, error=s * np.sqrt(2 / n), df=df, effect=effect,
                    needed=next(k for k in range(3, 1000) if enough(k)))


def indented(value):
    """A line for each entry, so that changes can be read."""
    lines = []
    for key, entries in value.items():
        lines.append("  %s: [\n    %s\n  ]" % (json.dumps(key), ",\n    ".join(json.dumps(e) for e in entries)))
    return "{\n" + ",\n".join(lines) + "\n}"


if __name__ == "__main__":
    print(indented({
        "welch": list(welch()), "weighted": [weighted()], "equivalence": [equivalence()], "isotonic": [isotonic()],
        "ranks": list(ranks()), "censored": [censored()], "frozen": list(frozen()), "shares": list(shares()),
        "auc": [auc()], "groups": list(groups()), "sources": [sources()], "reuse": [reuse()], "holm": [holm()],
        "fisher": list(fisher()), "sizes": list(sizes()), "beyond": [beyond()],
    }))
