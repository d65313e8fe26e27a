package org.palimpsest.cli;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.LayerMatrices;

/**
 * The two files of a comparison. Where matrices are smaller than activations, models make them
 * while they run, for which it must be known which layers the other file has.
 */
final class ComparedInputs {

  private final Optional<ShownProbes> shown;
  private final Side rows;
  private final Side columns;

  ComparedInputs(
      OpenedInput first,
      OpenedInput second,
      Optional<ShownProbes> shown,
      LayerSelector layersOfFirst,
      LayerSelector layersOfSecond) {
    this.shown = shown;
    this.rows = new Side(first, layersOfFirst);
    this.columns = first == second ? rows : new Side(second, layersOfSecond);
  }

  LayerMatrices rows(Comparison comparison, FeatureMaps rule, Progress progress) {
    return rows.matrices(columns, comparison, rule, progress);
  }

  LayerMatrices columns(Comparison comparison, FeatureMaps rule, Progress progress) {
    return columns.matrices(rows, comparison, rule, progress);
  }

  /** One of the files, and its layers' shapes as soon as they are asked for. */
  private final class Side {

    private final OpenedInput input;
    private final LayerSelector layers;
    private @Nullable Map<String, long[]> shapes;

    Side(OpenedInput input, LayerSelector layers) {
      this.input = input;
      this.layers = layers;
    }

    LayerMatrices matrices(Side other, Comparison comparison, FeatureMaps rule, Progress progress) {
      if (!input.canReduce() || !rule.areReduced()) {
        return LayerMatrices.of(input.activations(shown, layers, progress), rule);
      }
      return input.matrices(
          shown, comparison.request(layers, shapes(), other.shapes()), shapes(), progress);
    }

    private Map<String, long[]> shapes() {
      Map<String, long[]> known = shapes;
      if (known == null) {
        known = input.shapes(shown, layers);
        shapes = known;
      }
      return known;
    }
  }
}
