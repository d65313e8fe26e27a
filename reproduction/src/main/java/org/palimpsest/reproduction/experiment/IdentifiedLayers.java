package org.palimpsest.reproduction.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.core.comparison.SimilarityMatrix;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;

/**
 * For each layer of each network, which layer of each other network a measure finds most similar.
 *
 * <p>S. Kornblith et al., Similarity of neural network representations revisited, ICML 2019,
 * section 6.1.
 */
public final class IdentifiedLayers {

  private static final String NO_VALUE = "the measure has no value for this pair";

  /** An ordered pair of networks: layers of the first are looked for in the second. */
  private record NetworksInOrder(String from, String to) {}

  /** The scores of an ordered pair of networks, by layer of the first and layer of the second. */
  private record Scores(Map<String, Map<String, Score>> byLayers) {

    void put(String layer, String other, Score score) {
      byLayers.computeIfAbsent(layer, l -> new LinkedHashMap<>()).put(other, score);
    }

    Optional<Score> get(String layer, String other) {
      return Optional.ofNullable(byLayers.getOrDefault(layer, Map.of()).get(other));
    }

    SimilarityMatrix matrix(Measure<?> measure, List<String> layers) {
      List<List<Optional<Score>>> scores =
          layers.stream().map(a -> layers.stream().map(b -> get(a, b)).toList()).toList();
      List<List<String>> reasons =
          scores.stream()
              .map(row -> row.stream().map(s -> s.isPresent() ? "" : NO_VALUE).toList())
              .toList();
      return new SimilarityMatrix(
          measure.name(), measure.properties(), layers, layers, scores, reasons);
    }

    long count() {
      return byLayers.values().stream().mapToLong(Map::size).sum();
    }
  }

  private final Map<NetworksInOrder, Scores> scores = new LinkedHashMap<>();
  private final Map<NetworksInOrder, Double> accuracies = new LinkedHashMap<>();
  private final Set<String> networks = new LinkedHashSet<>();
  private final Set<String> layers = new LinkedHashSet<>();

  private IdentifiedLayers() {}

  /** What a measure found in the view {@link Study.View#FINAL_LAYERS}. */
  public static IdentifiedLayers by(Measure<?> measure, EvolutionTable table) {
    IdentifiedLayers found = new IdentifiedLayers();
    for (EvolutionTable.Row row : table.rows(Study.View.FINAL_LAYERS)) {
      found.networks.addAll(List.of(row.runA(), row.runB()));
      found.layers.addAll(List.of(row.layerA(), row.layerB()));
      if (row.measure().equals(measure.name())) {
        Score score =
            Score.of(
                row.measurement().value(),
                measure.properties(),
                Diagnostics.of(row.measurement().n()));
        found.scores(row.runA(), row.runB()).put(row.layerA(), row.layerB(), score);
        found.scores(row.runB(), row.runA()).put(row.layerB(), row.layerA(), score);
      }
    }
    List<String> all = found.layers();
    found.scores.forEach(
        (pair, scores) ->
            found.accuracies.put(pair, scores.matrix(measure, all).identification().accuracy()));
    return found;
  }

  private Scores scores(String from, String to) {
    return scores.computeIfAbsent(
        new NetworksInOrder(from, to), pair -> new Scores(new LinkedHashMap<>()));
  }

  public List<String> networks() {
    return List.copyOf(networks);
  }

  public List<String> layers() {
    return List.copyOf(layers);
  }

  /** The share of layers whose counterpart is found, over ordered pairs of these networks. */
  public double accuracy(List<String> among) {
    return PairSimilarities.mean(accuracies(among));
  }

  /** The same for each ordered pair of networks. */
  public List<Double> perPair() {
    return accuracies(networks());
  }

  private List<Double> accuracies(List<String> among) {
    List<Double> shares = new ArrayList<>();
    for (String from : among) {
      for (String to : among) {
        if (!from.equals(to)) {
          shares.add(accuracies.getOrDefault(new NetworksInOrder(from, to), 0.0));
        }
      }
    }
    return shares;
  }

  /** How many pairs of layers, in all pairs of networks, the measure has no figure for. */
  public long missing() {
    long pairs = (long) networks.size() * (networks.size() - 1);
    long given = scores.values().stream().mapToLong(Scores::count).sum();
    return (pairs * layers.size() * layers.size() - given) / 2;
  }
}
