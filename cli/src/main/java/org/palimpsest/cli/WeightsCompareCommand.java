package org.palimpsest.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.palimpsest.cli.WeightsComparison.Row;
import org.palimpsest.cli.internal.CommonOptions;
import org.palimpsest.cli.internal.CommonOptions.WritesFiles;
import org.palimpsest.cli.internal.TerminalProgress;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.file.FileNames;
import org.palimpsest.internal.text.Names;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.weights.StateDictNames;
import org.palimpsest.report.plot.Figure;
import org.palimpsest.report.plot.FilterMosaic;
import org.palimpsest.report.table.TableFormat;
import org.palimpsest.similarity.filters.Initialisation;
import org.palimpsest.similarity.weights.FilterBank;
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
    List<String> notes = new ArrayList<>();
    if (folder != null) {
      List<String> drawn = rows.stream().map(row -> row.statistic().layer()).distinct().toList();
      write(files, new WeightPictures(before, after).of(drawn, notes), folder);
    }
    print(files, comparison);
    PrintWriter err = command.commandLine().getErr();
    notes.forEach(note -> err.println("note: " + note));
    List<String> names = Names.apart(before.provenance().origin(), after.provenance().origin());
    noteOn(comparison.change().before(), names.get(0), err);
    noteOn(comparison.change().after(), names.get(1), err);
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
          new WeightsTable(
                  files.rows(), comparison.randomnessOfB().assumedStart(), comparison.chance())
              .print(out);
      case CSV -> files.csv(out);
      case JSON -> files.json(out);
    }
  }

  private static void write(
      WeightsComparison.Files files, List<WeightPictures.Picture> pictures, Path folder) {
    try (StagedFiles staged = new StagedFiles(folder)) {
      staged.make(CSV, file -> writeText(file, files::csv));
      staged.make(JSON, file -> writeText(file, files::json));
      pictures.parallelStream().forEach(picture -> picture.makeIn(staged));
      staged.move();
    }
  }

  private interface Text {
    void writeTo(Writer out) throws IOException;
  }

  private static void writeText(Path file, Text text) throws IOException {
    try (Writer out = Files.newBufferedWriter(file)) {
      text.writeTo(out);
    }
  }

  /** Two networks' filters as pictures: themselves side by side, and how well they match. */
  private static final class WeightPictures {

    private static final int LEAST_FILTERS = 2;
    private static final int MOST_AXES = 3;

    private final Weights a;
    private final Weights b;

    WeightPictures(Weights a, Weights b) {
      this.a = a;
      this.b = b;
    }

    /**
     * Pictures of the layers of convolutions that both networks have, among those of these names.
     *
     * @param notes it is added what is not drawn, and which files are not called as their layers
     */
    List<Picture> of(List<String> layers, List<String> notes) {
      NetworkFilters ofA = NetworkFilters.of(a);
      NetworkFilters ofB = NetworkFilters.of(b);
      List<FilterBank.Layout> drawn = new ArrayList<>();
      for (FilterBank.Layout layout : ofA.layouts()) {
        boolean convolution =
            layers.contains(layout.layer())
                && layout.kind() != LayerKind.LINEAR
                && layout.filters() >= LEAST_FILTERS
                && ofB.layout(layout.layer()).isPresent();
        if (convolution && layout.kernel().size() > MOST_AXES) {
          notes.add(
              "the filters of '%s' have %s axes and are not drawn"
                  .formatted(layout.layer(), layout.kernel().size()));
        } else if (convolution) {
          drawn.add(layout);
        }
      }
      List<String> names =
          FileNames.distinct(drawn.stream().map(FilterBank.Layout::layer).toList());
      List<Picture> pictures = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        String layer = drawn.get(i).layer();
        if (!names.get(i).equals(FileNames.plain(layer))) {
          notes.add("the pictures of '%s' are called %s".formatted(layer, names.get(i)));
        }
        addPictures(pictures, names.get(i), ofA.bank(layer), ofB.bank(layer));
      }
      return pictures;
    }

    private void addPictures(
        List<Picture> pictures, String name, FilterBank before, FilterBank after) {
      pictures.add(new Picture("filters-" + name, () -> mosaic(before, after)));
      if (MatchedFilters.areDefined(before, after)) {
        Figure matches = matches(before, after);
        pictures.add(new Picture("matched-" + name, () -> matches));
      }
    }

    /** A picture and the name of its files. */
    record Picture(String name, Supplier<Figure> figure) {

      void makeIn(StagedFiles files) {
        files.draw(name, figure.get());
      }
    }

    private Figure matches(FilterBank before, FilterBank after) {
      return MatchedFilters.of(before, after)
          .withDetail("A: " + named().get(0))
          .withDetail("B: " + named().get(1))
          .draw();
    }

    private Figure mosaic(FilterBank before, FilterBank after) {
      return FilterMosaic.of("Filters of " + before.layer())
          .withDetail("A: " + named().get(0))
          .withDetail("B: " + named().get(1))
          .withFilters("A", kernels(before))
          .withFilters("B", kernels(after))
          .draw();
    }

    private List<String> named() {
      return Names.apart(a.provenance().origin(), b.provenance().origin());
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
