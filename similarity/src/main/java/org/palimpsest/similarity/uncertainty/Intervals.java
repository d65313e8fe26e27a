package org.palimpsest.similarity.uncertainty;

import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Interval.ScoreIntervals;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.intervals.HasInterval;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.intervals.IntervalRequest;
import org.palimpsest.similarity.internal.linalg.Cores;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/**
 * Intervals of scores: where the value would lie with ever more probes, as each measure declares
 * that it is told. What varies is which images were shown; networks stay as they are. Where
 * positions are the samples, whole images are the units.
 *
 * <p>Where no interval is known to hold the true value, at this number of images or at all, the
 * result is a refusal with its reason, not an exception.
 *
 * <p>Immutable: each {@code with…} gives a changed copy. Pairs run in parallel; the same seed gives
 * the same intervals at any number of threads, whichever other layers are asked for.
 */
public final class Intervals implements ScoreIntervals {

  private static final IntervalRequest USUAL = new IntervalRequest(0.95, 1000, 0);

  private final IntervalRequest request;
  private final Progress progress;

  private Intervals(IntervalRequest request, Progress progress) {
    this.request = request;
    this.progress = progress;
  }

  /** Level 0.95, 1000 draws where any are needed, seed 0, silent. */
  public static Intervals withDefaults() {
    return new Intervals(USUAL, Progress.silent());
  }

  /**
   * At another level. Draws become as many as it needs, where they are fewer.
   *
   * @param share of intervals that are to hold the true value, from 0.5 to 0.999
   */
  public Intervals withLevel(double share) {
    if (!(share >= 0.5 && share <= 0.999)) {
      throw new PalimpsestException(
          "An interval of level %s cannot be given; choose one from 0.5 to 0.999, such as 0.95."
              .formatted(share));
    }
    IntervalRequest asked = new IntervalRequest(share, request.draws(), request.seed());
    int draws = Math.max(asked.draws(), asked.fewestDraws());
    return new Intervals(new IntervalRequest(share, draws, asked.seed()), progress);
  }

  /**
   * How often images are drawn: for measures of neighbours alone, which have no interval if that is
   * less than 2 / (1 - level) - 1, 39 at level 0.95.
   */
  public Intervals withDraws(int count) {
    if (count < 2) {
      throw new PalimpsestException(
          "%s draws make no interval; at level %s draw %s times or more, such as 1000."
              .formatted(count, request.level(), request.fewestDraws()));
    }
    return new Intervals(new IntervalRequest(request.level(), count, request.seed()), progress);
  }

  /** Decides how images are drawn, for measures of neighbours, and divided, for brackets. */
  public Intervals withSeed(long value) {
    return new Intervals(new IntervalRequest(request.level(), request.draws(), value), progress);
  }

  /** The share of intervals that are to hold the true value. */
  public double level() {
    return request.level();
  }

  /** How often images are drawn, for measures of neighbours. */
  public int draws() {
    return request.draws();
  }

  /** What decides how images are drawn and divided. */
  public long seed() {
    return request.seed();
  }

  /** Tells a listener of each pair done. */
  public Intervals withProgress(Progress listener) {
    return new Intervals(request, listener);
  }

  /**
   * How many units would about halve the width that intervals over so many have.
   *
   * @param units at least 2
   * @throws PalimpsestException if there are fewer, over which no interval has a width
   */
  public long unitsToHalve(long units) {
    if (units < 2) {
      throw new PalimpsestException(
          "An interval takes at least 2 units; over %s none has a width to halve."
              .formatted(units));
    }
    double wanted = width(units) / 2;
    long fewer = units;
    long enough = 4 * units;
    while (enough - fewer > 1) {
      long middle = fewer + (enough - fewer) / 2;
      if (width(middle) > wanted) {
        fewer = middle;
      } else {
        enough = middle;
      }
    }
    return enough;
  }

  /** In standard deviations of a unit. */
  private double width(long units) {
    return request.quantile(units - 1.0) / Math.sqrt(units);
  }

  /**
   * The interval of one score.
   *
   * @throws PalimpsestException if the layers do not fit, or the measure cannot tell anything of
   *     them
   */
  public <P extends Prepared> Interval of(Measure<P> measure, Representation a, Representation b) {
    return ofAll(measure, List.of(a), List.of(b)).get(0).get(0);
  }

  /** The intervals of each of some layers with each of others; entry (i, j) is row i's. */
  public <P extends Prepared> List<List<Interval>> ofAll(
      Measure<P> measure, List<Representation> rows, List<Representation> columns) {
    rows.forEach(row -> columns.forEach(column -> row.info().requireSameSamples(column.info())));
    Map<Representation, P> known = new IdentityHashMap<>();
    Stream.concat(rows.stream(), columns.stream())
        .forEach(one -> known.computeIfAbsent(one, layer -> measure.preparation().prepare(layer)));
    List<P> ofRows = rows.stream().map(row -> Objects.requireNonNull(known.get(row))).toList();
    List<P> ofColumns = columns.stream().map(c -> Objects.requireNonNull(known.get(c))).toList();
    return attach(measure, ofRows, ofColumns, measure.compareAll(ofRows, ofColumns)).stream()
        .map(row -> row.stream().map(score -> score.interval().orElseThrow()).toList())
        .toList();
  }

  @Override
  public <P extends Prepared> List<List<Score>> attach(
      Measure<P> measure, List<P> rows, List<P> columns, List<List<Score>> scores) {
    return measure.properties().symmetric() && areTheSame(rows, columns)
        ? mirrored(estimator(measure), rows, scores)
        : attach(estimator(measure), rows, columns, scores);
  }

