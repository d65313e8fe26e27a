package org.palimpsest.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Runs each workload here, in NumPy and in public tools, and prints a table of the outcome. */
public final class Benchmark {

  private static final String HEAP = "3g";
  private static final String HEAP_OF_STREAMS = "64m";
  private static final List<String> TOOLS =
      List.of("svcca", "torch_cka", "pytorch-cka", "ckatorch", "anatome", "netrep", "resi");

  private final BenchmarkOptions arguments;
  private final PrintStream out;

  private Benchmark(BenchmarkOptions arguments, PrintStream out) {
    this.arguments = arguments;
    this.out = out;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    new Benchmark(BenchmarkOptions.parse(arguments), System.out).run();
  }

  private void run() throws IOException, InterruptedException {
    Side numpy = Side.python(arguments.python(), arguments.scripts().resolve("workloads.py"));
    Report report = new Report(Side.here(HEAP).gemmPeak(), numpy.gemmPeak());
    out.print(report.header());
    Path folder = Files.createTempDirectory("palimpsest-benchmark");
    try {
      for (Workload workload : arguments.workloads()) {
        new LayerFiles(workload, folder).write(arguments.seed());
        Map<String, SideOutcome> outcomes = new LinkedHashMap<>();
        for (Side side : sides(workload, numpy)) {
          outcomes.put(side.name(), run(side, workload, folder));
        }
        out.print(report.rows(workload, outcomes));
        deleteFilesIn(folder);
      }
    } finally {
      deleteFilesIn(folder);
      Files.delete(folder);
    }
  }

  private SideOutcome run(Side side, Workload workload, Path folder)
      throws IOException, InterruptedException {
    int repeats = TOOLS.contains(side.name()) ? 1 : arguments.repeats();
    return side.run(workload, folder, repeats, folder.resolve("values.csv"), arguments.minutes());
  }

  private List<Side> sides(Workload workload, Side numpy) {
    List<Side> sides = new ArrayList<>();
    sides.add(Side.here(workload == Workload.W3 ? HEAP_OF_STREAMS : HEAP));
    sides.add(numpy);
    if (workload == Workload.W3) {
      sides.add(
          Side.streamingPython(arguments.python(), arguments.scripts().resolve("workloads.py")));
    }
    if (arguments.tools().isPresent()) {
      Path tools = arguments.tools().get();
      TOOLS.stream()
          .map(
              tool ->
                  Side.tool(
                      tool, arguments.python(), arguments.scripts().resolve("tools.py"), tools))
          .forEach(sides::add);
    }
    return sides;
  }

  private static void deleteFilesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted(Comparator.naturalOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
