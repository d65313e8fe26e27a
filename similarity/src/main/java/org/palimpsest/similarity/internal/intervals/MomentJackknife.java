package org.palimpsest.similarity.internal.intervals;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.Products;

/**
 * Intervals of functions of second moments whose value is biased by features that are many beside
 * the images: adjusted for their number, then corrected by the jackknife. A value without an image
 * takes the moments less that image's, and one decomposition.
 *
 * @param <P> what the measure's preparation makes
 */
public final class MomentJackknife<P extends Prepared>
    implements IntervalEstimator<P, CentredRows> {

  /** What the measure is of second moments, and when its interval holds the true value. */
  public interface Statistic {

    double value(SecondMoments moments);

    /**
     * A value without the bias of independent rows.
     *
     * @param rows how many it rests on
     */
    default double adjusted(double value, double rows, int rankA, int rankB) {
      return value;
    }

    /**
     * How many images a layer's must be worth for the interval to hold the true value.
     *
     * @param fewest how many of usual spread are needed
     */
    default double leastEffective(long units, long fewest) {
      return EffectiveImages.least(units, fewest);
    }

    Range range();

    /** The value of unrelated layers, if there is one. */
    OptionalDouble unrelated();

    /** How many images are needed where they are rows, or where their positions are. */
    long fewestImages(boolean ofPositions, int rankA, int rankB);
  }

  /** Seconds for each p³, as measured. */
  private static final double DECOMPOSITION = 1.5e-9;

  private final Function<P, CentredRows> scores;
  private final Statistic statistic;

  private MomentJackknife(Function<P, CentredRows> scores, Statistic statistic) {
    this.scores = scores;
    this.statistic = statistic;
  }

  /**
   * @param scores the components of a layer, whose rotation changes nothing
   */
  public static <P extends Prepared> MomentJackknife<P> of(
      Function<P, CentredRows> scores, Statistic statistic) {
    return new MomentJackknife<>(scores, statistic);
  }

  @Override
  public CentredRows side(P prepared) {
    return scores.apply(prepared);
  }

  @Override
  public Interval interval(CentredRows a, CentredRows b, double value, IntervalRequest request) {
    int units = a.images();
    boolean ofPositions = a.info().rowsPerProbe() > 1;
    long fewest = fewest(a, b);
    if (units < fewest) {
      return TooFew.unitsFor(value, units, fewest, a, b);
    }
    JackknifeValues raw = raw(a, b);
    Optional<String> alone = isOnArtanhScale() ? raw.dependence("image") : raw.copies("image");
    Optional<String> dependence =
        alone.or(
            () ->
                EffectiveImages.tooFew(
                    EffectiveImages.of(a),
                    EffectiveImages.of(b),
                    statistic.leastEffective(units, fewest)));
    if (dependence.isPresent()) {
      return new Interval.Refused(value, units, dependence.get());
    }
    JackknifeValues unbiased = ofPositions ? raw : adjusted(raw, a, b);
    JackknifeValues.Ends ends =
        isOnArtanhScale()
            ? unbiased.aboutCorrectedOnArtanhScale(request)
            : unbiased.aboutCorrected(request);
    boolean isSquare = isOnArtanhScale() && a.rank() == 1 && b.rank() == 1;
    JackknifeValues.Ends shown =
        isSquare ? ofOneComponent(a, b, request, ends) : within(statistic.range(), ends, value);
    return new Interval.Known(
        value,
        OptionalDouble.of(shown.centre()),
        shown.low(),
        shown.high(),
        request.level(),
        Interval.Method.CORRECTED_JACKKNIFE,
        units,
        statistic.unrelated());
  }

  @Override
  public double seconds(CentredRows a, CentredRows b, IntervalRequest request) {
    return a.images() < fewest(a, b) ? 0 : seconds(a, b, DECOMPOSITION);
  }

  private long fewest(CentredRows a, CentredRows b) {
    return statistic.fewestImages(a.info().rowsPerProbe() > 1, a.rank(), b.rank());
  }

  /**
   * About how many seconds of one core the values without each image take.
   *
   * @param perCube seconds for each p³ that a value takes
   */
  public static double seconds(CentredRows a, CentredRows b, double perCube) {
    double each = CentredRows.secondsToDecompose(a, b, a.info().rowsPerProbe(), perCube);
    return a.images() * each;
  }

  /** The standard error of any function of second moments. */
  public static double standardError(
      CentredRows a, CentredRows b, ToDoubleFunction<SecondMoments> statistic) {
    return jackknife(a, b, statistic).standardError();
  }

  /** The value, and that without each image. */
  static JackknifeValues jackknife(
      CentredRows a, CentredRows b, ToDoubleFunction<SecondMoments> statistic) {
    ByImages moments = new ByImages(a, b);
    return new JackknifeValues(
        statistic.applyAsDouble(moments.whole()),
        IntStream.range(0, a.images())
            .mapToDouble(i -> statistic.applyAsDouble(moments.without(i)))
            .toArray());
  }

  /** The value as it is, and that without each image. */
  JackknifeValues raw(CentredRows a, CentredRows b) {
    return jackknife(a, b, statistic::value);
  }

  /**
   * Of one component each it is the square of their correlation r, which has a kink at 0: the
   * squares of the ends of r, or from 0 if these have different signs.
   */
  private static JackknifeValues.Ends ofOneComponent(
      CentredRows a, CentredRows b, IntervalRequest request, JackknifeValues.Ends ends) {
    JackknifeValues.Ends r =
        jackknife(a, b, MomentJackknife::correlation).aboutValueOnArtanhScale(request);
    double least = Math.min(r.low() * r.low(), r.high() * r.high());
    double low = r.low() * r.high() <= 0 ? 0 : least;
    double high = Math.max(r.low() * r.low(), r.high() * r.high());
    return new JackknifeValues.Ends(low, Math.max(low, Math.min(high, ends.centre())), high);
  }

  private static double correlation(SecondMoments moments) {
    double size = Math.sqrt(moments.aa().get(0, 0)) * Math.sqrt(moments.bb().get(0, 0));
    return moments.ab().get(0, 0) / size;
  }

  /** Cut to what the measure can be; what lies below that wholly ends at the value itself. */
  private static JackknifeValues.Ends within(Range range, JackknifeValues.Ends ends, double value) {
    JackknifeValues.Ends cut = ends.within(range.low(), range.high());
    return cut.high() > range.low()
        ? cut
        : new JackknifeValues.Ends(cut.low(), cut.centre(), Math.max(cut.high(), value));
  }

  /** Positions of one image are not independent, so that their number adjusts nothing. */
  private JackknifeValues adjusted(JackknifeValues raw, CentredRows a, CentredRows b) {
    int n = a.images();
    double[] without = new double[n];
    for (int i = 0; i < n; i++) {
      without[i] = statistic.adjusted(raw.without()[i], n - 1.0, a.rank(), b.rank());
    }
    return new JackknifeValues(statistic.adjusted(raw.value(), n, a.rank(), b.rank()), without);
  }

  private boolean isOnArtanhScale() {
    return statistic.range().high() == 1;
  }

  /**
   * The co-moments of two layers, X'X, Y'Y and X'Y of centred rows, and what they are without one
   * image, about the means of the other rows.
   */
  static final class ByImages {

    private final CentredRows a;
    private final CentredRows b;
    private final SecondMoments whole;

    ByImages(CentredRows a, CentredRows b) {
      this.a = a;
      this.b = b;
      this.whole =
          new SecondMoments(
              Products.transposeTimes(a.rows(), a.rows()),
              Products.transposeTimes(b.rows(), b.rows()),
              Products.transposeTimes(a.rows(), b.rows()),
              a.rows().rows());
    }

    SecondMoments whole() {
      return whole;
    }

    SecondMoments without(int image) {
      int left = a.rows().rows() - a.info().rowsPerProbe();
      Dense ofA = taken(a, image, left);
      Dense ofB = taken(b, image, left);
      return new SecondMoments(
          less(whole.aa(), ofA, ofA), less(whole.bb(), ofB, ofB), less(whole.ab(), ofA, ofB), left);
    }

    /** The image's rows and their sum, divided by the root of the number of other rows. */
    private static Dense taken(CentredRows side, int image, int left) {
      Dense own = side.of(new int[] {image});
      int width = own.columns();
      Dense taken = Dense.zeros(own.rows() + 1, width);
      System.arraycopy(own.values(), 0, taken.values(), 0, own.values().length);
      for (int k = 0; k < own.values().length; k++) {
        taken.values()[own.values().length + k % width] += own.values()[k] / Math.sqrt(left);
      }
      return taken;
    }

    /** M − U'W. */
    private static Dense less(Dense moments, Dense u, Dense w) {
      Dense rest = new Dense(moments.rows(), moments.columns(), moments.values().clone());
      for (int r = 0; r < u.rows(); r++) {
        for (int i = 0; i < u.columns(); i++) {
          double ofRow = u.get(r, i);
          int at = i * w.columns();
          for (int j = 0; j < w.columns(); j++) {
            rest.values()[at + j] -= ofRow * w.get(r, j);
          }
        }
      }
      return rest;
    }
  }
}
