package org.palimpsest.similarity.filters;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.similarity.statistics.Holm;
import org.palimpsest.similarity.weights.LeftOut;
import org.palimpsest.similarity.weights.WeightFigure;

/**
 * How near the filters of two networks are, layer by layer of one name.
 *
 * @param a where the first came from
 * @param b where the second came from
 * @param layers the compared layers, in the order of the first one's file
 * @param leftOut layers that were not compared, and why
 */
public record NetworkFilterComparison(
    Provenance a, Provenance b, List<FilterComparison> layers, List<LeftOut> leftOut) {

  public NetworkFilterComparison {
    layers = List.copyOf(layers);
    leftOut = List.copyOf(leftOut);
  }

  /**
   * One layer's comparison.
   *
   * @throws PalimpsestException if that layer was not compared
   */
  public FilterComparison layer(String name) {
    return layers.stream()
        .filter(layer -> layer.a().layer().equals(name))
        .findFirst()
        .orElseThrow(() -> new PalimpsestException("Layer '%s' was not compared.".formatted(name)));
  }

  /** All figures as rows, p-values corrected (Holm) for the number of layers. */
  public List<WeightFigure> figures() {
    List<WeightFigure> rows = layers.stream().flatMap(layer -> layer.figures().stream()).toList();
    Map<String, List<Integer>> tested = new HashMap<>();
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).p().isPresent()) {
        tested.computeIfAbsent(rows.get(i).statistic(), s -> new ArrayList<>()).add(i);
      }
    }
    List<WeightFigure> corrected = new ArrayList<>(rows);
    for (List<Integer> indices : tested.values()) {
      double[] p =
          Holm.correct(indices.stream().mapToDouble(i -> rows.get(i).p().getAsDouble()).toArray());
      for (int k = 0; k < p.length; k++) {
        int i = indices.get(k);
        corrected.set(i, rows.get(i).withCorrectedP(OptionalDouble.of(p[k])));
      }
    }
    return List.copyOf(corrected);
  }
}
