package org.palimpsest.claims;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.DoubleUnaryOperator;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Estimate.ConfidenceInterval;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

/**
 * One figure that speaks for a claim or against it, with its 95 % interval over networks and the
 * region in which the claim wants it. The figure alone says that the claim holds where its interval
 * lies wholly in the region, that it does not hold where it lies wholly outside, and else that it
 * cannot be told.
 *
 * @param quantity what it is
 * @param of what of the study it is of, such as a condition, a block or the encoder; empty if of
 *     all
 * @param what both in words
 * @param value the figure, if the networks give one
 * @param interval the 95 % interval; open ends are infinite
 * @param from where the claim's region begins; may be −∞
 * @param to where it ends; may be ∞
 * @param judgement what the figure says alone
 * @param decides whether the claim is judged by it, or it stands beside
 * @param networks the number of networks, or sources, of the smallest group
 * @param units what these are: {@code networks} or {@code sources}
 * @param needed how many networks in each group would probably decide, if that can be said
 */
public record Evidence(
    Quantity quantity,
    String of,
    String what,
    OptionalDouble value,
    ConfidenceInterval interval,
    double from,
    double to,
    Judgement judgement,
    boolean decides,
    int networks,
    String units,
    Optional<Needed> needed) {

  private static final double POWER = 0.8;

  private static final String NETWORKS = "networks";

  /**
   * How many networks would decide.
   *
   * @param networks in each group; none if it takes more than {@link
   *     Estimate.Student#MOST_NETWORKS}
   * @param effect how far beyond the threshold the true value would have to lie, in the figure's
   *     unit
   */
  public record Needed(OptionalInt networks, String effect) {}

  /** How a figure is shown. */
  record Scale(DoubleUnaryOperator shown) {

    static final Scale PLAIN = new Scale(DoubleUnaryOperator.identity());
    static final Scale EXPONENTIAL = new Scale(Math::exp);
  }

  /** A figure that the claim wants above a threshold, on the scale on which it is estimated. */
  static Evidence above(
      Quantity quantity, String what, Estimate estimate, double threshold, Scale scale) {
    return of(
        quantity,
        what,
        estimate,
        scale.shown().applyAsDouble(threshold),
        Double.POSITIVE_INFINITY,
        Judgement.above(estimate, threshold),
        scale);
  }

  /** A figure that the claim wants below a threshold. */
  static Evidence below(
      Quantity quantity, String what, Estimate estimate, double threshold, Scale scale) {
    return of(
        quantity,
        what,
        estimate,
        Double.NEGATIVE_INFINITY,
        scale.shown().applyAsDouble(threshold),
        Judgement.below(estimate, threshold),
        scale);
  }

  /** A figure that the claim wants between two margins. */
  static Evidence within(
      Quantity quantity, String what, Estimate estimate, double low, double high, Scale scale) {
    return of(
        quantity,
        what,
        estimate,
        scale.shown().applyAsDouble(low),
        scale.shown().applyAsDouble(high),
        Judgement.within(estimate, low, high),
        scale);
  }

  private static Evidence of(
      Quantity quantity,
      String what,
      Estimate estimate,
      double from,
      double to,
      Judgement judgement,
      Scale scale) {
    OptionalDouble point = estimate.point();
    ConfidenceInterval interval = estimate.interval();
    boolean isOpen = Double.isInfinite(interval.low()) && Double.isInfinite(interval.high());
    return new Evidence(
        quantity,
        "",
        what,
        point.isPresent()
            ? OptionalDouble.of(scale.shown().applyAsDouble(point.getAsDouble()))
            : point,
        isOpen ? interval : interval.through(scale.shown()),
        from,
        to,
        judgement,
        true,
        estimate.units(),
        NETWORKS,
        Optional.empty());
  }

  /** The same figure, of a part of the study. */
  Evidence of(String part) {
    return new Evidence(
        quantity, part, what, value, interval, from, to, judgement, decides, networks, units,
        needed);
  }

  /** The same figure, which decides nothing. */
  Evidence beside() {
    return new Evidence(
        quantity, of, what, value, interval, from, to, judgement, false, networks, units, needed);
  }

  /** The same, judged under a further condition. */
  Evidence judged(Judgement other) {
    return new Evidence(
        quantity, of, what, value, interval, from, to, other, decides, networks, units, needed);
  }

  /** The same, if the units of its smallest group are sources with all their networks. */
  Evidence overSources(boolean areSources) {
    return areSources
        ? new Evidence(
            quantity, of, what, value, interval, from, to, judgement, decides, networks, "sources",
            needed)
        : this;
  }

  /** Says how many networks would pass the threshold if the true value lay so far beyond it. */
  Evidence needing(Estimate pilot, double effect, String inWords) {
    double threshold = Double.isInfinite(to) ? from : to;
    return needing(
        pilot, pilot.interval().equals(interval) ? threshold : Double.NaN, effect, inWords);
  }

  /**
   * The same, and that these runs make such a value unlikely, if they do.
   *
   * @param threshold on the scale of the pilot; not a number if nothing is to be said of that
   */
  Evidence needing(Estimate pilot, double threshold, double effect, String inWords) {
    double told = Double.isInfinite(to) ? threshold + effect : threshold - effect;
    boolean isUnlikely = !Double.isNaN(told) && !pilot.interval().contains(told);
    return pilot instanceof Estimate.Student student
        ? needing(
            student.networksToPass(effect, POWER),
            isUnlikely ? inWords + " (which these runs make unlikely)" : inWords)
        : this;
  }

  /** Says how many networks would lie within margins if the true value lay in their middle. */
  Evidence needingMiddle(Estimate pilot, double halfMargin, String inWords) {
    return pilot instanceof Estimate.Student student
        ? needing(student.networksToBeWithin(halfMargin, POWER), inWords)
        : this;
  }

  private Evidence needing(OptionalInt count, String inWords) {
    return new Evidence(
        quantity,
        of,
        what,
        value,
        interval,
        from,
        to,
        judgement,
        decides,
        networks,
        units,
        Optional.of(new Needed(count, inWords)));
  }

  /** The verdict on this figure alone. */
  public Verdict verdict() {
    return judgement.verdict();
  }

  /** Where the figure lies if the claim is true: {@code above 0.5}. */
  public String asked() {
    if (Double.isInfinite(to)) {
      return "above " + Numbers.threshold(from);
    }
    return Double.isInfinite(from)
        ? "below " + Numbers.threshold(to)
        : "between %s and %s".formatted(Numbers.threshold(from), Numbers.threshold(to));
  }

  /**
   * The figure with its interval: {@code 0.61 (0.35 to 0.87)}; {@code at least 0.35}. Ends are
   * rounded outward.
   */
  public String inWords() {
    return Numbers.of(value, interval);
  }

  /**
   * The same on another scale.
   *
   * @param falling a function that falls throughout; open ends stay open
   */
  public String inWords(DoubleUnaryOperator falling) {
    double low = interval.low();
    double high = interval.high();
    return Numbers.of(
        value.isPresent() ? OptionalDouble.of(falling.applyAsDouble(value.getAsDouble())) : value,
        new ConfidenceInterval(
            Double.isFinite(high) ? falling.applyAsDouble(high) : Double.NEGATIVE_INFINITY,
            Double.isFinite(low) ? falling.applyAsDouble(low) : Double.POSITIVE_INFINITY,
            interval.level()));
  }

  /** What it is, and the figure with its interval. */
  String told() {
    return "%s: %s".formatted(what, inWords());
  }

  /** Whether there is an interval that excludes anything. */
  public boolean isBoundedSomewhere() {
    return Double.isFinite(interval.low()) || Double.isFinite(interval.high());
  }

  /** What {@link Evidence} is a value of. Its words may change, these stay. */
  public enum Quantity {
    /** Doublings of training speed, over all goals. */
    DOUBLINGS_OF_SPEED,
    /** Doublings of training speed to one goal. */
    DOUBLINGS_TO_GOAL,
    /** What transferred networks have more in Dice. */
    GAIN,
    /** The gain with a hard task and few images, less the mean of the other gains. */
    GAIN_AHEAD,
    /** The same on the logit of Dice. */
    GAIN_AHEAD_ON_LOGIT,
    /** The interaction of the four gains. */
    GAIN_INTERACTION,
    /** The angle between filters before and after training, in degrees. */
    ANGLE_OF_FILTERS,
    /** The distance that filters moved, as a share of that between independent ones. */
    DISTANCE_OF_FILTERS,
    /** The share of filters that are still nearest to themselves. */
    FILTERS_NEAREST_TO_THEMSELVES,
    /** How often a trained kernel's neighbouring weights are more alike than a fresh one's. */
    KERNEL_SMOOTHNESS,
    /** How often a trained kernel's weights are more of one sign than a fresh one's. */
    KERNEL_ONE_SIGN,
    /** The same as {@link #KERNEL_SMOOTHNESS} of networks that were trained longer. */
    KERNEL_SMOOTHNESS_AFTER_LONGER,
    /** The same as {@link #KERNEL_ONE_SIGN} of networks that were trained longer. */
    KERNEL_ONE_SIGN_AFTER_LONGER,
    /** How often a Gabor filter is told from a fresh kernel. */
    KERNEL_SMOOTHNESS_OF_GABORS,
    /** The share of the way from the floor to the whole. */
    FROZEN_SHARE,
    /** A difference in Dice to the floor. */
    DICE_ABOVE_FLOOR,
    /** The share of the dissimilarity of two groups that is due to where they lie. */
    SHARE_APART,
    /** The same of random networks that share a start. */
    SHARE_APART_OF_SHARED_START,
    /** The share that a shared start does not explain. */
    SHARE_APART_BEYOND_SHARED_START,
    /** The dissimilarity across the groups over that within the random one (Raghu et al. 2019). */
    ACROSS_OVER_RANDOM,
    /** The ratio of distances within the groups. */
    RATIO_OF_SPREADS,
    /** The same, asked whether it can be as high. */
    RATIO_OF_SPREADS_AS_HIGH,
    /** The same of predictions. */
    RATIO_OF_SPREADS_OF_PREDICTIONS,
    /** The mean reuse of the deeper blocks. */
    REUSE_OF_DEEPER_BLOCKS,
    /** The reuse of one block. */
    REUSE_OF_BLOCK,
    /** The reuse of a deeper block, less that of an early one. */
    REUSE_DEEPER_LESS_EARLY,
    /** The trend of reuse from the first block to the last. */
    TREND_OF_REUSE;

    /** In JSON: {@code doublings_of_speed}. */
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
