package org.palimpsest.cli;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.cli.WeightsComparison.Row;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.weights.LayerKind;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.weights.StateDictNames;
import org.palimpsest.report.plot.Figure;
import org.palimpsest.report.plot.FilterMosaic;
import org.palimpsest.report.table.TableFormat;
import org.palimpsest.similarity.filters.Initialisation;
import org.palimpsest.similarity.weights.FilterBank;
import org.palimpsest.similarity.weights.FilterLayout;
import org.palimpsest.similarity.weights.NetworkFilters;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares the weights of two networks, from their files alone. */
@Command(
    name = "weights-compare",
    description = {
      "Tells, layer by layer, how far weights went from A to B, how near filters are in whatever"
          + " order they stand, and whether they still look random.",
      "",
      "Files of PyTorch (state dict, training checkpoint, TorchScript), safetensors, ONNX, DL4J and"
          + " Keras. Nothing in them is run. Layers are paired by name; names that only one file"
          + " has are listed."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  java -jar palimpsest.jar weights-compare start.pt end.pt --layers 'enc*' -o weights",
      "  java -jar palimpsest.jar weights-compare fold_0.pth fold_1.pth --start nnunet"
    })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class WeightsCompareCommand implements Callable<Integer>, WritesFiles {

  private static final String CSV = "weights.csv";
  private static final String JSON = "weights.json";

  @Spec private CommandSpec command;

  @Parameters(
      index = "0",
      paramLabel = "A",
      description = "A file with weights, such as the start.")
  private Path a;

  @Parameters(index = "1", paramLabel = "B", description = "The other one, such as the end.")
  private Path b;

  @Mixin private LayerOptions layers;

  @Option(names = "--filters", description = "Also give the figures of each filter.")
  private boolean filters;

  @Mixin private WeightOptions asked;

  @Mixin private StartOption start;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "Also write weights.csv, weights.json and pictures.")
  private @Nullable Path folder;

  @Option(
      names = "--format",
      paramLabel = "table|csv|json",
      defaultValue = "table",
      description = "What standard output carries. (default: ${DEFAULT-VALUE})")
  private TableFormat format;

  @Mixin private CommonOptions common;

  @Override
  public List<Path> outputs() {
    return folder == null ? List.of() : List.of(folder.resolve(CSV), folder.resolve(JSON));
  }

  @Override
  public Integer call() throws IOException {
    if (folder != null) {
      AtomicFile.create(folder.resolve(CSV)).close();
    }
    Optional<Initialisation> assumed = start.named(command);
    LayerSelector selector = layers.selector();
    requireNothingInVain(selector);
    List<Weights> read = asked.read(List.of(a, b));
    Weights before = StateDictNames.fitting(read.get(0), read.get(1));
    Weights after = StateDictNames.fitting(read.get(1), before);
    WeightsComparison comparison =
        WeightsComparison.of(before, after, assumed, TerminalProgress.ifWatched());
    selector.requireEachGlobMatches(comparison.names());
    List<Row> rows = comparison.rows(selector, filters);
    WeightsComparison.Files files = new WeightsComparison.Files(comparison, rows, selector);
    if (folder != null) {
      write(files, folder);
      List<String> drawn = rows.stream().map(row -> row.statistic().layer()).distinct().toList();
      new WeightPictures(before, after).write(drawn, folder);
    }
    print(files, comparison);
    PrintWriter err = command.commandLine().getErr();
    noteOn(comparison.change().before(), before.name(), err);
    noteOn(comparison.change().after(), after.name(), err);
    comparison.unmatched(selector).forEach(sentence -> err.println("note: " + sentence));
    return 0;
  }

  /** Before files of any size are read, where their headers tell the names. */
  private void requireNothingInVain(LayerSelector selector) {
    Set<String> possible = new LinkedHashSet<>();
    for (Path file : List.of(a, b)) {
      Optional<List<String>> names = Inputs.tensorNames(file);
      if (names.isEmpty()) {
        return;
      }
      for (String tensor : names.get()) {
        int end = tensor.lastIndexOf('.');
        possible.add(tensor);
        possible.add(tensor.substring(0, Math.max(0, end)));
        for (int dot = tensor.indexOf('.'); dot >= 0 && dot < end; ) {
          possible.add(tensor.substring(dot + 1, end));
          dot = tensor.indexOf('.', dot + 1);
        }
      }
    }
    selector.requireEachGlobMatches(List.copyOf(possible));
  }

  private static void noteOn(Provenance network, String name, PrintWriter err) {
    network.notes().forEach(note -> err.println("note: %s: %s".formatted(name, note)));
  }

  private void print(WeightsComparison.Files files, WeightsComparison comparison)
      throws IOException {
    PrintWriter out = command.commandLine().getOut();
    switch (format) {
      case TABLE ->
          new WeightsComparisonTable(
                  files.rows(), comparison.randomnessOfB().assumedStart(), comparison.chance())
              .print(out);
      case CSV -> files.csv(out);
      case JSON -> files.json(out);
    }
  }

  private static void write(WeightsComparison.Files files, Path folder) {
    AtomicFile.write(
        folder.resolve(CSV),
        out -> {
          Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
          files.csv(text);
        });
    AtomicFile.write(
        folder.resolve(JSON),
        out -> {
          Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
          files.json(text);
        });
  }

  /** Two networks' filters as pictures: themselves side by side, and how well they match. */
  private static final class WeightPictures {

    private static final int LEAST_FILTERS = 2;
    private static final int MOST_AXES_OF_SPACE = 3;

    /** Endings, numbers and what unfinished files are called come to it; most systems take 255. */
    private static final int LONGEST_NAME = 150;

    private final Weights a;
    private final Weights b;

    WeightPictures(Weights a, Weights b) {
      this.a = a;
      this.b = b;
    }

    /** Draws the layers of convolutions that both networks have, among those of these names. */
    List<Path> write(List<String> layers, Path folder) {
      List<Picture> pictures = new ArrayList<>();
      NetworkFilters ofA = NetworkFilters.of(a);
      NetworkFilters ofB = NetworkFilters.of(b);
      for (FilterLayout layout : ofA.layouts()) {
        String layer = layout.layer();
        if (layers.contains(layer)
            && layout.kind() != LayerKind.LINEAR
            && layout.filters() >= LEAST_FILTERS
            && ofB.layout(layer).isPresent()) {
          FilterBank before = ofA.bank(layer);
          FilterBank after = ofB.bank(layer);
          if (layout.kernel().size() <= MOST_AXES_OF_SPACE) {
            pictures.add(new Picture("filters-" + layer, () -> mosaic(before, after)));
          }
          if (MatchedFilters.areDefined(before, after)) {
            Figure matches = matches(before, after);
            pictures.add(new Picture("matched-" + layer, () -> matches));
          }
        }
      }
      return named(pictures).parallelStream().flatMap(picture -> picture.write(folder)).toList();
    }

    /** With names of files that differ, also where case does not count. */
    private static List<Picture> named(List<Picture> pictures) {
      Set<String> taken = new HashSet<>();
      List<Picture> named = new ArrayList<>();
      for (Picture picture : pictures) {
        String safe = picture.name().replaceAll("[^A-Za-z0-9._=-]", "-");
        String stem = safe.substring(0, Math.min(LONGEST_NAME, safe.length()));
        String name = stem;
        for (int i = 2; !taken.add(name.toLowerCase(Locale.ROOT)); i++) {
          name = stem + "-" + i;
        }
        named.add(new Picture(name, picture.figure()));
      }
      return named;
    }

    /** A picture and the name of its files. */
    private record Picture(String name, Supplier<Figure> figure) {

      Stream<Path> write(Path folder) {
        Path png = folder.resolve(name + ".png");
        Path svg = folder.resolve(name + ".svg");
        Figure drawn = figure.get();
        drawn.writePng(png);
        drawn.writeSvg(svg);
        return Stream.of(png, svg);
      }
    }

    private Figure matches(FilterBank before, FilterBank after) {
      return MatchedFilters.of(before, after)
          .withDetail("A: " + a.provenance().origin())
          .withDetail("B: " + b.provenance().origin())
          .draw();
    }

    private Figure mosaic(FilterBank before, FilterBank after) {
      return FilterMosaic.of("Filters of " + before.layer())
          .withDetail("A: " + a.provenance().origin())
          .withDetail("B: " + b.provenance().origin())
          .withFilters("A", kernels(before))
          .withFilters("B", kernels(after))
          .draw();
    }

    private static double[][][][] kernels(FilterBank bank) {
      List<Integer> kernel = bank.layout().kernel();
      long[] shape = new long[2 + Math.max(2, kernel.size())];
      shape[0] = bank.filters();
      shape[1] = bank.layout().inputChannels();
      for (int axis = 2; axis < shape.length; axis++) {
        int index = axis - (shape.length - kernel.size());
        shape[axis] = index < 0 ? 1 : kernel.get(index);
      }
      return FilterMosaic.kernels(bank.toArray(), shape);
    }
  }
}
