"""Times whole commands from start to end against scripts written by hand, turn by turn.

commands.py [--pairs 5] [--only NAME,...] [--launcher examples/target/palimpsest]
"""
import argparse
import csv
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOUSE = HERE.parents[3]


def commands(launcher, folder):
    """Name, ours, by hand; {out} is a folder of one's own."""
    a, b = folder / "a", folder / "b"
    python = [sys.executable, str(HERE / "by_hand.py")]
    probes = str(folder / "probes.npy")

    def compare(layers, which):
        ours = [*launcher, "compare", f"{a}.pt", f"{b}.pt", "--probes", probes, *layers, "-o", "{out}"]
        return ours, [*python, "compare", f"{a}.ckpt", f"{b}.ckpt", probes, "{out}/by_hand.csv", which]

    blocks = "enc1,enc2,enc3,up2,dec2,up1,dec1,out"
    return {
        "compare 8x8": compare(["--layers", blocks], "blocks"),
        "compare all": compare([], "all"),
        "weights-compare": (
            [*launcher, "weights-compare", f"{a}.ckpt", f"{b}.ckpt", "-o", "{out}"],
            [*python, "weights-compare", f"{a}.ckpt", f"{b}.ckpt", "{out}/by_hand.csv"]),
        "inspect": (
            [*launcher, "inspect", f"{a}.ckpt"], [*python, "inspect", f"{a}.ckpt"]),
        "measures": ([*launcher, "measures"], None),
    }


def timed(command, out):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    run = subprocess.run(
        [part.replace("{out}", str(out)) for part in command], capture_output=True, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{run.stderr}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def largest_difference(out):
    """Between the two sides' values of `compare`, or nothing."""
    ours, by_hand = out / "scores.csv", out / "by_hand.csv"
    if not (ours.exists() and by_hand.exists()):
        return ""
    with open(ours, newline="") as file:
        values = {(r["layer_a"], r["layer_b"]): float(r["value"]) for r in csv.DictReader(file)}
    with open(by_hand, newline="") as file:
        pairs = [(values[one, other], float(value)) for one, other, value in csv.reader(file)
                 if (one, other) in values]
    return f"{max(abs(x - y) for x, y in pairs):.1e} of {len(pairs)}"


def medians(times):
    return [statistics.median(column) for column in zip(*times)]


def line(name, sides, pairs, folder):
    ours, by_hand = sides
    out = folder / name.replace(" ", "_")
    out.mkdir()
    times = ([], [])
    for _ in range(pairs):
        times[0].append(timed(ours, out))
        if by_hand:
            times[1].append(timed(by_hand, out))
    wall, cpu = medians(times[0])
    row = f"{name:<16} {wall:6.2f} {cpu:6.2f}"
    if by_hand:
        other_wall, other_cpu = medians(times[1])
        row += f"   {other_wall:6.2f} {other_cpu:6.2f}   {other_wall / wall:5.2f} {other_cpu / cpu:5.2f}"
        row += f"   {largest_difference(out)}"
    print(row, flush=True)


def kernels():
    probe = ("import numpy, torch; from threadpoolctl import threadpool_info;"
             "print([(i['internal_api'], i.get('architecture', ''), i['num_threads'])"
             " for i in threadpool_info()])")
    run = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    return run.stdout.strip() or "by hand: pip install threadpoolctl tells the kernels"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--launcher", default=str(HOUSE / "examples/target/palimpsest"))
    chosen = parser.parse_args()
    print(platform.processor() or platform.machine(), os.cpu_count(), "cores; by hand:", kernels())
    print(f"{'seconds':<16} {'ours':>6} {'CPU':>6}   {'hand':>6} {'CPU':>6}   ratio   CPU   difference")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        subprocess.run([sys.executable, str(HERE / "unet.py"), temporary], check=True)
        wanted = [name for name in chosen.only.split(",") if name]
        for name, sides in commands([chosen.launcher], folder).items():
            if not wanted or name in wanted:
                line(name, sides, chosen.pairs, folder)


if __name__ == "__main__":
    main()
