"""Studies of scored runs with the figures, intervals, p values and verdicts that follow from the definitions
in docs/claims.md, computed with SciPy alone.

    pip install "scipy>=1.12"
    python make_scored_studies.py > ../resources/scored_studies.json
"""

import json
import sys

import numpy as np
from scipy import optimize, stats

rng = np.random.default_rng(14)
GOALS = (0.5, 0.75, 0.9)


def plateau(scores):
    after = [score for step, score in sorted(scores.items()) if step > 0]
    return float(np.mean(after[-3:])) if len(after) >= 3 else after[-1]


def contrast(arms, weights, paired=False):
    """Value, standard error, degrees of freedom (Welch and Satterthwaite; within pairs n - 1)."""
    arms = [np.asarray(a, float) for a in arms]
    if paired:
        y = sum(w * a for w, a in zip(weights, arms))
        return y.mean(), y.std(ddof=1) / np.sqrt(len(y)), len(y) - 1
    parts = [w * w * a.var(ddof=1) / len(a) for a, w in zip(arms, weights)]
    df = sum(parts) ** 2 / sum(v * v / (len(a) - 1) for v, a in zip(parts, arms))
    return sum(w * a.mean() for a, w in zip(arms, weights)), np.sqrt(sum(parts)), df


def figure(claim, quantity, of, value_error_df, threshold, above=True, decides=True, networks=0):
    value, error, df = value_error_df
    half = stats.t.ppf(0.975, df) * error
    over = stats.t.sf((value - threshold) / error, df)  # of the hypothesis that the value is below
    return {
        "claim": claim, "quantity": quantity, "of": of, "decides": decides, "networks": networks,
        "value": value, "low": value - half, "high": value + half,
        "claimed_from": threshold if above else None, "claimed_to": None if above else threshold,
        "p_for": over if above else 1 - over, "p_against": 1 - over if above else over,
    }


def verdict(p_for, p_against):
    return "holds" if p_for <= 0.025 else "does not hold" if p_against <= 0.025 else "cannot be told"


def all_of(claim, figures):
    parts = [f for f in figures if f["claim"] == claim and f["decides"]]
    p_for = max(f["p_for"] for f in parts)
    p_against = min(1, len(parts) * min(f["p_against"] for f in parts))
    return {"claim": claim, "p_for": p_for, "p_against": p_against, "verdict": verdict(p_for, p_against)}


def run(folder, scores, **role):
    return {"folder": folder, "role": role, "scores": {str(k): round(float(v), 5) for k, v in scores.items()}}


def scores_of(one):
    return {int(step): score for step, score in one["scores"].items()}


# Speed: curves whose scores go up and down, read where their isotonic fit crosses the goals.

def curve(half, top):
    steps = [0] + [2**k for k in range(2, 11)]
    return {s: np.clip(top * (1 - 2 ** (-s / half)) + (rng.normal(0, 0.02) if s else 0), 0, 1) for s in steps}


def log2_steps(scores, goals):
    steps, values = zip(*sorted(scores.items()))
    fit = optimize.isotonic_regression(values).x
    found = []
    for goal in goals:
        i = int(np.argmax(fit >= goal))
        assert i > 1 and fit[i] >= goal, "reached before the first score or never"
        share = (goal - fit[i - 1]) / (fit[i] - fit[i - 1])
        found.append(np.log2(steps[i - 1]) + share * (np.log2(steps[i]) - np.log2(steps[i - 1])))
    return np.array(found)


def speed(name, paired):
    transferred = [curve(12 * rng.uniform(0.8, 1.25), 0.8) for _ in range(5)]
    others = [curve(30 * rng.uniform(0.8, 1.25), 0.78) for _ in range(5 if paired else 7)]
    pair = lambda i: {"pair": f"p{i}"} if paired else {}
    runs = [run(f"transfer/seed{i}", c, **pair(i)) for i, c in enumerate(transferred)]
    # pairs are told by their words, not by the order of folders
    runs += [run(f"random/seed{i}", c, **pair((i + 2) % 5)) for i, c in enumerate(others)]
    order = [(i + 3) % 5 for i in range(5)] if paired else range(len(others))
    t = [scores_of(r) for r in runs[:5]]
    r = [scores_of(one) for one in runs[5:]]
    goals = np.array(GOALS) * np.mean([plateau(c) for c in r])
    ts = np.array([log2_steps(c, goals) for c in t])
    rs = np.array([log2_steps(r[i], goals) for i in order])
    figures = [figure("faster", "doublings_of_speed", "all runs",
                      contrast([rs.mean(1), ts.mean(1)], [1, -1], paired), 0, networks=5)]
    for goal in range(3):
        figures.append(figure("faster", "doublings_to_goal", "all runs",
                              contrast([rs[:, goal], ts[:, goal]], [1, -1], paired), 0, decides=False, networks=5))
    return {"name": name, "runs": runs, "figures": figures, "claims": [all_of("faster", figures)]}


# Gains in the four cells.

CELLS = {"hard task, few images": ("hard", "few"), "hard task, many images": ("hard", "many"),
         "easy task, few images": ("easy", "few"), "easy task, many images": ("easy", "many")}


