package org.palimpsest.reproduction.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.palimpsest.core.evolution.EvolutionRow;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.StudyView;
import org.palimpsest.core.measure.Direction;
import org.palimpsest.core.measure.Measure;

/**
 * For each layer of each network, which layer of each other network a measure finds most similar.
 *
 * <p>S. Kornblith et al., Similarity of neural network representations revisited, ICML 2019,
 * section 6.1.
 */
public final class Identification {

  /** An ordered pair of networks: layers of the first are looked for in the second. */
  private record Pair(String from, String to) {}

  private final Map<Pair, Map<String, Map<String, Double>>> likeness = new LinkedHashMap<>();
  private final Set<String> networks = new LinkedHashSet<>();
  private final Set<String> layers = new LinkedHashSet<>();

  private Identification() {}

  /** What a measure found in the view {@link StudyView#FINAL_LAYERS}. */
  public static Identification by(Measure<?> measure, EvolutionTable table) {
    double sign = measure.properties().direction() == Direction.SIMILARITY ? 1 : -1;
    Identification found = new Identification();
    for (EvolutionRow row : table.rows(StudyView.FINAL_LAYERS)) {
      found.networks.addAll(List.of(row.runA(), row.runB()));
      found.layers.addAll(List.of(row.layerA(), row.layerB()));
      if (row.measure().equals(measure.name())) {
        double value = sign * row.figure().value();
        found.put(new Pair(row.runA(), row.runB()), row.layerA(), row.layerB(), value);
        found.put(new Pair(row.runB(), row.runA()), row.layerB(), row.layerA(), value);
      }
    }
    return found;
  }

  private void put(Pair pair, String layer, String other, double value) {
    likeness
        .computeIfAbsent(pair, p -> new LinkedHashMap<>())
        .computeIfAbsent(layer, l -> new LinkedHashMap<>())
        .put(other, value);
  }

  public List<String> networks() {
    return List.copyOf(networks);
  }

  public List<String> layers() {
    return List.copyOf(layers);
  }

  /** The share of layers whose counterpart is found, over ordered pairs of these networks. */
  public double accuracy(List<String> among) {
    return LayerPairs.mean(accuracies(among));
  }

  /** The same for each ordered pair of networks. */
  public List<Double> perPair() {
    return accuracies(networks());
  }

  private List<Double> accuracies(List<String> among) {
    List<Double> accuracies = new ArrayList<>();
    for (String from : among) {
      for (String to : among) {
        if (!from.equals(to)) {
          accuracies.add(accuracy(likeness.getOrDefault(new Pair(from, to), Map.of())));
        }
      }
    }
    return accuracies;
  }

  private double accuracy(Map<String, Map<String, Double>> ofPair) {
    long found =
        layers.stream()
            .filter(layer -> isFound(layer, ofPair.getOrDefault(layer, Map.of())))
            .count();
    return (double) found / layers.size();
  }

  /** Its counterpart must be alone at the top. */
  private static boolean isFound(String layer, Map<String, Double> others) {
    Double own = others.get(layer);
    return own != null
        && others.entrySet().stream()
            .allMatch(other -> other.getKey().equals(layer) || other.getValue() < own);
  }

  /** How many pairs of layers, in all pairs of networks, the measure has no figure for. */
  public long missing() {
    long pairs = (long) networks.size() * (networks.size() - 1);
    long given =
        likeness.values().stream()
            .flatMap(ofPair -> ofPair.values().stream())
            .mapToLong(Map::size)
            .sum();
    return (pairs * layers.size() * layers.size() - given) / 2;
  }
}
