package org.palimpsest.similarity.internal.intervals;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;
import org.palimpsest.core.internal.random.RandomStreams;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Prepared.Resamplable;

/**
 * Percentiles of the values of images that are drawn with replacement, copies of one image being no
 * neighbours of each other. The interval is of the mean value over sets of as many images, and is
 * stretched to the value itself.
 *
 * @param <P> what the measure's preparation makes
 * @see <a href="https://doi.org/10.1214/aos/1176344552">Efron 1979</a>
 */
public final class DrawnImages<P extends Resamplable<P>>
    implements IntervalEstimator<P, DrawnImages.Side<P>> {

  private static final int ATTEMPTS = 1000;

  /** As measured, of each draw. */
  private static final double SECONDS_PER_IMAGE = 0.9e-6;

  /** A layer, and a number of each of its images. */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  public record Side<P>(P prepared, double[] places) {}

  private final ToDoubleBiFunction<P, P> score;
  private final Function<P, double[]> places;
  private final long fewest;

  private DrawnImages(ToDoubleBiFunction<P, P> score, Function<P, double[]> places, long fewest) {
    this.score = score;
    this.places = places;
    this.fewest = fewest;
  }

  /**
   * @param score of what was drawn
   * @param places a number of each image that does not depend on the order of images, by which they
   *     are put into one
   * @param fewest images
   */
  public static <P extends Resamplable<P>> DrawnImages<P> of(
      ToDoubleBiFunction<P, P> score, Function<P, double[]> places, long fewest) {
    return new DrawnImages<>(score, places, fewest);
  }

  @Override
  public Side<P> side(P prepared) {
    boolean ofImages = prepared.info().rowsPerProbe() == 1;
    return new Side<>(prepared, ofImages ? places.apply(prepared) : new double[0]);
  }

  @Override
  public Interval interval(Side<P> sideA, Side<P> sideB, double value, IntervalRequest request) {
    Optional<Interval> refusal = refusal(sideA, value, request);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    P a = sideA.prepared();
    P b = sideB.prepared();
    long units = a.info().probeCount();
    int[] order = ImageOrder.bySums(sideA.places(), sideB.places());
    double[] values = new double[request.draws()];
    for (int draw = 0; draw < values.length; draw++) {
      int[] rows = drawn(a, b, order, RandomStreams.of(request.seed(), draw));
      if (rows.length == 0) {
        return TooFew.units(value, units, 2 * units);
      }
      values[draw] = score.applyAsDouble(a.withRows(rows), b.withRows(rows));
    }
    return between(values, value, units, request);
  }

  /** Where no interval can be given, whatever is drawn. */
  private Optional<Interval> refusal(Side<P> side, double value, IntervalRequest request) {
    long units = side.prepared().info().probeCount();
    if (side.prepared().info().rowsPerProbe() > 1) {
      return Optional.of(
          new Interval.Refused(
              value,
              units,
              "No interval of neighbours among positions has been shown to hold the true value."
                  + " Pool the feature maps (--feature-map pool)."));
    }
    if (units < fewest) {
      return Optional.of(TooFew.units(value, units, fewest));
    }
    int draws = request.fewestDraws();
    return request.draws() >= draws
        ? Optional.empty()
        : Optional.of(
            new Interval.Refused(
                value,
                units,
                "%s draws do not reach the ends of an interval of level %s, which needs %s or more (--draws %s)."
                    .formatted(request.draws(), request.level(), draws, draws)));
  }

  private static Interval between(
      double[] values, double value, long units, IntervalRequest request) {
    Arrays.sort(values);
    double tail = (1 - request.level()) / 2;
    return new Interval.Known(
        value,
        OptionalDouble.empty(),
        Math.min(value, quantile(values, tail)),
        Math.max(value, quantile(values, 1 - tail)),
        request.level(),
        Interval.Method.BOOTSTRAP,
        units,
        OptionalDouble.empty());
  }

  /** Neighbours are known before images are drawn. */
  @Override
  public double seconds(Side<P> a, Side<P> b, IntervalRequest request) {
    return refusal(a, Double.NaN, request).isPresent()
        ? 0
        : request.draws() * a.prepared().info().probeCount() * SECONDS_PER_IMAGE;
  }

  /** None if too few different images come together. */
  private int[] drawn(P a, P b, int[] order, SplittableRandom random) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int[] rows =
          IntStream.range(0, order.length).map(i -> order[random.nextInt(order.length)]).toArray();
      if (a.canDraw(rows) && b.canDraw(rows)) {
        return rows;
      }
    }
    return new int[0];
  }

  /** Linear between order statistics. */
  private static double quantile(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
