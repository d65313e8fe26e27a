package org.palimpsest.similarity.weights;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.core.weights.Weights;

/**
 * Compares the weights of two checkpoints of one architecture, layer by layer and filter by filter.
 *
 * <p>Immutable: each {@code with…} gives a changed copy. Cost: one pass over the weights, with two
 * layers in memory at a time.
 */
public final class WeightChange {

  private final double threshold;
  private final boolean relative;

  private WeightChange(double threshold, boolean relative) {
    if (!(threshold >= 0) || Double.isInfinite(threshold)) {
      throw new PalimpsestException(
          "The threshold of a moved weight is %s; it must be zero or a positive number."
              .formatted(threshold));
    }
    this.threshold = threshold;
    this.relative = relative;
  }

  /** A weight counts as moved if it went by more than one initial standard deviation. */
  public static WeightChange withDefaults() {
    return new WeightChange(1, true);
  }

  /**
   * A weight counts as moved if it went by more than so many standard deviations of its layer's
   * weights before (divisor N − 1; 0 for a constant layer, where any change counts).
   */
  public WeightChange withRelativeThreshold(double standardDeviations) {
    return new WeightChange(standardDeviations, true);
  }

  /** A weight counts as moved if it went by more than so much. */
  public WeightChange withAbsoluteThreshold(double distance) {
    return new WeightChange(distance, false);
  }

  /**
   * Compares two checkpoints. Layers are paired by name; a name that only one of them has, or that
   * has another shape in the other, is listed in the result and nothing is made of it.
   *
   * @throws PalimpsestException if they share no layer, or a weight is not finite
   */
  public NetworkChange between(Weights before, Weights after) {
    return between(NetworkFilters.of(before), NetworkFilters.of(after));
  }

  /** The same for networks whose tensors are sorted already. */
  public NetworkChange between(NetworkFilters before, NetworkFilters after) {
    Pairing pairing = Pairing.of(before, after);
    List<LayerChange> layers = new ArrayList<>();
    for (String layer : pairing.layers()) {
      layers.add(between(before.bank(layer), after.bank(layer)));
    }
    return new NetworkChange(
        before.provenance(),
        after.provenance(),
        layers,
        pairing.biases().stream().map(WeightChange::change).toList(),
        pairing.normalisation().stream().map(WeightChange::change).toList(),
        pairing.unmatched());
  }

  /**
   * Compares one layer's filters, paired by their index.
   *
   * @throws PalimpsestException if the shapes differ
   */
  public LayerChange between(FilterBank before, FilterBank after) {
    if (before.filters() != after.filters()
        || before.weightsPerFilter() != after.weightsPerFilter()) {
      throw new PalimpsestException(
          "%s cannot be compared weight by weight with %s: the shapes differ."
              .formatted(before, after));
    }
    double[] a = before.toArray();
    double[] b = after.toArray();
    double limit = relative ? threshold * standardDeviation(a) : threshold;
    Difference whole = Difference.between(a, b, 0, a.length, limit);
    int d = before.weightsPerFilter();
    List<FilterChange> filters =
        IntStream.range(0, before.filters())
            .mapToObj(i -> filterChange(a, b, i, d, limit))
            .toList();
    return new LayerChange(
        before.layout(),
        whole.distance(),
        whole.relativeChange(),
        whole.meanAbsoluteChange(),
        whole.signFlipShare(),
        limit,
        whole.movedShare(),
        whole.normBefore(),
        whole.normAfter(),
        filters);
  }

  private static FilterChange filterChange(double[] a, double[] b, int index, int d, double limit) {
    int from = index * d;
    Difference sums = Difference.between(a, b, from, from + d, limit);
    boolean angle = sums.hasAngle();
    return new FilterChange(
        index,
        sums.distance(),
        sums.relativeChange(),
        angle ? OptionalDouble.of(sums.cosine()) : OptionalDouble.empty(),
        angle
            ? OptionalDouble.of(
                Angle.between(a, sums.normBefore(), b, sums.normAfter(), from, from + d))
            : OptionalDouble.empty(),
        sums.meanAbsoluteChange(),
        sums.signFlipShare(),
        sums.movedShare(),
        sums.normBefore(),
        sums.normAfter());
  }

  private static VectorChange change(Pairing.TensorPair pair) {
    double[] a = finite(pair.name(), pair.before());
    double[] b = finite(pair.name(), pair.after());
    Difference sums = Difference.between(a, b, 0, a.length, 0);
    return new VectorChange(
        pair.name(),
        a.length,
        sums.distance(),
        sums.relativeChange(),
        sums.meanAbsoluteChange(),
        sums.normBefore(),
        sums.normAfter());
  }

  private static double[] finite(String name, INDArray tensor) {
    double[] values = new double[Math.toIntExact(tensor.length())];
    TensorReader.of(tensor).read(0, values);
    OptionalInt bad =
        IntStream.range(0, values.length).filter(i -> !Double.isFinite(values[i])).findFirst();
    if (bad.isPresent()) {
      throw new PalimpsestException(
          "'%s' holds %s (value %d of %d). Training diverged or the file is damaged: use another checkpoint."
              .formatted(name, values[bad.getAsInt()], bad.getAsInt(), values.length));
    }
    return values;
  }

  private static double standardDeviation(double[] values) {
    if (values.length < 2) {
      return 0;
    }
    double mean = 0;
    for (double value : values) {
      mean += value / values.length;
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return Math.sqrt(squares / (values.length - 1));
  }
}
