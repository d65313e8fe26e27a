package org.palimpsest.similarity.cka;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.IntervalMethod;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.intervals.IntervalRequest;
import org.palimpsest.similarity.internal.intervals.Jackknife;

/** Intervals of minibatch CKA: whole batches are left out, and they are the units. */
record BatchJackknife(int batchSize) implements IntervalEstimator<BatchGrams, BatchJackknife.Side> {

  private static final int FEWEST_BATCHES = 3;
  private static final double ROUNDING = 1e-12;

  /**
   * One layer.
   *
   * @param squares of each batch
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Side(BatchGrams grams, double[] squares) {}

  @Override
  public Side side(BatchGrams prepared) {
    return new Side(prepared, products(prepared, prepared));
  }

  /** The inner product of each batch. */
  private double[] products(BatchGrams a, BatchGrams b) {
    int[] bounds = new BatchGrams.Centring(batchSize).batches(Math.toIntExact(a.info().samples()));
    double[] products = new double[bounds.length - 1];
    TensorReader ofA = TensorReader.of(a.entries());
    TensorReader ofB = TensorReader.of(b.entries());
    long from = 0;
    for (int batch = 0; batch < products.length; batch++) {
      int size = bounds[batch + 1] - bounds[batch];
      double[] left = new double[Math.toIntExact((long) size * (size - 1) / 2)];
      double[] right = new double[left.length];
      ofA.read(from, left);
      ofB.read(from, right);
      from += left.length;
      for (int k = 0; k < left.length; k++) {
        products[batch] += left[k] * right[k];
      }
    }
    return products;
  }

  @Override
  public Interval interval(Side a, Side b, double value, IntervalRequest request) {
    long batches = a.squares().length;
    if (a.grams().info().rowsPerProbe() > 1) {
      return new Interval.Refused(
          value,
          a.grams().info().probeCount(),
          "Batches of positions cut images, so that they are not independent. Use"
              + " debiased_linear_cka.");
    }
    if (batches < FEWEST_BATCHES) {
      return new Interval.Refused(
          value,
          batches,
          "With %d batches no interval can be given; show more probes, or use smaller batches (minibatch_cka:32)."
              .formatted(batches));
    }
    double[] products = products(a.grams(), b.grams());
    double[] without = new double[products.length];
    for (int i = 0; i < without.length; i++) {
      without[i] = ratio(products, a.squares(), b.squares(), i);
    }
    Jackknife jackknife = new Jackknife(ratio(products, a.squares(), b.squares(), -1), without);
    Optional<String> dependence =
        nothingWithout(a).or(() -> nothingWithout(b)).or(() -> jackknife.dependence("batch"));
    if (dependence.isPresent()) {
      return new Interval.Refused(value, batches, dependence.get());
    }
    Jackknife.Ends ends = jackknife.aboutValueOnArtanhScale(request);
    return new Interval.Known(
        value,
        OptionalDouble.empty(),
        Math.min(value, ends.low()),
        Math.max(value, ends.high()),
        request.level(),
        IntervalMethod.JACKKNIFE_ARTANH,
        batches,
        OptionalDouble.of(0));
  }

  private static Optional<String> nothingWithout(Side side) {
    double whole = sum(side.squares(), -1);
    return IntStream.range(0, side.squares().length)
        .filter(i -> !(sum(side.squares(), i) > ROUNDING * whole))
        .mapToObj(i -> Jackknife.nothingWithout("batch", i, side.grams().info()))
        .findFirst();
  }

  private static double ratio(double[] products, double[] ofA, double[] ofB, int left) {
    double squares = sum(ofA, left) * sum(ofB, left);
    return sum(products, left) / Math.sqrt(Math.max(Double.MIN_NORMAL, squares));
  }

  private static double sum(double[] values, int left) {
    return Arrays.stream(values).sum() - (left < 0 ? 0 : values[left]);
  }
}