  @Override
  public String settings() {
    return "level %s, %s draws, seed %s"
        .formatted(request.level(), request.draws(), request.seed());
  }

  private static <P> boolean areTheSame(List<P> rows, List<P> columns) {
    return rows.size() == columns.size()
        && IntStream.range(0, rows.size()).allMatch(i -> rows.get(i) == columns.get(i));
  }

  /** Of a symmetric table, of which half is computed. */
  private <P extends Prepared, L> List<List<Score>> mirrored(
      IntervalEstimator<P, L> estimator, List<P> layers, List<List<Score>> scores) {
    List<List<Score>> half = attach(estimator, layers, layers, scores, (i, j) -> i <= j);
    return IntStream.range(0, layers.size())
        .mapToObj(
            i ->
                IntStream.range(0, layers.size())
                    .mapToObj(
                        j ->
                            i <= j
                                ? half.get(i).get(j)
                                : scores
                                    .get(i)
                                    .get(j)
                                    .withInterval(half.get(j).get(i).interval().orElseThrow()))
                    .toList())
        .toList();
  }

  @SuppressWarnings("unchecked") // a measure declares intervals of what it prepares itself
  private static <P extends Prepared> IntervalEstimator<P, ?> estimator(Measure<P> measure) {
    return DelegatingMeasure.of(measure) instanceof HasInterval<?> known
        ? ((HasInterval<P>) known).intervalEstimator()
        : IntervalEstimator.refusing(
            "No interval of %s has been shown to hold the true value. Permutations (compare --baseline) tell its value from that of unrelated layers."
                .formatted(measure.name()));
  }

  private <P extends Prepared, L> List<List<Score>> attach(
      IntervalEstimator<P, L> estimator, List<P> rows, List<P> columns, List<List<Score>> scores) {
    return attach(estimator, rows, columns, scores, (i, j) -> true);
  }

  /** Leaves out entries that are not wanted. */
  @FunctionalInterface
  private interface Wanted {
    boolean test(int row, int column);
  }

  private <P extends Prepared, L> List<List<Score>> attach(
      IntervalEstimator<P, L> estimator,
      List<P> rows,
      List<P> columns,
      List<List<Score>> scores,
      Wanted wanted) {
    Map<P, Side<L>> sides = sides(estimator, rows, columns);
    try (Progress.Task task = begin(estimator, sides, rows, columns, wanted)) {
      return Cores.table(
          rows.size(),
          columns.size(),
          (i, j) -> {
            Score score = scores.get(i).get(j);
            if (!wanted.test(i, j)) {
              return score;
            }
            Side<L> a = Objects.requireNonNull(sides.get(rows.get(i)));
            Side<L> b = Objects.requireNonNull(sides.get(columns.get(j)));
            long units = rows.get(i).info().probeCount();
            Interval interval = interval(estimator, a, b, score.value(), units);
            synchronized (task) {
              task.advance(1);
            }
            return score.withInterval(interval);
          });
    }
  }

  private <P extends Prepared, L> Progress.Task begin(
      IntervalEstimator<P, L> estimator,
      Map<P, Side<L>> sides,
      List<P> rows,
      List<P> columns,
      Wanted wanted) {
    long pairs = 0;
    double seconds = 0;
    for (int i = 0; i < rows.size(); i++) {
      for (int j = 0; j < columns.size(); j++) {
        if (wanted.test(i, j)) {
          pairs++;
          Side<L> a = Objects.requireNonNull(sides.get(rows.get(i)));
          Side<L> b = Objects.requireNonNull(sides.get(columns.get(j)));
          seconds += seconds(estimator, a, b);
        }
      }
    }
    long cores = Math.max(1, Math.min(pairs, ForkJoinPool.getCommonPoolParallelism() + 1));
    return progress.begin("intervals", pairs, Duration.ofNanos(Math.round(1e9 * seconds / cores)));
  }

  private <L> double seconds(IntervalEstimator<?, L> estimator, Side<L> a, Side<L> b) {
    return a.made() == null || b.made() == null
        ? 0
        : estimator.seconds(a.made(), b.made(), request);
  }

  /** What was made of one layer, or why nothing could be. */
  private record Side<L>(@Nullable L made, String problem) {

    static <P extends Prepared, L> Side<L> of(IntervalEstimator<P, L> estimator, P layer) {
      try {
        return new Side<>(estimator.side(layer), "");
      } catch (PalimpsestException problem) {
        return new Side<>(null, String.valueOf(problem.getMessage()));
      }
    }
  }

  private <L> Interval interval(
      IntervalEstimator<?, L> estimator, Side<L> a, Side<L> b, double value, long units) {
    if (a.made() == null || b.made() == null) {
      return new Interval.Refused(value, units, a.made() == null ? a.problem() : b.problem());
    }
    try {
      return estimator.interval(a.made(), b.made(), value, request);
    } catch (PalimpsestException problem) {
      return new Interval.Refused(value, units, String.valueOf(problem.getMessage()));
    }
  }

  /** Of each layer once. */
  private static <P extends Prepared, L> Map<P, Side<L>> sides(
      IntervalEstimator<P, L> estimator, List<P> rows, List<P> columns) {
    Set<P> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
    distinct.addAll(rows);
    distinct.addAll(columns);
    List<P> layers = List.copyOf(distinct);
    Map<P, Side<L>> sides = Collections.synchronizedMap(new IdentityHashMap<>());
    Cores.sideBySide(
        layers.size(), i -> sides.put(layers.get(i), Side.of(estimator, layers.get(i))));
    return sides;
  }
}
