package org.palimpsest.reproduction.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.palimpsest.core.evolution.EvolutionTable;

/** Similarities of pairs of networks, layer by layer, read from a tracker's table. */
public final class PairSimilarities {

  private record Pair(String first, String second, String layer) {}

  private final Map<Pair, Double> values = new LinkedHashMap<>();
  private final Set<String> layers = new LinkedHashSet<>();

  private PairSimilarities() {}

  /**
   * @param rows of which those of equal layers are kept; of several rows on one pair of networks
   *     and layer the last
   * @param measure the measure to keep
   */
  public static PairSimilarities of(List<EvolutionTable.Row> rows, String measure) {
    PairSimilarities pairs = new PairSimilarities();
    for (EvolutionTable.Row row : rows) {
      if (row.measure().equals(measure) && row.layerA().equals(row.layerB())) {
        pairs.put(row.runA(), row.runB(), row.layerA(), row.measurement().value());
      }
    }
    return pairs;
  }

  private void put(String first, String second, String layer, double value) {
    layers.add(layer);
    values.put(new Pair(first, second, layer), value);
    values.put(new Pair(second, first, layer), value);
  }

  /** The layers in the order of the table. */
  public List<String> layers() {
    return List.copyOf(layers);
  }

  /** The values of all pairs of one network of each list; a network is never paired with itself. */
  public List<Double> values(List<String> first, List<String> second, String layer) {
    List<Double> found = new ArrayList<>();
    Set<Set<String>> done = new LinkedHashSet<>();
    for (String a : first) {
      for (String b : second) {
        Double value = values.get(new Pair(a, b, layer));
        if (value != null && !a.equals(b) && done.add(Set.of(a, b))) {
          found.add(value);
        }
      }
    }
    return found;
  }

  /** The mean of these values over pairs, then over layers. */
  public double mean(List<String> first, List<String> second, List<String> ofLayers) {
    return ofLayers.stream()
        .mapToDouble(layer -> mean(values(first, second, layer)))
        .average()
        .orElse(Double.NaN);
  }

  /** NaN of none. */
  public static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }
}
