package org.palimpsest.claims;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.DoubleUnaryOperator;
import org.palimpsest.similarity.statistics.ConfidenceInterval;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.SampleSize;
import org.palimpsest.similarity.statistics.Verdict;

/**
 * One figure that speaks for a claim or against it, with its 95 % interval over networks and the
 * region in which the claim wants it. The figure alone says that the claim holds where its interval
 * lies wholly in the region, that it does not hold where it lies wholly outside, and else that it
 * cannot be told.
 *
 * @param what what it is, in words
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

  private static final String NETWORKS = "networks";

  /**
   * How many networks would decide.
   *
   * @param networks in each group; none if it takes more than {@link SampleSize#MOST}
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
  static Evidence above(String what, Estimate estimate, double threshold, Scale scale) {
    return of(
        what,
        estimate,
        scale.shown().applyAsDouble(threshold),
        Double.POSITIVE_INFINITY,
        Judgement.above(estimate, threshold),
        scale);
  }

  /** A figure that the claim wants below a threshold. */
  static Evidence below(String what, Estimate estimate, double threshold, Scale scale) {
    return of(
        what,
        estimate,
        Double.NEGATIVE_INFINITY,
        scale.shown().applyAsDouble(threshold),
        Judgement.below(estimate, threshold),
        scale);
  }

  /** A figure that the claim wants between two margins. */
  static Evidence within(String what, Estimate estimate, double low, double high, Scale scale) {
    return of(
        what,
        estimate,
        scale.shown().applyAsDouble(low),
        scale.shown().applyAsDouble(high),
        Judgement.within(estimate, low, high),
        scale);
  }

  private static Evidence of(
      String what, Estimate estimate, double from, double to, Judgement judgement, Scale scale) {
    OptionalDouble point = estimate.point();
    ConfidenceInterval interval = estimate.interval();
    boolean isOpen = Double.isInfinite(interval.low()) && Double.isInfinite(interval.high());
    return new Evidence(
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

  /** The same figure, which decides nothing. */
  Evidence beside() {
    return new Evidence(what, value, interval, from, to, judgement, false, networks, units, needed);
  }

  /** The same, judged under a further condition. */
  Evidence judged(Judgement other) {
    return new Evidence(what, value, interval, from, to, other, decides, networks, units, needed);
  }

  /** The same, if the units of its smallest group are sources with all their networks. */
  Evidence overSources(boolean areSources) {
    return areSources
        ? new Evidence(
            what, value, interval, from, to, judgement, decides, networks, "sources", needed)
        : this;
  }

  /** Says how many networks would pass the threshold if the true value lay so far beyond it. */
  Evidence needing(Estimate pilot, double effect, String inWords) {
    return pilot instanceof Estimate.Student student
        ? needing(
            SampleSize.withDefaults().toPass(student, effect),
            isUnlikely(student, effect) ? inWords + " (which these runs make unlikely)" : inWords)
        : this;
  }

  /** Says how many networks would lie within margins if the true value lay in their middle. */
  Evidence needingMiddle(Estimate pilot, double halfMargin, String inWords) {
    return pilot instanceof Estimate.Student student
        ? needing(SampleSize.withDefaults().toBeWithin(student, halfMargin), inWords)
        : this;
  }

  /** Whether the interval leaves out the value for which a number of networks is told. */
  private boolean isUnlikely(Estimate.Student pilot, double effect) {
    double told = Double.isInfinite(to) ? from + effect : to - effect;
    return pilot.interval().equals(interval) && !interval.contains(told);
  }

  private Evidence needing(OptionalInt count, String inWords) {
    return new Evidence(
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
      return "above " + Numbers.of(from);
    }
    return Double.isInfinite(from)
        ? "below " + Numbers.of(to)
        : "between %s and %s".formatted(Numbers.of(from), Numbers.of(to));
  }

  /** The figure with its interval: {@code 0.61 (0.35 to 0.87)}; {@code at least 0.35}. */
  public String inWords() {
    if (value.isPresent()) {
      String figure = Numbers.of(value.getAsDouble());
      return isBoundedSomewhere()
          ? "%s (%s)".formatted(figure, Numbers.of(interval))
          : figure + " (no interval)";
    }
    if (!isBoundedSomewhere()) {
      return "not known (no interval)";
    }
    return interval.isBounded()
        ? "between " + Numbers.of(interval.low()) + " and " + Numbers.of(interval.high())
        : Double.isFinite(interval.low())
            ? "at least " + Numbers.of(interval.low())
            : "at most " + Numbers.of(interval.high());
  }

  /** What it is, and the figure with its interval. */
  String told() {
    return "%s: %s".formatted(what, inWords());
  }

  /** Whether there is an interval that excludes anything. */
  public boolean isBoundedSomewhere() {
    return Double.isFinite(interval.low()) || Double.isFinite(interval.high());
  }
}
