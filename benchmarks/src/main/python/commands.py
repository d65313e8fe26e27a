"""Times whole commands from start to end against scripts written by hand, turn by turn.

commands.py [--pairs 5] [--quick] [--only NAME,...] [--launcher examples/target/palimpsest] [--history FILE.csv]
"""
import argparse
import csv
import datetime
import importlib.util
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import kernels

HERE = Path(__file__).resolve().parent
HOUSE = HERE.parents[3]
SCRIPTS = HERE / "by_hand"
BLOCKS = "enc1,enc2,enc3,up2,dec2,up1,dec1,out"
RESNET = "conv1,layer?.?.conv?,fc"
HISTORY = ["date", "commit", "processor", "here", "there", "workload", "side",
           "seconds_here", "seconds_there", "ratio"]


@dataclass
class Workload:
    """One command and who else does the same; {in} is the folder of inputs, {out} one of its own.

    script: what is written by hand. tool: the same by a public tool, the module that it needs, and its name.
    """
    name: str
    inputs: str
    command: str
    script: str = ""
    tool: tuple = ()
    what: str = ""
    keys: tuple = ("layer_a", "layer_b")
    values: tuple = ("value",)
    table: str = "scores.csv"


PAIR = "{in}/a.ckpt {in}/b.ckpt"
MODELS = "{in}/a.pt {in}/b.pt --probes {in}/probes.npy -o {out}"
BY_HAND = PAIR + " {in}/probes.npy {out}/by_hand.csv"
ONE = "{in}/a.pt {in}/b.pt --probes {in}/one.npy -o {out}"
ONE_BY_HAND = PAIR + " {in}/one.npy {out}/by_hand.csv"
ROW = ("view", "run_a", "step_a", "layer_a", "run_b", "step_b", "layer_b")

WORKLOADS = [
    Workload("W7 start", "unet", f"compare --layers enc3 {ONE}", f"compare.py {ONE_BY_HAND} blocks",
             what="the same networks, one probe, one layer here and 8 there"),
    Workload("W7 8x8", "unet", f"compare --layers {BLOCKS} {MODELS}", f"compare.py {BY_HAND} blocks",
             what="two U-Nets, 8×8 blocks"),
    Workload("W7 all", "unet", f"compare {MODELS}", f"compare.py {BY_HAND} all",
             what="two U-Nets, 41×41 layers"),
    Workload("W8 start", "volumes", f"compare --max-memory 2G --layers enc3 {ONE}", f"volumes.py {ONE_BY_HAND}",
             what="the same networks, one patch, one layer here and all there"),
    Workload("W8", "volumes", f"compare --max-memory 2G {MODELS}", f"volumes.py {BY_HAND}",
             what="two 3-D U-Nets, 8 patches of 64³, 41×41 layers"),
    Workload("W9 start", "resnet", f"compare --layers conv1 {ONE}", what="the same networks, one image, one layer"),
    Workload("W9", "resnet", f"compare --measure minibatch_cka:250 --feature-map flatten --layers {RESNET} {MODELS}",
             f"resnet.py {BY_HAND}", (f"resnet_by_tool.py {BY_HAND}", "cka", "pytorch-cka"),
             what="ResNet-18 twice, 18×18 layers, 1,000 images"),
    Workload("W10", "runs", f"track {{in}} --weights none --layers {BLOCKS} --probes {{in}}/probes.npy -o {{out}}/study",
             "track.py {in} {in}/probes.npy {out}/by_hand.csv", what="49 checkpoints of 7 runs, with page and pictures",
             keys=ROW, table="study/evolution.csv"),
    Workload("W11", "unet", f"compare --interval {MODELS}", f"intervals.py {BY_HAND}",
             what="41×41 layers with an interval in every cell", values=("corrected", "low", "high")),
    Workload("weights-compare", "unet", f"weights-compare {PAIR} -o {{out}}", f"weights.py {PAIR} {{out}}/by_hand.csv"),
    Workload("inspect", "unet", "inspect {in}/a.ckpt", "inspect_checkpoint.py {in}/a.ckpt"),
    Workload("measures", "unet", "measures"),
]


@dataclass
class Times:
    wall: list = field(default_factory=list)
    cpu: list = field(default_factory=list)
    megabytes: list = field(default_factory=list)

    def take(self, command):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        peak = Peak(process.pid)
        errors = process.communicate()[1]
        self.wall.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.megabytes.append(peak.end())
        if process.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{errors}")
        self.cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    def medians(self):
        return [statistics.median(column) for column in (self.wall, self.cpu, self.megabytes)]


