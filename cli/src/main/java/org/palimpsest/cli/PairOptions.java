package org.palimpsest.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.LayerPairs;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which pairs of layers are compared, if not all. */
final class PairOptions {

  private static final long LARGEST_FILE = 16 << 20;

  @Option(names = "--matched", description = "Compare only layers of the same name.")
  private boolean matched;

  @Option(
      names = "--pairs",
      split = ",",
      paramLabel = "A=B[,A=B...]|FILE",
      description =
          "Compare only these layers of A, each with the one of B that belongs to it, where the"
              + " two networks name them differently: enc1.conv=encoder.0.conv. Of a text file each"
              + " line is a pair. May be given several times.")
  private List<String> pairs = List.of();

  /** The pairs that are named, if any. */
  Optional<LayerPairs> named(LayerOptions layers, CommandSpec command) {
    if (pairs.isEmpty()) {
      return Optional.empty();
    }
    if (matched || layers.areGiven()) {
      throw new ParameterException(
          command.commandLine(),
          "--pairs says which layers are compared; it goes neither with --matched nor with"
              + " --layers.");
    }
    try {
      List<String> texts = new ArrayList<>();
      for (String given : pairs) {
        texts.addAll(given.contains("=") ? List.of(given) : linesOf(given));
      }
      return Optional.of(LayerPairs.parse(texts));
    } catch (PalimpsestException senseless) {
      throw new ParameterException(
          command.commandLine(), String.valueOf(senseless.getMessage()), senseless);
    }
  }

  /** Empty lines, and those that begin with {@code #}, are passed over. */
  private static List<String> linesOf(String file) {
    try {
      Path path = Path.of(file);
      if (!Files.isRegularFile(path) || Files.size(path) > LARGEST_FILE) {
        throw noPairs(file);
      }
      return Files.readAllLines(path).stream()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    } catch (IOException | InvalidPathException unreadable) {
      throw noPairs(file);
    }
  }

  private static PalimpsestException noPairs(String file) {
    return new PalimpsestException(
        "--pairs %s is neither a pair LAYER_OF_A=LAYER_OF_B nor a text file of pairs, one a line."
            .formatted(file));
  }

  Comparison narrowed(Comparison comparison, Optional<LayerPairs> named) {
    return named
        .map(comparison::withPairs)
        .orElseGet(() -> matched ? comparison.matched() : comparison);
  }
}
