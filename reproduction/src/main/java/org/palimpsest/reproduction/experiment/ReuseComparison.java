package org.palimpsest.reproduction.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.activation.LayerSelector.BlockLayers;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.io.runs.RunsFolder;

/** Compares the networks of a folder of runs, layer by layer, by the tracker. */
public final class ReuseComparison {

  private record Key(
      String runA, long stepA, String runB, long stepB, String layer, String measure) {}

  private final RunsFolder folder;
  private final List<Measure<?>> measures;
  private final List<NetworkPair> pairs;
  private final Probes probes;
  private final LayerSelector layers;

  private ReuseComparison(RunsFolder folder, List<Measure<?>> measures, List<String> globs) {
    this.folder = folder;
    this.measures = measures;
    this.pairs = pairsOf(folder);
    this.probes = NpyProbes.open(folder.requireProbes());
    this.layers = LayerSelector.of(globs.isEmpty() ? blocks() : globs);
  }

  /**
   * @param folder the runs
   * @param measures at least one
   * @param layers globs; if there are none, the network's blocks
   * @param output where the tracker keeps its figures
   * @param progress hears of each comparison
   */
  public static ReuseResult of(
      RunsFolder folder,
      List<Measure<?>> measures,
      List<String> layers,
      Path output,
      Progress progress) {
    return new ReuseComparison(folder, measures, layers).run(Tracking.in(output, progress));
  }

  private static List<NetworkPair> pairsOf(RunsFolder folder) {
    List<NetworkPair> pairs = NetworkPair.of(folder);
    if (pairs.isEmpty()) {
      throw new PalimpsestException(
          folder.root() + " holds no run beside the source, so there is nothing to compare.");
    }
    return pairs;
  }

  private List<String> blocks() {
    Path first = Path.of(pairs.get(0).b().checkpoint().location());
    try (TorchScriptNetwork network = TorchScriptNetwork.open(first)) {
      return BlockLayers.among(network.layers(probes));
    }
  }

  private ReuseResult run(Tracking tracking) {
    Study study =
        Study.of(folder.runs().stream().map(EndsOfRuns::of).toList(), probes, measures)
            .withLayers(layers)
            .withViews(EnumSet.of(Study.View.TO_START, Study.View.TO_SOURCE, Study.View.FINALS));
    EvolutionTable table =
        tracking.track(folder.source().map(s -> study.withSource(EndsOfRuns.of(s))).orElse(study));
    requireAll(table);
    Map<Key, Double> values = new HashMap<>();
    table.rows().forEach(row -> values.put(keyOf(row), row.measurement().value()));
    List<String> compared =
        table.rows().stream().map(EvolutionTable.Row::layerA).distinct().toList();
    List<ReuseRow> rows = new ArrayList<>();
    for (NetworkPair pair : pairs) {
      for (String layer : compared) {
        measures.forEach(measure -> add(pair, layer, measure, values, rows));
      }
    }
    return new ReuseResult(folder, probes.count(), measures, compared, rows, table);
  }

  private static void requireAll(EvolutionTable table) {
    table.broken().stream()
        .findFirst()
        .ifPresent(
            record -> {
              throw new PalimpsestException(record.problem().orElseThrow());
            });
    table.notes().stream()
        .findFirst()
        .ifPresent(
            note -> {
              throw new PalimpsestException(note);
            });
  }

  private static Key keyOf(EvolutionTable.Row row) {
    return new Key(
        row.runA(),
        row.stepA().orElseThrow(),
        row.runB(),
        row.stepB().orElseThrow(),
        row.layerA(),
        row.measure());
  }

  private static Key keyOf(NetworkPair pair, String layer, String measure) {
    return new Key(
        pair.a().run().name(),
        pair.a().checkpoint().step(),
        pair.b().run().name(),
        pair.b().checkpoint().step(),
        layer,
        measure);
  }

  /** The tracker has each pair one way; what is not symmetric stays the way it was computed. */
  private static void add(
      NetworkPair pair,
      String layer,
      Measure<?> measure,
      Map<Key, Double> values,
      List<ReuseRow> rows) {
    Double forward = values.get(keyOf(pair, layer, measure.name()));
    Double backward = values.get(keyOf(pair.swapped(), layer, measure.name()));
    if (forward != null) {
      rows.add(new ReuseRow(pair, layer, measure.name(), forward));
    } else if (backward != null) {
      boolean symmetric = measure.properties().symmetric();
      rows.add(new ReuseRow(symmetric ? pair : pair.swapped(), layer, measure.name(), backward));
    }
  }
}