class Peak(threading.Thread):
    """Of the resident memory of a process and all that it started, looked at ten times a second."""

    def __init__(self, root):
        super().__init__(daemon=True)
        self.root, self.megabytes, self.ended = root, 0, threading.Event()
        self.start()

    def run(self):
        while not self.ended.wait(0.1):
            self.megabytes = max(self.megabytes, self.now())

    def now(self):
        family, parents, pages = {self.root}, {}, {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    text = Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()
                except OSError:
                    continue
                parents[int(entry)], pages[int(entry)] = int(text[1]), int(text[21])
        for process in sorted(parents):
            if parents[process] in family:
                family.add(process)
        return sum(pages.get(one, 0) for one in family) * resource.getpagesize() / 2**20

    def end(self):
        self.ended.set()
        self.join()
        return self.megabytes


def largest_difference(workload, out):
    """Between the values of both sides, and over how many."""
    ours, by_hand = out / workload.table, out / "by_hand.csv"
    if not (ours.exists() and by_hand.exists()):
        return ""
    with open(ours, newline="") as file:
        values = {tuple(row[key] for key in workload.keys): row for row in csv.DictReader(file)}
    count, largest = 0, 0.0
    with open(by_hand, newline="") as file:
        for row in csv.reader(file):
            names, numbers = row[:len(workload.keys)], row[len(workload.keys):]
            match = values.get(tuple(names))
            for column, number in zip(workload.values, numbers):
                if match and match[column]:
                    count, largest = count + 1, max(largest, abs(float(match[column]) - float(number)))
    return f"{largest:.0e} of {count}"


def filled(command, inputs, out):
    return [part.replace("{in}", str(inputs)).replace("{out}", str(out)) for part in command.split()]


def sides(workload):
    yield "here"
    if workload.script:
        yield "by hand"
    if workload.tool and importlib.util.find_spec(workload.tool[1]):
        yield workload.tool[2]


def command_of(workload, side, launcher, inputs, out):
    if side == "here":
        return [launcher, *filled(workload.command, inputs, out)]
    script, *arguments = filled(workload.script if side == "by hand" else workload.tool[0], inputs, out)
    return [sys.executable, str(SCRIPTS / script), *arguments]


def run(workload, pairs, launcher, inputs, folder):
    """Turn by turn; the folders of outputs are fresh each time."""
    times = {side: Times() for side in sides(workload)}
    out = folder / "out"
    for turn in range(pairs):
        for side in times:
            place = out / f"{workload.name}-{turn}".replace(" ", "-")
            place.mkdir(parents=True, exist_ok=True)
            times[side].take(command_of(workload, side, launcher, inputs, place))
    return times, largest_difference(workload, place)


def show(workload, times, difference):
    wall, cpu, megabytes = times["here"].medians()
    print(f"{workload.name:<16} {'here':<12} {wall:7.2f} {cpu:7.2f} {megabytes:6.0f}{'':22}{workload.what}", flush=True)
    for side in [side for side in times if side != "here"]:
        other_wall, other_cpu, other_megabytes = times[side].medians()
        print(f"{'':<16} {side:<12} {other_wall:7.2f} {other_cpu:7.2f} {other_megabytes:6.0f}"
              f" {other_wall / wall:6.2f} {other_cpu / cpu:6.2f}   {difference if side == 'by hand' else ''}", flush=True)


def remember(history, workload, times):
    commit = subprocess.run(["git", "-C", str(HOUSE), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    is_new = not history.exists()
    with open(history, "a", newline="") as file:
        lines = csv.writer(file)
        if is_new:
            lines.writerow(HISTORY)
        here = times["here"].medians()[0]
        for side in [side for side in times if side != "here"]:
            there = times[side].medians()[0]
            lines.writerow([datetime.date.today(), commit.stdout.strip(), kernels.processor(), kernels.here(), kernels.there(),
                            workload.name, side, f"{here:.3f}", f"{there:.3f}", f"{there / here:.3f}"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="each once")
    parser.add_argument("--only", default="", help="names, or what they begin with: W7,W9")
    parser.add_argument("--launcher", default=str(HOUSE / "examples/target/palimpsest"))
    parser.add_argument("--history", type=Path, help="append the ratios to this file")
    chosen = parser.parse_args()
    wanted = tuple(name for name in chosen.only.split(",") if name)
    print(kernels.line())
    print(f"{'':<16} {'side':<12} {'seconds':>7} {'CPU':>7} {'MB':>6} {'ratio':>6} {'CPU':>6}   difference")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for workload in WORKLOADS:
            if wanted and not workload.name.startswith(wanted):
                continue
            inputs = folder / workload.inputs
            if not inputs.exists():
                inputs.mkdir()
                subprocess.run([sys.executable, str(SCRIPTS / "networks.py"), workload.inputs, str(inputs)], check=True)
            times, difference = run(workload, 1 if chosen.quick else chosen.pairs, chosen.launcher, inputs, folder)
            show(workload, times, difference)
            if chosen.history:
                remember(chosen.history, workload, times)


if __name__ == "__main__":
    main()
