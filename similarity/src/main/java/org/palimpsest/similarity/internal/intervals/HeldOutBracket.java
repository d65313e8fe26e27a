package org.palimpsest.similarity.internal.intervals;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.palimpsest.core.internal.random.RandomStreams;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.similarity.internal.linalg.Dense;

/**
 * A bracket about sums of singular values and best matches, which have a kink where they are zero,
 * so that no jackknife tells their bias. The lower end is h − t √2 s(h), where h is the value on
 * half of the images of what was learnt on the other half, over both halves and four divisions, and
 * s(h) its standard error; √2, since the errors of halves correlate. The upper end is v + t s(v).
 *
 * <p>Images are divided after they were put into an order that does not depend on theirs.
 *
 * @param <P> what the measure's preparation makes
 */
public final class HeldOutBracket<P extends Prepared> implements IntervalEstimator<P, CentredRows> {

  /** A cosine or a mean correlation, learnt on some rows. */
  @FunctionalInterface
  public interface Learner {

    Learnt learn(Dense x, Dense y);
  }

  /** What was learnt: directions, pairs of features, weights. */
  @FunctionalInterface
  public interface Learnt {

    /** Its value on these rows, which are centred by themselves. */
    HeldOut on(Dense x, Dense y);
  }

  /** What a measure is besides what it learns. */
  public interface Rules {

    /** The measure of the cosine, or the cosine itself. */
    default double mapped(double cosine) {
      return cosine;
    }

    /** The cosine of a score. */
    default double cosine(double value) {
      return value;
    }

    /** The least cosine. */
    default double least() {
      return 0;
    }

    /** Whether features or components count alike, however small and rare they are. */
    default boolean isMeanOfFeatures() {
      return false;
    }

    /** How many images are needed. */
    long fewestImages(boolean ofPositions, CentredRows a, CentredRows b);

    /** The standard error of the cosine, where its influences do not tell it. */
    default OptionalDouble standardError(CentredRows a, CentredRows b) {
      return OptionalDouble.empty();
    }

    /** About how many seconds of one core that takes. */
    default double secondsOfStandardError(CentredRows a, CentredRows b) {
      return 0;
    }
  }

  private static final int DIVISIONS = 4;

  private static final double ROUNDING = 1e-12;

  /** Seconds for each p³, as measured. */
  private static final double DECOMPOSITION = 4e-9;

  private final Function<P, CentredRows> scores;
  private final Learner learner;
  private final Rules rules;

  private HeldOutBracket(Function<P, CentredRows> scores, Learner learner, Rules rules) {
    this.scores = scores;
    this.learner = learner;
    this.rules = rules;
  }

  public static <P extends Prepared> HeldOutBracket<P> of(
      Function<P, CentredRows> scores, Learner learner, Rules rules) {
    return new HeldOutBracket<>(scores, learner, rules);
  }

  @Override
  public CentredRows side(P prepared) {
    return scores.apply(prepared);
  }

  @Override
  public Interval interval(CentredRows a, CentredRows b, double value, IntervalRequest request) {
    int units = a.images();
    long fewest = fewest(a, b);
    if (units < fewest) {
      return TooFew.unitsFor(value, units, fewest, a, b);
    }
    double effective = EffectiveImages.least(units, fewest);
    Optional<String> uneven =
        EffectiveImages.tooFew(EffectiveImages.of(a), EffectiveImages.of(b), effective)
            .or(
                () ->
                    rules.isMeanOfFeatures()
                        ? EffectiveImages.tooFewOfFeatures(a, b)
                        : Optional.empty());
    if (uneven.isPresent()) {
      return new Interval.Refused(value, units, uneven.get());
    }
    double cosine = rules.cosine(value);
    double reach = request.quantile(units - 1.0);
    Below below = below(a, b, request.seed());
    if (below.standardError <= ROUNDING && cosine < 1 - ROUNDING) {
      return new Interval.Refused(value, units, JackknifeValues.areCopies("image"));
    }
    double low =
        Math.max(
            rules.least(),
            Math.min(cosine, below.value - reach * Math.sqrt(2) * below.standardError));
    double high = Math.min(1, cosine + reach * standardError(a, b));
    double oneEnd = rules.mapped(low);
    double other = rules.mapped(high);
    return new Interval.Known(
        value,
        OptionalDouble.empty(),
        Math.min(value, Math.min(oneEnd, other)),
        Math.max(value, Math.max(oneEnd, other)),
        request.level(),
        Interval.Method.HELD_OUT_BRACKET,
        units,
        OptionalDouble.of(rules.mapped(0)));
  }

  private long fewest(CentredRows a, CentredRows b) {
    return rules.fewestImages(a.info().rowsPerProbe() > 1, a, b);
  }

  /** Of both halves of each division, and of all images. */
  @Override
  public double seconds(CentredRows a, CentredRows b, IntervalRequest request) {
    if (a.images() < fewest(a, b)) {
      return 0;
    }
    double each = CentredRows.secondsToDecompose(a, b, a.rows().rows() / 2.0, DECOMPOSITION);
    return (2 * DIVISIONS + 1) * each + rules.secondsOfStandardError(a, b);
  }

  private double standardError(CentredRows a, CentredRows b) {
    OptionalDouble known = rules.standardError(a, b);
    if (known.isPresent()) {
      return known.getAsDouble();
    }
    double[] influences =
        learner.learn(a.rows(), b.rows()).on(a.rows(), b.rows()).ofImages(a.images());
    return deviation(influences) / Math.sqrt(influences.length);
  }

  private record Below(double value, double standardError) {}

  private Below below(CentredRows a, CentredRows b, long seed) {
    int n = a.images();
    int[] order = ImageOrder.bySums(a.shares(), b.shares());
    double value = 0;
    double[] influences = new double[n];
    for (int division = 0; division < DIVISIONS; division++) {
      int[] shuffled = ImageOrder.shuffled(order, RandomStreams.of(seed, division));
      int half = (n + 1) / 2;
      int[][] halves = {
        IntStream.range(0, half).map(i -> shuffled[i]).toArray(),
        IntStream.range(half, n).map(i -> shuffled[i]).toArray()
      };
      for (int side = 0; side < 2; side++) {
        int[] shown = halves[1 - side];
        int[] held = halves[side];
        HeldOut found = learner.learn(a.of(shown), b.of(shown)).on(a.of(held), b.of(held));
        value += found.value() * held.length / n / DIVISIONS;
        double[] ofImages = found.ofImages(held.length);
        for (int i = 0; i < held.length; i++) {
          influences[held[i]] += ofImages[i] / DIVISIONS;
        }
      }
    }
    return new Below(value, deviation(influences) / Math.sqrt(n));
  }

  private static double deviation(double[] values) {
    double mean = IntStream.range(0, values.length).mapToDouble(i -> values[i]).sum();
    mean /= values.length;
    double sum = 0;
    for (double value : values) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / (values.length - 1));
  }
}
