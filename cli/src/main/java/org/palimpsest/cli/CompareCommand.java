package org.palimpsest.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.palimpsest.cli.internal.CommonOptions;
import org.palimpsest.cli.internal.CommonOptions.WritesFiles;
import org.palimpsest.cli.internal.TerminalProgress;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.LayerPairs;
import org.palimpsest.core.comparison.PreparedLayers;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.internal.file.Aside;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.file.FileNames;
import org.palimpsest.report.plot.HeatMap;
import org.palimpsest.report.table.TableFormat;
import org.palimpsest.similarity.cka.Cka;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares the layers of two networks. */
@Command(
    name = "compare",
    description = {
      "Compares each layer of A with each layer of B.",
      "",
      "A and B are each any file that can be run or read:",
      "  a model, which is shown the probes: TorchScript, torch.export, ONNX, a checkpoint or"
          + " results folder of nnU-Net, a state dict with --architecture, or a network that DL4J"
          + " (.zip) or Keras (.keras, .h5) saved;",
      "  activations, with one array per layer: .npz (as 'capture' or NumPy writes it),"
          + " safetensors, HDF5, a folder of .npy files, or one .npy, which is one layer.",
      "Of a model of more than 60 layers the blocks are compared, unless --layers says which"
          + " layers.",
      "The two may be of different kinds. What counts is what a file holds, not its name; 'inspect'"
          + " tells it. Arrays have samples first: (n, p), (n, c, h, w) or (n, c, d, h, w)."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar palimpsest.jar compare start.pt end.pt --probes probes.npy -o result",
      "  java -jar palimpsest.jar compare keras.h5 torch.npz --probes 'images/*.png'",
      "  java -jar palimpsest.jar compare a.npz b.npz --matched --format csv \\",
      "      --measure linear_cka --measure svcca:0.9",
      "  java -jar palimpsest.jar compare a.npz b.npz --interval --baseline --draws 200",
      "  java -jar palimpsest.jar compare a.pt b.pt --probes probes.npy --region foreground"
    })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class CompareCommand implements Callable<Integer>, WritesFiles {

  @Spec private CommandSpec command;

  @Parameters(index = "0", paramLabel = "A", description = "A model, or activations.")
  private Path a;

  @Parameters(index = "1", paramLabel = "B", description = "The other one, likewise.")
  private Path b;

  @Mixin private ProbeOptions probes;

  @Mixin private LayerOptions layers;

  @Mixin private ModelOptions models;

  @Option(
      names = "--measure",
      paramLabel = "NAME",
      defaultValue = "linear_cka",
      description =
          "A measure, with parameters after a colon: svcca:0.9. May be given several times. The"
              + " command 'measures' lists them. (default: ${DEFAULT-VALUE})")
  private List<String> measures;

  @Mixin private FeatureMapOptions featureMaps;

  @Mixin private RegionOptions part;

  @Mixin private CertaintyOptions certainty;

  @Mixin private PairOptions pairs;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description =
          "Also write scores.csv, scores.json and, for each measure, a heat map as PNG and SVG.")
  private @Nullable Path folder;

  @Option(
      names = "--format",
      paramLabel = "table|csv|json",
      defaultValue = "table",
      description = "What standard output carries. (default: ${DEFAULT-VALUE})")
  private TableFormat format;

  @Mixin private CommonOptions common;

  private Optional<Path> labels = Optional.empty();

  @Override
  public List<Path> outputs() {
    return folder == null ? List.of() : ComparisonFiles.in(folder, measures);
  }

  @Override
  public Integer call() throws IOException {
    List<AskedMeasure> asked = AskedMeasure.parseAll(measures, command);
    FeatureMaps rule = featureMaps.rule();
    Question question =
        new Question(
            asked, pairs.named(layers, command), certainty.asked(featureMaps.seed(), command));
    if (folder != null) {
      ComparisonFiles.requireWritable(folder);
    }
    NativeLibraries.loadAhead();
    Progress progress = TerminalProgress.ifWatched();
    try (MemoryShares.PutAside aside = MemoryShares.PutAside.within(models.mostMemory())) {
      Comparison bare = aside.bounding(comparison(asked, rule, progress));
      if (Files.exists(a)
          && Files.exists(b)
          && Files.isSameFile(a, b)
          && models.said(0).equals(models.said(1))) {
        try (OpenedInput one = OpenedInput.openForBoth(a, models)) {
          return compare(new OpenedInput.Two(one, one), bare, question, progress);
        }
      }
      try (OpenedInput.Two two = OpenedInput.openBoth(a, b, models)) {
        return compare(two, bare, question, progress);
      }
    }
  }

  /**
   * What is asked of two inputs.
   *
   * @param pairs of layers, where they were named
   * @param doubts how sure the scores are to be told
   */
  private record Question(
      List<AskedMeasure> measures, Optional<LayerPairs> pairs, CertaintyOptions.Asked doubts) {

    boolean areCka() {
      return measures.stream().allMatch(one -> one.measure().equals(Cka.linear()));
    }
  }

  private int compare(
      OpenedInput.Two two, Comparison unpaired, Question question, Progress progress)
      throws IOException {
    OpenedInput first = two.first();
    OpenedInput second = two.second();
    CertaintyOptions.Asked doubts = question.doubts();
    OpenedInput.requirePrefixes(first, second);
    Optional<ShownProbes> shown = probesFor(first, second);
    Optional<RegionOptions.Narrowing> region = region(shown);
    FeatureMaps rule = region.isPresent() ? FeatureMaps.positions() : featureMaps.rule();
    Comparison bare = pairs.narrowed(unpaired, question.pairs()).withFeatureMaps(rule);
    Comparison comparison =
        doubts
            .intervals()
            .map(made -> bare.withIntervals(made.withProgress(progress)))
            .orElse(bare);
    ComparedInputs inputs = inputs(first, second, shown, question.pairs());
    boolean sums = doubts.isNothing() && region.isEmpty() && question.areCka();
    Optional<ComparisonResult> summed =
        models.mostMemory().filter(most -> sums).flatMap(m -> inputs.summed(comparison, rule, m));
    if (summed.isPresent()) {
      ComparisonResult result = told(summed.get(), question.measures(), two, shown);
      report(result, List.of(), shown.orElseThrow().probes().fingerprint(), progress);
    } else {
      models.mostMemory().ifPresent(most -> inputs.requireRoom(rule, most));
      ComparedInputs.Matrices both = inputs.matrices(comparison, rule, progress);
      PreparedLayers rows = fitting(comparison, within(region, both.rows()));
      PreparedLayers columns =
          first == second ? rows : fitting(comparison, within(region, both.columns()));
      ComparisonResult result =
          noted(region, told(comparison.compare(rows, columns), question.measures(), two, shown));
      List<TableFormat.Column> figures =
          doubts.baselines(
              rows.matrices(), columns.matrices(), question.measures(), result.rows(), progress);
      report(result, figures, rows.matrices().probes(), progress);
    }
    shown.ifPresent(probesShown -> probesShown.report(command.commandLine().getErr()));
    return 0;
  }

  /** Scores by the words in which measures were asked for, and where they came from. */
  private static ComparisonResult told(
      ComparisonResult scores,
      List<AskedMeasure> asked,
      OpenedInput.Two two,
      Optional<ShownProbes> shown) {
    ComparisonResult named = scores.named(asked.stream().map(AskedMeasure::words).toList());
    Provenance a = two.first().provenance(named.a(), shown);
    Provenance b = two.second().provenance(named.b(), shown);
    boolean captures = !two.first().isModel() && !two.second().isModel();
    boolean sameName =
        captures
            && a.origin().equals(b.origin())
            && !two.first().file().equals(two.second().file());
    return new ComparisonResult(
        sameName ? two.first().placed(a) : a,
        sameName ? two.second().placed(b) : b,
        named.matrices(),
        named.views());
  }

  private Optional<RegionOptions.Narrowing> region(Optional<ShownProbes> shown) {
    return part.region(labels, shown, featureMaps.rule(), featureMaps.seed());
  }

  private static LayerMatrices within(Optional<RegionOptions.Narrowing> region, LayerMatrices all) {
    return region.map(one -> one.of(all)).orElse(all);
  }

  private static ComparisonResult noted(
      Optional<RegionOptions.Narrowing> region, ComparisonResult found) {
    return region
        .map(
            one ->
                new ComparisonResult(
                    one.noteOn(found.a()), one.noteOn(found.b()), found.matrices(), found.views()))
        .orElse(found);
  }

  private ComparedInputs inputs(
      OpenedInput first,
      OpenedInput second,
      Optional<ShownProbes> shown,
      Optional<LayerPairs> named) {
    if (first == second) {
      LayerSelector all = chosen(first, shown, named.map(LayerPairs::layers));
      return new ComparedInputs(first, first, shown, all, all);
    }
    return new ComparedInputs(
        first,
        second,
        shown,
        chosen(first, shown, named.map(LayerPairs::ofFirst)),
        chosen(second, shown, named.map(LayerPairs::ofSecond)));
  }

  private LayerSelector chosen(
      OpenedInput input, Optional<ShownProbes> shown, Optional<List<String>> named) {
    LayerSelector chosen =
        named
            .map(LayerSelector::of)
            .orElseGet(
                () ->
                    layers.areGiven()
                        ? layers.selector()
                        : input.blocksOfMany(shown, command.commandLine().getErr()));
    shown.ifPresent(all -> input.requireAsMany(all, chosen));
    return chosen;
  }

  private PreparedLayers fitting(Comparison comparison, LayerMatrices matrices) {
    List<String> reasons = new ArrayList<>();
    PreparedLayers fitting = comparison.prepareFitting(matrices, reasons::add);
    if (!reasons.isEmpty()) {
      String more = reasons.size() == 1 ? "" : reasons.size() + " layers, of which the first: ";
      command.commandLine().getErr().println("note: left out: " + more + reasons.get(0));
    }
    return fitting;
  }

  private void report(
      ComparisonResult result,
      List<TableFormat.Column> figures,
      Fingerprint shown,
      Progress progress)
      throws IOException {
    if (folder != null) {
      ComparisonFiles.write(result, figures, shown, folder, progress);
    }
    format.write(result, figures, command.commandLine().getOut());
    PrintWriter err = command.commandLine().getErr();
    Cautions.of(result.a(), result.b()).print(err);
    CertaintyOptions.wideIntervals(result).forEach(err::println);
    result.warnings().forEach(warning -> err.println("warning: " + warning));
    if (format != TableFormat.TABLE) {
      result.missingNotes().forEach(none -> err.println("warning: " + none));
    }
  }

  private Comparison comparison(List<AskedMeasure> asked, FeatureMaps rule, Progress progress) {
    return Comparison.by(asked.stream().map(AskedMeasure::measure).toList())
        .withFeatureMaps(rule)
        .withProgress(progress);
  }

  private Optional<ShownProbes> probesFor(OpenedInput first, OpenedInput second) {
    if (!probes.areGiven() && (first.isModel() || second.isModel())) {
      throw new ParameterException(
          command.commandLine(), "A model must be shown something: give --probes.");
    }
    labels = part.isGiven() ? probes.labels() : Optional.empty();
    Optional<ShownProbes> shown = probes.open(featureMaps.seed(), command.commandLine().getErr());
    shown.ifPresent(first::requireSameProbes);
    shown.ifPresent(second::requireSameProbes);
    shown.ifPresent(all -> certainty.report(all, command.commandLine().getErr()));
    return shown;
  }

  /** A comparison as tables and pictures in a folder. */
  private static final class ComparisonFiles {

    private static final String CSV = "scores.csv";
    private static final String JSON = "scores.json";

    private ComparisonFiles() {}

    /**
     * Makes sure, before long work, that files can be written there; leaves nothing.
     *
     * @throws org.palimpsest.core.PalimpsestException if they cannot
     */
    static void requireWritable(Path folder) {
      AtomicFile.create(folder.resolve(CSV)).close();
    }

    /** The files that a comparison by these measures writes. */
    static List<Path> in(Path folder, List<String> measures) {
      List<Path> files = new ArrayList<>();
      files.add(folder.resolve(CSV));
      files.add(folder.resolve(JSON));
      for (String name : FileNames.distinct(List.copyOf(new LinkedHashSet<>(measures)))) {
        files.add(folder.resolve(name + ".png"));
        files.add(folder.resolve(name + ".svg"));
      }
      return files;
    }

    static void write(
        ComparisonResult result,
        List<TableFormat.Column> figures,
        Fingerprint probes,
        Path folder,
        Progress progress) {
      List<HeatMap> heatMaps = HeatMap.of(result, probes);
      try (StagedFiles files = new StagedFiles(folder);
          Progress.Task task = progress.begin("write", 2L + heatMaps.size())) {
        Aside<Integer> tables =
            Aside.begin("palimpsest-tables", () -> tables(result, figures, files));
        List<String> names =
            FileNames.distinct(result.matrices().stream().map(matrix -> matrix.measure()).toList());
        try {
          for (int m = 0; m < heatMaps.size(); m++) {
            files.draw(names.get(m), heatMaps.get(m).draw());
            task.advance(1);
          }
        } catch (RuntimeException | Error failure) {
          tables.abandon(made -> {});
          throw failure;
        }
        task.advance(tables.result());
        files.move();
      }
    }

    /** How many were made. */
    private static int tables(
        ComparisonResult result, List<TableFormat.Column> figures, StagedFiles files) {
      files.make(CSV, file -> TableFormat.CSV.write(result, figures, file));
      files.make(JSON, file -> TableFormat.JSON.write(result, figures, file));
      return 2;
    }
  }
}
