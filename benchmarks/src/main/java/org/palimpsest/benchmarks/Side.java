package org.palimpsest.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One of those that run the workloads, each time in a new process with two threads.
 *
 * @param name for the table
 * @param command what starts it; the workload, the inputs, the repeats and the output follow
 */
record Side(String name, List<String> command) {

  private static final Map<String, String> TWO_THREADS =
      Map.of(
          "OMP_NUM_THREADS", "2",
          "OPENBLAS_NUM_THREADS", "2",
          "MKL_NUM_THREADS", "2",
          "OMP_WAIT_POLICY", "PASSIVE");

  /**
   * @param heap its largest size, as after {@code -Xmx}
   */
  static Side here(String heap) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:ActiveProcessorCount=2", "-Xmx" + heap, "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Worker.class.getName()));
    return new Side("palimpsest", command);
  }

  static Side python(String interpreter, Path script) {
    return new Side("NumPy", List.of(interpreter, script.toString()));
  }

  static Side streamingPython(String interpreter, Path script) {
    return new Side("NumPy, streamed", List.of(interpreter, script.toString(), "--streamed"));
  }

  static Side tool(String name, String interpreter, Path script, Path tools) {
    return new Side(
        name, List.of(interpreter, script.toString(), "--tool", name, tools.toString()));
  }

  /**
   * Runs a workload.
   *
   * @return what came of it, or why nothing did
   */
  SideOutcome run(Workload workload, Path inputs, int repeats, Path output, long minutes)
      throws IOException, InterruptedException {
    List<String> lines =
        lines(
            minutes,
            workload.name(),
            inputs.toString(),
            String.valueOf(repeats),
            output.toString());
    return SideOutcome.of(lines, output);
  }

  double gemmPeak() throws IOException, InterruptedException {
    return lines(5, "gemm").stream()
        .filter(line -> line.startsWith("gflops "))
        .mapToDouble(line -> Double.parseDouble(line.substring("gflops ".length())))
        .findFirst()
        .orElse(Double.NaN);
  }

  private List<String> lines(long minutes, String... arguments)
      throws IOException, InterruptedException {
    List<String> whole = new ArrayList<>(command);
    whole.addAll(Arrays.asList(arguments));
    File log = Files.createTempFile("benchmark", ".log").toFile();
    ProcessBuilder builder = new ProcessBuilder(whole).redirectErrorStream(true);
    builder.environment().putAll(TWO_THREADS);
    Process process = builder.redirectOutput(log).start();
    try {
      if (!process.waitFor(minutes, TimeUnit.MINUTES)) {
        return List.of("failed after %s minutes".formatted(minutes));
      }
      List<String> lines = Files.readAllLines(log.toPath());
      return process.exitValue() == 0 ? lines : withReason(lines);
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(log.toPath());
    }
  }

  private static List<String> withReason(List<String> lines) {
    List<String> all = new ArrayList<>(lines);
    all.add("failed " + (lines.isEmpty() ? "" : lines.get(lines.size() - 1)));
    return all;
  }
}
