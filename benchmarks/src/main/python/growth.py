"""How time and memory of whole commands grow with what they are given, as a table and a plot.

growth.py [--only volumes,layers,rsa,kendall,track] [--quick] [--launcher examples/target/palimpsest]
          [--log FILE.csv] [--plot FILE.png]

Each size runs once. Behind the figures stands the power of the size by which time grew since the size
before. --log keeps them and goes on where it ends; --plot needs matplotlib.
"""
import argparse
import csv
import math
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import kernels
from commands import HOUSE, SCRIPTS, Times

COLUMNS = ["sweep", "size", "seconds", "cpu", "megabytes"]


@dataclass
class Sweep:
    """One command over growing inputs; {size} is what grows and {in} the folder of inputs of that size."""
    name: str
    what: str
    axis: str
    sizes: tuple
    command: str
    expected: str


NETWORKS = "{in}/a.pt {in}/b.pt --probes {in}/probes.npy -o {out}/result"
ARRAYS = "{in}/a.npz {in}/b.npz -o {out}/result"

SWEEPS = [
    Sweep("volumes", "two 3-D networks, 4 × 4 layers of 32 channels, 2 volumes, within 6 GB", "side of a volume",
          (32, 64, 96, 128), f"compare --max-memory 6G {NETWORKS}", "3"),
    Sweep("layers", "two files of layers, 1,000 × 64 each, `linear_cka` of all pairs", "layers of a file",
          (10, 20, 50, 100), f"compare {ARRAYS}", "2"),
    Sweep("rsa", "3 × 3 layers of 64 features, `rsa`", "samples", (625, 1250, 2500, 5000),
          f"compare --measure rsa {ARRAYS}", "2"),
    Sweep("kendall", "3 × 3 layers of 64 features, `rsa:euclidean:kendall`", "samples", (625, 1250, 2500, 5000),
          f"compare --measure rsa:euclidean:kendall {ARRAYS}", "2"),
    Sweep("track", "`track` of runs of 10 checkpoints, 8 layers, page and pictures", "checkpoints", (10, 20, 30, 50),
          "track {in}/runs --layers enc1,enc2,enc3,up2,dec2,up1,dec1,out --probes {in}/probes.npy -o {out}/study", "1 to 2"),
]


def measure(sweep, size, launcher, folder):
    inputs, out = folder / "in", folder / "out"
    inputs.mkdir()
    out.mkdir()
    subprocess.run([sys.executable, str(SCRIPTS / "growing.py"), sweep.name, str(size), str(inputs)], check=True)
    times = Times()
    times.take([launcher, *(part.replace("{in}", str(inputs)).replace("{out}", str(out)) for part in sweep.command.split())])
    return times.medians()


def known(log):
    if not (log and log.exists()):
        return {}
    with open(log, newline="") as file:
        return {(row["sweep"], int(row["size"])): tuple(float(row[column]) for column in COLUMNS[2:])
                for row in csv.DictReader(file)}


def remember(log, sweep, size, figures):
    is_new = not log.exists()
    with open(log, "a", newline="") as file:
        lines = csv.writer(file)
        if is_new:
            lines.writerow(COLUMNS)
        lines.writerow([sweep, size, *(f"{figure:.2f}" for figure in figures)])


def power(sizes, values, at):
    """By which a value grew from the size before to this one."""
    if at == 0:
        return ""
    return f"{math.log(values[at] / values[at - 1]) / math.log(sizes[at] / sizes[at - 1]):.1f}"


def table(sweeps, figures):
    print("| | | seconds | CPU | MB | power of CPU | work grows by |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for sweep in sweeps:
        sizes = [size for size in sweep.sizes if (sweep.name, size) in figures]
        rows = [figures[sweep.name, size] for size in sizes]
        for at, (size, (wall, cpu, megabytes)) in enumerate(zip(sizes, rows)):
            told = sweep.what if at == 0 else ""
            print(f"| {told} | {size:,} | {wall:.1f} | {cpu:.1f} | {megabytes:.0f} | "
                  f"{power(sizes, [row[1] for row in rows], at)} | {sweep.expected if at == 0 else ''} |")


def plot(sweeps, figures, file):
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot, ticker
    picture, panes = pyplot.subplots(2, len(sweeps), figsize=(3 * len(sweeps), 5.2), sharex="col", squeeze=False)
    for column, sweep in enumerate(sweeps):
        sizes = [size for size in sweep.sizes if (sweep.name, size) in figures]
        rows = [figures[sweep.name, size] for size in sizes]
        for pane, at, label in ((panes[0][column], 1, "CPU seconds"), (panes[1][column], 2, "MB")):
            pane.plot(sizes, [row[at] for row in rows], marker="o", color="#0072b2")
            pane.set_xscale("log")
            pane.set_yscale("log")
            pane.set_xticks(sizes, [f"{size:,}" for size in sizes])
            pane.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.10g}"))
            pane.yaxis.set_minor_formatter(ticker.NullFormatter())
            pane.minorticks_off()
            pane.grid(color="#dddddd", linewidth=0.6)
            pane.set_ylim(1 if at == 1 else 50, 1.6 * max(row[at] for row in rows))
            if column == 0:
                pane.set_ylabel(label)
        panes[0][column].set_title(sweep.name)
        panes[1][column].set_xlabel(sweep.axis)
    picture.tight_layout()
    picture.savefig(file, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="names, or what they begin with: rsa,track")
    parser.add_argument("--quick", action="store_true", help="without the largest size of each")
    parser.add_argument("--launcher", default=str(HOUSE / "examples/target/palimpsest"))
    parser.add_argument("--log", type=Path, help="keep the figures in this file, and leave out what it holds")
    parser.add_argument("--plot", type=Path, help="draw them into this file")
    chosen = parser.parse_args()
    wanted = tuple(name for name in chosen.only.split(",") if name)
    sweeps = [sweep for sweep in SWEEPS if not wanted or sweep.name.startswith(wanted)]
    print(kernels.line(), file=sys.stderr)
    figures = known(chosen.log)
    for sweep in sweeps:
        for size in sweep.sizes[:-1] if chosen.quick else sweep.sizes:
            if (sweep.name, size) not in figures:
                with tempfile.TemporaryDirectory() as temporary:
                    figures[sweep.name, size] = measure(sweep, size, chosen.launcher, Path(temporary))
                print(sweep.name, size, *(f"{figure:.2f}" for figure in figures[sweep.name, size]), file=sys.stderr, flush=True)
                if chosen.log:
                    remember(chosen.log, sweep.name, size, figures[sweep.name, size])
    table(sweeps, figures)
    if chosen.plot:
        plot(sweeps, figures, chosen.plot)


if __name__ == "__main__":
    main()
