package org.palimpsest.similarity.uncertainty;

import java.util.Arrays;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Direction;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.Representation;

/**
 * Scores of layers whose probes were brought into another order on one side, which leaves each
 * layer as it is but unties them. Where positions are the samples, whole images change places.
 *
 * <p>It shows how much of a score any two layers of these shapes would have: linear CKA of two
 * random matrices is about {@code 1 / sqrt((1 + n/p)(1 + n/q))}.
 *
 * <p>Immutable: each {@code with…} gives a changed copy. Permutations run in parallel; the same
 * seed gives the same baseline at any number of threads.
 */
public final class PermutationBaseline {

  private static final int USUAL_PERMUTATIONS = 1000;
  private static final double ROUNDING = 1e-12;

  private final int permutations;
  private final long seed;
  private final Progress progress;

  private PermutationBaseline(int permutations, long seed, Progress progress) {
    this.permutations = permutations;
    this.seed = seed;
    this.progress = progress;
  }

  /** 1000 permutations, seed 0, silent. */
  public static PermutationBaseline withDefaults() {
    return new PermutationBaseline(USUAL_PERMUTATIONS, 0, Progress.silent());
  }

  public PermutationBaseline withPermutations(int count) {
    if (count < 2) {
      throw new PalimpsestException(
          "%d permutations make no baseline; draw 2 or more, such as 1000.".formatted(count));
    }
    return new PermutationBaseline(count, seed, progress);
  }

  public PermutationBaseline withSeed(long value) {
    return new PermutationBaseline(permutations, value, progress);
  }

  public PermutationBaseline withProgress(Progress listener) {
    return new PermutationBaseline(permutations, seed, listener);
  }

  /**
   * The baseline of one score.
   *
   * @throws PalimpsestException if the layers do not fit, there are fewer than two probes, or the
   *     measure cannot tell anything of them
   */
  public <P extends Prepared> Baseline baseline(
      Measure<P> measure, Representation a, Representation b) {
    a.info().requireSameSamples(b.info());
    ProbeDraws draws = ProbeDraws.of(a.info(), seed);
    Draws<P> ofA = Draws.of(measure, a);
    Draws<P> ofB = Draws.of(measure, b);
    double value = measure.compare(ofA.whole(), ofB.whole()).value();
    double[] nulls =
        Replicates.run(
            "permutations",
            permutations,
            progress,
            index -> {
              int[] rows = draws.rows(draws.permuted(draws.random(index)));
              return measure.compare(ofA.whole(), ofB.withRows(rows)).value();
            });
    return summary(measure.properties(), value, nulls, draws);
  }

  private Baseline summary(
      MeasureProperties properties, double value, double[] nulls, ProbeDraws draws) {
    double mean = Arrays.stream(nulls).average().orElseThrow();
    double squares = Arrays.stream(nulls).map(v -> (v - mean) * (v - mean)).sum();
    boolean moreIsAlike = properties.direction() == Direction.SIMILARITY;
    double slack = ROUNDING * Math.max(1, Math.abs(value));
    long asAlike =
        Arrays.stream(nulls)
            .filter(v -> moreIsAlike ? v >= value - slack : v <= value + slack)
            .count();
    double best = moreIsAlike ? properties.range().high() : 0;
    return new Baseline(
        value,
        mean,
        Math.sqrt(squares / (nulls.length - 1)),
        (asAlike + 1.0) / (nulls.length + 1),
        calibrated(value, mean, best),
        draws.probes(),
        permutations,
        seed);
  }

  /** A measure that gives any two layers its best value (CCA with n &lt;= p) tells nothing: 0. */
  private static double calibrated(double value, double mean, double best) {
    double room = best - mean;
    return Math.abs(room) <= ROUNDING * Math.max(1, Math.abs(best)) ? 0 : (value - mean) / room;
  }
}
