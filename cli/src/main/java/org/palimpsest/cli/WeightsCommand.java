package org.palimpsest.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.weights.Weights;
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
        .forEach(s -> err.println("warning: '" + s.name() + "' holds values that are not finite."));
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
}
