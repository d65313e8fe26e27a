package org.palimpsest.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.cli.internal.CommonOptions;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists the weights in a file. */
@Command(
    name = "weights",
    description = {
      "Lists the parameters and buffers in a file: name, shape, type, mean, standard deviation,"
          + " norm.",
      "",
      "Files of PyTorch (state dict, training checkpoint, TorchScript), safetensors, ONNX, and"
          + " networks that DL4J or Keras saved. Nothing in them is run."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar palimpsest.jar weights model.safetensors",
      "  java -jar palimpsest.jar weights checkpoint.pth --key ema_state_dict \\",
      "      --without-prefix student. --format json"
    })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class WeightsCommand implements Callable<Integer> {

  private static final List<String> HEADER = List.of("NAME", "SHAPE", "TYPE", "MEAN", "SD", "NORM");

  @Spec private CommandSpec command;

  @Parameters(index = "0", paramLabel = "FILE", description = "A file with weights.")
  private Path file;

  @Mixin private WeightOptions asked;

  @Option(
      names = "--format",
      paramLabel = "table|json",
      defaultValue = "table",
      description = "What standard output carries. (default: ${DEFAULT-VALUE})")
  private ListingFormat format;

  @Mixin private CommonOptions common;

  @Override
  public Integer call() throws IOException {
    Weights weights = asked.read(file);
    List<TensorSummary> summaries = weights.tensors().stream().map(TensorSummary::of).toList();
    PrintWriter out = command.commandLine().getOut();
    if (format == ListingFormat.JSON) {
      JsonPrinter.print(summaries.stream().map(WeightsCommand::asMap).toList(), out);
    } else {
      table(summaries, out);
    }
    PrintWriter err = command.commandLine().getErr();
    weights.provenance().notes().forEach(note -> err.println("note: " + note));
    summaries.stream()
        .filter(summary -> !summary.isFinite())
        .forEach(
            s ->
                err.println(
                    "warning: '%s' of %s holds values that are not finite."
                        .formatted(s.name(), file)));
    return 0;
  }

  private static void table(List<TensorSummary> summaries, PrintWriter out) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(HEADER);
    for (TensorSummary summary : summaries) {
      lines.add(
          List.of(
              summary.name(),
              summary.shape().toString(),
              summary.dtype(),
              figure(summary.mean()),
              figure(summary.deviation()),
              figure(summary.norm())));
    }
    new TextColumns(3).print(lines, out);
  }

  private static String figure(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.5g", value) : "-";
  }

  private static Map<String, @Nullable Object> asMap(TensorSummary summary) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("name", summary.name());
    map.put("shape", summary.shape());
    map.put("dtype", summary.dtype());
    map.put("mean", finiteOrNull(summary.mean()));
    map.put("sd", finiteOrNull(summary.deviation()));
    map.put("norm", finiteOrNull(summary.norm()));
    return map;
  }

  /** JSON has no NaN. */
  private static @Nullable Double finiteOrNull(double value) {
    return Double.isFinite(value) ? value : null;
  }

  /**
   * A tensor in a few figures, summed in float64; they are NaN if a value is not finite.
   *
   * @param shape as in the file
   * @param dtype its type in the file
   * @param mean of all values
   * @param deviation the standard deviation of all values, divided by their number (as NumPy does)
   * @param norm the square root of the sum of squares
   */
  record TensorSummary(
      String name, List<Long> shape, String dtype, double mean, double deviation, double norm) {

    private static final double TINY = 1e-140;
    private static final double HUGE = 1e140;

    static TensorSummary of(WeightTensor tensor) {
      INDArray values = tensor.values();
      double count = values.length();
      double unit = unitOf(largest(tensor));
      double[] first = sums(tensor, unit, 0);
      double mean = first[0] / count;
      double squaresAboutMean = sums(tensor, unit, mean)[1];
      return new TensorSummary(
          tensor.name(),
          Arrays.stream(values.shape()).boxed().toList(),
          tensor.dtype(),
          unit * mean,
          unit * Math.sqrt(squaresAboutMean / count),
          unit * Math.sqrt(first[1]));
    }

    boolean isFinite() {
      return Double.isFinite(mean) && Double.isFinite(deviation) && Double.isFinite(norm);
    }

    /**
     * A power of two by which values are divided so that their squares neither overflow nor vanish.
     */
    private static double unitOf(double largest) {
      boolean squaresAreSafe = largest == 0 || (largest > TINY && largest < HUGE);
      return squaresAreSafe || !Double.isFinite(largest)
          ? 1
          : Math.scalb(1.0, Math.getExponent(largest));
    }

    private static double largest(WeightTensor tensor) {
      double[] largest = new double[1];
      tensor.forEach(value -> largest[0] = Math.max(largest[0], Math.abs(value)));
      return largest[0];
    }

    /** The sums of deviations from a centre and of their squares, in a unit. */
    private static double[] sums(WeightTensor tensor, double unit, double centre) {
      double[] sums = new double[2];
      tensor.forEach(
          value -> {
            double deviation = value / unit - centre;
            sums[0] += deviation;
            sums[1] += deviation * deviation;
          });
      return sums;
    }
  }
}
