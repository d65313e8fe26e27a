package org.palimpsest.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.Measures;

/** Runs one workload in a process of its own, as the Python side does. */
final class Worker {

  private static final String PEAK_MEMORY = "VmHWM:";
  private static final double LEAST_SECONDS = 3;
  private static final int GEMM_SIZE = 2048;
  private static final int GEMM_REPEATS = 5;

  private Worker() {}

  /**
   * @param arguments the workload (or {@code gemm}), the folder of its inputs, the number of
   *     repeats and the file for the values
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments[0].equals("gemm")) {
      System.out.println("gflops " + gemmPeak());
      return;
    }
    Workload workload = Workload.named(arguments[0]);
    LayerFiles inputs = new LayerFiles(workload, Path.of(arguments[1]));
    Task task = task(workload, inputs);
    int repeats = Integer.parseInt(arguments[2]);
    List<List<Score>> scores = List.of();
    double spent = 0;
    for (int repeat = 0; repeat < repeats || spent < LEAST_SECONDS; repeat++) {
      long start = System.nanoTime();
      scores = task.run();
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.println("seconds " + seconds);
      spent += seconds;
    }
    System.out.println("megabytes " + peakMegabytes());
    Files.writeString(Path.of(arguments[3]), text(scores));
  }

  /** What is timed. */
  @FunctionalInterface
  private interface Task {
    List<List<Score>> run() throws IOException;
  }

  /** Layers are read beforehand, unless they are streamed. */
  private static Task task(Workload workload, LayerFiles inputs) throws IOException {
    if (workload == Workload.W3) {
      return () -> Streamed.compare(workload, inputs);
    }
    List<Representation> a = inputs.read("a");
    List<Representation> b = inputs.read("b");
    return () -> compare(Measures.parse(workload.measure()), a, b);
  }

  private static <P extends Prepared> List<List<Score>> compare(
      Measure<P> measure, List<Representation> a, List<Representation> b) {
    return measure.compareAll(prepared(measure, a), prepared(measure, b));
  }

  private static <P extends Prepared> List<P> prepared(
      Measure<P> measure, List<Representation> layers) {
    return layers.stream().map(layer -> measure.preparation().prepare(layer)).toList();
  }

  private static String text(List<List<Score>> scores) {
    return scores.stream()
        .map(
            row ->
                row.stream()
                    .map(score -> String.valueOf(score.value()))
                    .collect(Collectors.joining(",")))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /** The peak of resident memory, which Linux keeps. */
  static long peakMegabytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith(PEAK_MEMORY))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
        .findFirst()
        .orElse(0);
  }

  /** The best of several float32 products. */
  private static double gemmPeak() {
    INDArray left = Nd4j.rand(DataType.FLOAT, GEMM_SIZE, GEMM_SIZE);
    INDArray right = Nd4j.rand(DataType.FLOAT, GEMM_SIZE, GEMM_SIZE);
    INDArray product =
        Nd4j.createUninitialized(DataType.FLOAT, new long[] {GEMM_SIZE, GEMM_SIZE}, 'f');
    double best = Double.POSITIVE_INFINITY;
    for (int repeat = 0; repeat < GEMM_REPEATS; repeat++) {
      long start = System.nanoTime();
      Nd4j.gemm(left, right, product, false, false, 1, 0);
      best = Math.min(best, (System.nanoTime() - start) / 1e9);
    }
    return 2 * Math.pow(GEMM_SIZE, 3) / best / 1e9;
  }
}
