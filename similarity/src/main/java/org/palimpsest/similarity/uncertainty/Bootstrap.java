package org.palimpsest.similarity.uncertainty;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.linalg.LinearMeasure;
import org.palimpsest.similarity.streaming.ProbeMoments;

/**
 * Percentile intervals from probes drawn with replacement. Where positions are the samples, whole
 * images are drawn: positions of one image are not independent.
 *
 * <p>Immutable: each {@code with…} gives a changed copy. Replicates run in parallel; the same seed
 * gives the same interval at any number of threads.
 *
 * @see <a href="https://doi.org/10.1214/aos/1176344552">Efron 1979</a>
 */
public final class Bootstrap {

  private static final double USUAL_LEVEL = 0.95;
  private static final int USUAL_REPLICATES = 1000;
  private static final int ATTEMPTS = 100;

  private final double level;
  private final int replicates;
  private final long seed;
  private final Progress progress;

  private Bootstrap(double level, int replicates, long seed, Progress progress) {
    this.level = level;
    this.replicates = replicates;
    this.seed = seed;
    this.progress = progress;
  }

  /** Level 0.95, 1000 replicates, seed 0, silent. */
  public static Bootstrap withDefaults() {
    return new Bootstrap(USUAL_LEVEL, USUAL_REPLICATES, 0, Progress.silent());
  }

  /**
   * @param share of the replicates that lie within the interval, between 0 and 1
   */
  public Bootstrap withLevel(double share) {
    if (!(share > 0 && share < 1)) {
      throw new PalimpsestException(
          "An interval of level %s cannot be given; choose one between 0 and 1, such as 0.95."
              .formatted(share));
    }
    return new Bootstrap(share, replicates, seed, progress);
  }

  public Bootstrap withReplicates(int count) {
    if (count < 2) {
      throw new PalimpsestException(
          "%d replicates make no interval; draw 2 or more, such as 1000.".formatted(count));
    }
    return new Bootstrap(level, count, seed, progress);
  }

  public Bootstrap withSeed(long value) {
    return new Bootstrap(level, replicates, value, progress);
  }

  public Bootstrap withProgress(Progress listener) {
    return new Bootstrap(level, replicates, seed, listener);
  }

  /**
   * The interval of one score.
   *
   * <p>What was prepared is drawn from where it can be: linear measures sum co-moments of each
   * probe by how often it was drawn, or weight rows; distances between samples are drawn from their
   * matrix, neighbours from a longer list; others prepare the drawn rows anew.
   *
   * @throws PalimpsestException if the layers do not fit, there are fewer than two probes, or the
   *     measure cannot tell anything of them
   */
  public <P extends Prepared> Interval interval(
      Measure<P> measure, Representation a, Representation b) {
    a.info().requireSameSamples(b.info());
    ProbeDraws draws = ProbeDraws.of(a.info(), seed);
    if (measure instanceof LinearMeasure linear && ProbeMoments.pay(a.info(), b.info())) {
      ProbeMoments moments = ProbeMoments.of(a, b);
      double value = linear.compare(a, b).value();
      return interval(
          value, draws, drawn -> linear.compare(moments.weighted(draws.counts(drawn))).value());
    }
    Draws<P> ofA = Draws.of(measure, a);
    Draws<P> ofB = Draws.of(measure, b);
    return interval(
        measure.compare(ofA.whole(), ofB.whole()).value(),
        draws,
        drawn -> {
          int[] rows = draws.rows(drawn);
          return measure.compare(ofA.withRows(rows), ofB.withRows(rows)).value();
        });
  }

  /** The score of drawn probes. */
  private interface Resampled {
    double value(int[] drawn);
  }

  private Interval interval(double value, ProbeDraws draws, Resampled resampled) {
    double[] values =
        Replicates.run(
            "bootstrap", replicates, progress, index -> replicate(draws, index, resampled));
    Arrays.sort(values);
    double mean = Arrays.stream(values).average().orElseThrow();
    double tail = (1 - level) / 2;
    return new Interval(
        value,
        quantile(values, tail),
        quantile(values, 1 - tail),
        level,
        mean - value,
        draws.probes(),
        replicates,
        seed);
  }

  /** Drawn again if nothing varies within what was drawn, which few probes can bring about. */
  private static double replicate(ProbeDraws draws, int index, Resampled resampled) {
    SplittableRandom random = draws.random(index);
    for (int attempt = 1; ; attempt++) {
      try {
        return resampled.value(draws.resampled(random));
      } catch (PalimpsestException degenerate) {
        if (attempt == ATTEMPTS) {
          throw degenerate;
        }
      }
    }
  }

  /** Linear between order statistics. */
  private static double quantile(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
