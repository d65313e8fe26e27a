"""What lies under whole commands: Java, its native libraries and the networks by themselves, as processes from start to end.

floor.py --classpath benchmarks/target/classpath.txt [--pairs 5] [--only W7,W8] [--launcher examples/target/palimpsest]

Each line is the median of as many runs, turn by turn. No layer is read and nothing is compared in the lines of the floor;
each has an archive of its classes, as the launcher has.
"""
import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import kernels
from commands import HOUSE, SCRIPTS, WORKLOADS, Times, command_of

MAIN = "org.palimpsest.benchmarks.floor.Floor"
SETTINGS = ["-XX:TieredStopAtLevel=1", "-Xlog:disable", "-Dai.djl.offline=true", "-DOPT_OUT_TRACKING=true",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"]
LIBRARIES = {"java": ["java"], "ND4J": ["tensors"], "libtorch": ["libtorch"]}
BATCHES = {"W7 all": 8, "W8": 1, "W9": 16}


class Java:
    """Runs the floor's main class, whose classes a first run of the same kind has archived."""

    def __init__(self, classpath, folder):
        house = HOUSE / "benchmarks/target"
        jar = folder / "floor.jar"
        subprocess.run(["jar", "cf", jar, "-C", house / "classes", "org/palimpsest/benchmarks/floor"], check=True)
        jars = [entry for entry in classpath.read_text().strip().split(":") if entry.endswith(".jar")]
        self.classpath, self.folder = ":".join([str(jar), *jars]), folder

    def command(self, arguments):
        archive = self.folder / f"{arguments[0]}.jsa"
        java = ["java", *SETTINGS, "-cp", self.classpath, MAIN, *map(str, arguments)]
        if not archive.exists():
            subprocess.run([*java[:1], f"-XX:ArchiveClassesAtExit={archive}", *java[1:]], check=True, stdout=subprocess.DEVNULL)
        return [*java[:1], f"-XX:SharedArchiveFile={archive}", *java[1:]]


def sides(workload, java, launcher, inputs, out):
    """All lines of a workload: their names, and what is run."""
    probes = [BATCHES[workload.name], inputs / "probes.npy", inputs / "a.pt", inputs / "b.pt"]
    return {
        "import torch": [sys.executable, "-c", "import torch"],
        "networks in Java": java.command(["networks", *probes]),
        "and ND4J": java.command(["all", *probes]),
        "command": command_of(workload, "here", launcher, inputs, out),
        "script": command_of(workload, "by hand", launcher, inputs, out),
    }


def show(name, lines, pairs):
    times = {line: Times() for line in lines}
    for _ in range(pairs):
        for line, command in lines.items():
            times[line].take(command)
    for line, taken in times.items():
        wall, cpu, megabytes = taken.medians()
        print(f"{name:<8} {line:<18} {wall:7.2f} {cpu:7.2f} {megabytes:6.0f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--classpath", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--launcher", default=str(HOUSE / "examples/target/palimpsest"))
    chosen = parser.parse_args()
    os.environ.update(OMP_WAIT_POLICY="PASSIVE", GLIBC_TUNABLES="glibc.malloc.hugetlb=1")
    print(kernels.line())
    print(f"{'':<8} {'':<18} {'seconds':>7} {'CPU':>7} {'MB':>6}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        java = Java(chosen.classpath, folder)
        show("", {line: java.command(arguments) for line, arguments in LIBRARIES.items()}, chosen.pairs)
        for workload in WORKLOADS:
            if workload.name in BATCHES and workload.name.startswith(tuple(chosen.only.split(","))):
                inputs, out = folder / workload.inputs, folder / "out"
                out.mkdir(exist_ok=True)
                inputs.mkdir()
                subprocess.run([sys.executable, str(SCRIPTS / "networks.py"), workload.inputs, str(inputs)], check=True)
                show(workload.name, sides(workload, java, chosen.launcher, inputs, out), chosen.pairs)


if __name__ == "__main__":
    main()
