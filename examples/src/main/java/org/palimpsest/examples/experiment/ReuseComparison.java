package org.palimpsest.examples.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.BlockLayers;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.PairScore;
import org.palimpsest.core.comparison.PreparedLayers;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.io.runs.RunsFolder;

/**
 * Compares the networks of a folder of runs, layer by layer.
 *
 * <p>Each network is run once and each of its layers prepared once, however many pairs it is in.
 */
public final class ReuseComparison {

  private final RunsFolder folder;
  private final List<NetworkPair> pairs;
  private final Probes probes;
  private final List<Measure<?>> measures;
  private final Comparison comparison;
  private final LayerSelector layers;
  private final Map<String, PreparedLayers> prepared = new LinkedHashMap<>();

  private ReuseComparison(RunsFolder folder, List<Measure<?>> measures, List<String> globs) {
    this.folder = folder;
    this.pairs = pairsOf(folder);
    this.probes = NpyProbes.open(folder.requireProbes());
    this.measures = measures;
    this.comparison = Comparison.by(measures).matched();
    this.layers = LayerSelector.of(globs.isEmpty() ? blocks() : globs);
  }

  /**
   * @param folder the runs
   * @param measures at least one
   * @param layers globs; if there are none, the network's blocks
   * @param progress hears of each comparison
   */
  public static ReuseResult of(
      RunsFolder folder, List<Measure<?>> measures, List<String> layers, Progress progress) {
    return new ReuseComparison(folder, measures, layers).run(progress);
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
    try (TorchScriptNetwork network = open(pairs.get(0).b().checkpoint().location())) {
      return BlockLayers.among(network.layers(probes));
    }
  }

  private static TorchScriptNetwork open(String location) {
    return TorchScriptNetwork.open(Path.of(location));
  }

  private ReuseResult run(Progress progress) {
    List<ReuseRow> rows = new ArrayList<>();
    try (Progress.Task task = progress.begin("compare", pairs.size())) {
      for (NetworkPair pair : pairs) {
        for (PairScore score : compare(pair)) {
          rows.add(
              new ReuseRow(pair, score.layerA(), score.measure(), score.view(), score.score()));
        }
        task.advance(1);
      }
    }
    List<Provenance> networks =
        prepared.values().stream().map(network -> network.activations().provenance()).toList();
    return new ReuseResult(
        folder, probes.fingerprint(), probes.count(), measures, comparedLayers(), rows, networks);
  }

  private List<PairScore> compare(NetworkPair pair) {
    return comparison.compare(prepare(pair.a()), prepare(pair.b())).rows();
  }

  private PreparedLayers prepare(Network network) {
    return prepared.computeIfAbsent(network.checkpoint().location(), this::capture);
  }

  private PreparedLayers capture(String location) {
    try (TorchScriptNetwork network = open(location)) {
      return comparison.prepare(network.capture(probes, layers));
    }
  }

  private List<String> comparedLayers() {
    return prepared.values().iterator().next().layers();
  }
}