def cells(name, gains, by_name, numbers=("few", "many")):
    runs, arms = [], {}
    for (words, (difficulty, images)), base, gain in zip(CELLS.items(), (0.55, 0.7, 0.82, 0.9), gains):
        for arm, shift, count in (("transfer", gain, 4), ("random", 0, 5)):
            scores = [{100: base + shift + rng.normal(0, 0.01), 200: base + shift + rng.normal(0, 0.01)}
                      if seed == 0 else {s: base + shift + rng.normal(0, 0.01) for s in (50, 100, 150, 200)}
                      for seed in range(count)]
            made = []
            for seed, one in enumerate(scores):
                folder = f"{arm}_{difficulty}_{images}" if by_name else f"{arm}{difficulty}{images}"
                role = {} if by_name else {"start": "source" if arm == "transfer" else "random", "difficulty": difficulty,
                                           "images": numbers[images == "many"]}
                made.append(run(f"{folder}/seed{seed}", one, **role))
            runs += made
            arms[words, arm] = np.array([plateau(scores_of(r)) for r in made])
    logit = lambda p: np.log(p / (1 - p))
    hard_few = "hard task, few images"

    def over(weights, scale=lambda p: p):
        chosen = [(arms[w, a], v * s) for w, v in weights.items() for a, s in (("transfer", 1), ("random", -1))]
        return contrast([scale(a) for a, _ in chosen], [w for _, w in chosen])

    third = {w: 1 if w == hard_few else -1 / 3 for w in CELLS}
    signs = dict(zip(CELLS, (1, -1, -1, 1)))
    ahead = figure("hard-and-few", "gain_ahead", "", over(third), 0, networks=4)
    figures = [
        ahead,
        figure("hard-and-few", "gain", hard_few, over({hard_few: 1}), 0, networks=4),
        figure("hard-and-few", "gain_ahead_on_logit", "", over(third, logit), 0, decides=False, networks=4),
        figure("hard-and-few", "gain_interaction", "", over(signs), 0, decides=False, networks=4)]
    for words in CELLS:
        figures.append(figure("only-hard-and-few", "gain", words, over({words: 1}), 0 if words == hard_few else 0.02,
                              above=words == hard_few, networks=4))
    larger = all_of("hard-and-few", figures)
    if ahead["value"] * figures[2]["value"] < 0:
        larger = {"claim": "hard-and-few", "p_for": 1.0, "p_against": 1.0, "verdict": "cannot be told"}
    return {"name": name, "runs": runs, "figures": figures, "claims": [larger, all_of("only-hard-and-few", figures)]}


# A frozen random encoder: Fieller's interval of a share.

def frozen(name, level, paired):
    arms = {"frozen_encoder": rng.normal(level, 0.01, 6), "random": rng.normal(0.8, 0.01, 6), "floor": rng.normal(0.5, 0.02, 6)}
    runs = []
    for folder, scores in arms.items():
        for seed, score in enumerate(scores):
            last = {10: score - 0.01, 20: score, 30: score + 0.012}
            runs.append(run(f"{folder}/seed{seed}", {0: 0.01, 5: 0.1, **last}, **({"pair": str(seed)} if paired else {})))
        arms[folder] = np.array([plateau(scores_of(r)) for r in runs if r["folder"].startswith(folder + "/")])
    f, w, l = arms.values()
    at = lambda share: contrast([f, w, l], [1, -share, share - 1], paired)

    def excess(share):
        value, error, df = at(share)
        return abs(value) - stats.t.ppf(0.975, df) * error

    share = (f.mean() - l.mean()) / (w.mean() - l.mean())
    room = figure("frozen", "dice_above_floor", "", contrast([w, l], [1, -1], paired), 0, decides=False, networks=6)
    value, error, df = at(0.7)
    over = max(room["p_for"], stats.t.sf(value / error, df))
    under = max(room["p_for"], stats.t.cdf(value / error, df))
    figures = [{
        "claim": "frozen", "quantity": "frozen_share", "of": "all runs", "decides": True, "networks": 6, "value": share,
        "low": optimize.brentq(excess, share - 2, share, xtol=1e-14),
        "high": optimize.brentq(excess, share, share + 2, xtol=1e-14),
        "claimed_from": 0.7, "claimed_to": None, "p_for": over, "p_against": under}, room,
        figure("frozen", "dice_above_floor", "", contrast([f, l], [1, -1], paired), 0, decides=False, networks=6)]
    return {"name": name, "runs": runs, "figures": figures, "claims": [all_of("frozen", figures)]}


json.dump([
    speed("curves of independent arms", False),
    speed("curves in pairs", True),
    cells("gains where hard and few alone", (0.08, 0.0, 0.0, 0.0), True),
    cells("gains everywhere", (0.06, 0.06, 0.06, 0.06), False),
    cells("gains by numbers of images", (0.09, 0.05, 0.03, 0.0), False, (12, 200)),
    frozen("most of the way", 0.77, False),
    frozen("half of the way, in pairs", 0.64, True),
], sys.stdout, separators=(",", ":"))
print()
