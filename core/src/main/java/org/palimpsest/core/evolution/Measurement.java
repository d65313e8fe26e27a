package org.palimpsest.core.evolution;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;

/**
 * One number with what a reader should know beside it. It is a {@link
 * org.palimpsest.core.measure.Score} without what all scores of its measure have in common, which
 * {@link MeasureFacts} tells once; or a mean over pairs of runs, a difference, a p value.
 *
 * @param value the number, finite
 * @param low the lower end of its interval, if it has one
 * @param high the upper end of its interval, if it has one
 * @param n how many things it rests on: samples, filters, or pairs of runs
 * @param warnings why it may mean less than it seems
 * @param ranks what was kept of both layers, if the measure has such a notion
 * @param overProbes where it would lie with ever more probes, or why that cannot be told; empty if
 *     that was not asked for. Its ends are {@code low} and {@code high} then.
 */
public record Measurement(
    double value,
    OptionalDouble low,
    OptionalDouble high,
    long n,
    List<String> warnings,
    Optional<Ranks> ranks,
    Optional<Interval> overProbes)
    implements Outcome {

  /**
   * Ranks, or numbers of components.
   *
   * @param a of the first layer
   * @param b of the second layer
   */
  public record Ranks(int a, int b) {}

  /**
   * @throws PalimpsestException if it is not a number, or infinite, its interval ends below its
   *     beginning, or it rests on fewer than 0 things
   */
  public Measurement {
    warnings = List.copyOf(warnings);
    for (double number : new double[] {value, low.orElse(value), high.orElse(value)}) {
      if (!Double.isFinite(number)) {
        throw new PalimpsestException(
            "A figure, or an end of its interval, came to %s, which is not a number to report."
                .formatted(number));
      }
    }
    if (low.isPresent() && high.isPresent() && low.getAsDouble() > high.getAsDouble()) {
      throw new PalimpsestException(
          "An interval has a lower and an upper end, in this order, unlike %s and %s."
              .formatted(low.getAsDouble(), high.getAsDouble()));
    }
    if (n < 0) {
      throw new PalimpsestException("A figure rests on 0 things or more, unlike %s.".formatted(n));
    }
  }

  /** A measurement of a measure without ranks. */
  public Measurement(
      double value, OptionalDouble low, OptionalDouble high, long n, List<String> warnings) {
    this(value, low, high, n, warnings, Optional.empty());
  }

  /** A measurement of which it was not asked where it would lie with ever more probes. */
  public Measurement(
      double value,
      OptionalDouble low,
      OptionalDouble high,
      long n,
      List<String> warnings,
      Optional<Ranks> ranks) {
    this(value, low, high, n, warnings, ranks, Optional.empty());
  }

  /** What a score says, without what all scores of its measure have in common. */
  static Measurement of(Score score) {
    Diagnostics told = score.diagnostics();
    Optional<Ranks> ranks =
        told.hasRanks() ? Optional.of(new Ranks(told.rankA(), told.rankB())) : Optional.empty();
    return new Measurement(
            score.value(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            told.samples(),
            told.warnings(),
            ranks)
        .withOverProbes(score.interval());
  }

  /** A number without an interval, which rests on n things. */
  public static Measurement of(double value, long n) {
    return new Measurement(value, OptionalDouble.empty(), OptionalDouble.empty(), n, List.of());
  }

  /** A number with its interval, which rests on n things. */
  public static Measurement of(double value, double low, double high, long n) {
    return new Measurement(value, OptionalDouble.of(low), OptionalDouble.of(high), n, List.of());
  }

  /** The same with these warnings in place of those that it had. */
  public Measurement withWarnings(List<String> more) {
    return new Measurement(value, low, high, n, more, ranks, overProbes);
  }

  /** The same with its interval over probes, if that was asked for. */
  public Measurement withOverProbes(Optional<Interval> interval) {
    return interval.isPresent() && interval.get() instanceof Interval.Known known
        ? new Measurement(
            value,
            OptionalDouble.of(known.low()),
            OptionalDouble.of(known.high()),
            n,
            warnings,
            ranks,
            interval)
        : new Measurement(value, low, high, n, warnings, ranks, interval);
  }

  /**
   * What a measurement is about, by content: the same key always means the same number. A journal
   * finds by it what is known already, whatever the files are called by now. Of a symmetric measure
   * both orders of the layers have one key.
   *
   * @param context whatever else decides the number: probes, how feature maps become samples,
   *     version, plug-ins, and how intervals are made
   * @param hashA the hash of the first checkpoint's content
   * @param layerA its layer
   * @param hashB the hash of the second checkpoint's content
   * @param layerB its layer
   * @param measure the measure's name with its parameters
   */
  public record Key(
      String context, String hashA, String layerA, String hashB, String layerB, String measure) {}

  /**
   * What a reader must know of the measure behind a measurement, be it of representations or of
   * weights. Rows of a table that was read from a file have it too, also where the measure itself
   * is not on the class path.
   *
   * @param name as in the table
   * @param description one sentence, or empty
   * @param direction whether more means more alike; empty where that is not known, or the
   *     measurement is not about alikeness
   * @param range the values that it can take; an infinite end where there is none, or none is known
   * @param ofWeights whether it compares weights, not the outputs of layers
   * @param symmetric whether exchanging the two networks is known to leave the value as it is
   */
  public record MeasureFacts(
      String name,
      String description,
      Optional<Direction> direction,
      Range range,
      boolean ofWeights,
      boolean symmetric) {

    private static final Range ANY = new Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

    /**
     * Of a measure of representations: everything is known, from its {@linkplain Measure#properties
     * properties}.
     *
     * @param measure as the study names it
     */
    public static MeasureFacts of(Measure<?> measure) {
      return new MeasureFacts(
          measure.name(),
          measure.properties().description(),
          Optional.of(measure.properties().direction()),
          measure.properties().range(),
          false,
          measure.properties().symmetric());
    }

    /**
     * Of a measure of which only the name is known, such as one of a plug-in in a table that is
     * read where the plug-in is not: any value is possible, and nothing says how to read it.
     *
     * @param name as in the table
     */
    public static MeasureFacts unknown(String name) {
      return new MeasureFacts(name, "", Optional.empty(), ANY, false, false);
    }

    /** Whether more is known than the name: a description, or a direction. */
    public boolean isKnown() {
      return !description.isEmpty() || direction.isPresent();
    }

    /** Whether larger values mean less alike. False also where that is not known. */
    public boolean isDistance() {
      return direction.isPresent() && direction.get() == Direction.DISTANCE;
    }

    /** How to read a value: {@code higher is more alike}; empty if that is not known. */
    public String reading() {
      return direction
          .map(d -> d == Direction.SIMILARITY ? "higher is more alike" : "lower is more alike")
          .orElse("");
    }
  }
}
