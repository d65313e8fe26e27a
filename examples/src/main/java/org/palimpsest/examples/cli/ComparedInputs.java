package org.palimpsest.examples.cli;

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

  private final OpenedInput first;
  private final OpenedInput second;
  private final Optional<ShownProbes> shown;
  private final LayerSelector layersOfFirst;
  private final LayerSelector layersOfSecond;
  private @Nullable Map<String, long[]> shapesOfFirst;
  private @Nullable Map<String, long[]> shapesOfSecond;

  ComparedInputs(
      OpenedInput first,
      OpenedInput second,
      Optional<ShownProbes> shown,
      LayerSelector layersOfFirst,
      LayerSelector layersOfSecond) {
    this.first = first;
    this.second = second;
    this.shown = shown;
    this.layersOfFirst = layersOfFirst;
    this.layersOfSecond = layersOfSecond;
  }

  LayerMatrices rows(Comparison comparison, FeatureMaps rule, Progress progress) {
    if (!first.canReduce() || !rule.areReduced()) {
      return LayerMatrices.of(first.activations(shown, layersOfFirst, progress), rule);
    }
    return first.matrices(
        shown, comparison.request(layersOfFirst, ofFirst(), ofSecond()), ofFirst(), progress);
  }

  LayerMatrices columns(Comparison comparison, FeatureMaps rule, Progress progress) {
    if (!second.canReduce() || !rule.areReduced()) {
      return LayerMatrices.of(second.activations(shown, layersOfSecond, progress), rule);
    }
    return second.matrices(
        shown, comparison.request(layersOfSecond, ofSecond(), ofFirst()), ofSecond(), progress);
  }

  private Map<String, long[]> ofFirst() {
    Map<String, long[]> known = shapesOfFirst;
    if (known == null) {
      known = first.shapes(shown, layersOfFirst);
      shapesOfFirst = known;
    }
    return known;
  }

  private Map<String, long[]> ofSecond() {
    if (first == second) {
      return ofFirst();
    }
    Map<String, long[]> known = shapesOfSecond;
    if (known == null) {
      known = second.shapes(shown, layersOfSecond);
      shapesOfSecond = known;
    }
    return known;
  }
}
