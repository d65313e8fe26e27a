package org.palimpsest.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What to run.
 *
 * @param workloads which
 * @param repeats how often in one process, the first included
 * @param seed what the inputs are made from
 * @param tools a folder with one subfolder for each public tool
 * @param python the interpreter
 * @param scripts the folder of the Python side
 * @param minutes how long a side may take for a workload
 */
record BenchmarkOptions(
    List<Workload> workloads,
    int repeats,
    long seed,
    Optional<Path> tools,
    String python,
    Path scripts,
    long minutes) {

  static BenchmarkOptions parse(String[] arguments) {
    List<Workload> workloads = new ArrayList<>(List.of(Workload.values()));
    int repeats = 4;
    long seed = 1;
    Optional<Path> tools = Optional.empty();
    String python = "python3";
    Path scripts = Path.of("benchmarks/src/main/python");
    long minutes = 15;
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--only" -> workloads = Arrays.stream(value.split(",")).map(Workload::named).toList();
        case "--repeats" -> repeats = Integer.parseInt(value);
        case "--seed" -> seed = Long.parseLong(value);
        case "--tools" -> tools = Optional.of(Path.of(value));
        case "--python" -> python = value;
        case "--scripts" -> scripts = Path.of(value);
        case "--minutes" -> minutes = Long.parseLong(value);
        default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
      }
    }
    return new BenchmarkOptions(workloads, repeats, seed, tools, python, scripts, minutes);
  }
}
