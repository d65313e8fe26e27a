package org.palimpsest.similarity.uncertainty;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.random.RandomStreams;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Prepared.Resamplable;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.intervals.ImageOrder;
import org.palimpsest.similarity.internal.linalg.Cores;
import org.palimpsest.similarity.internal.linalg.Rows;

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

  /** Scores that are apart by less than this share of the unit of their measure are equal. */
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

  /** How many permutations are drawn, at least 2. */
  public PermutationBaseline withPermutations(int count) {
    if (count < 2) {
      throw new PalimpsestException(
          "%s permutations make no baseline; draw 2 or more, such as 1000.".formatted(count));
    }
    return new PermutationBaseline(count, seed, progress);
  }

  /** Decides the permutations. */
  public PermutationBaseline withSeed(long value) {
    return new PermutationBaseline(permutations, value, progress);
  }

  /** Tells a listener of each permutation done. */
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
    double slack = ROUNDING * unit(properties.range(), value, nulls);
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
        Math.abs(best - mean) <= slack ? 0 : (value - mean) / (best - mean),
        draws.probes(),
        permutations,
        seed);
  }

  /** What a measure can span or, where there is no end to that, the largest of its scores. */
  private static double unit(Range range, double value, double... nulls) {
    double span = range.high() - range.low();
    return Double.isFinite(span)
        ? span
        : Math.max(Math.abs(value), Arrays.stream(nulls).map(Math::abs).max().orElse(0));
  }

  /**
   * What a score would be if the samples of one layer had nothing to do with those of the other.
   *
   * @param value the score of the data as they are
   * @param nullMean the mean score over permutations
   * @param nullDeviation their standard deviation
   * @param pValue the share of permutations (with the data as they are) at least as alike
   * @param calibrated (value − nullMean) / (best − nullMean): 0 for unrelated layers, 1 for the
   *     best value that the measure knows; 0 where any two layers have that value, as by CCA with n
   *     ≤ p
   * @param probes the number of units that changed places
   * @param permutations how many times they did
   * @param seed of the permutations
   */
  public record Baseline(
      double value,
      double nullMean,
      double nullDeviation,
      double pValue,
      double calibrated,
      long probes,
      int permutations,
      long seed) {}

  /** A representation from which rows are drawn again and again. */
  interface Draws<P extends Prepared> {

    /** As it is. */
    P whole();

    /** With these rows. */
    P withRows(int[] rows);

    /** Prepares it once, and draws from what was prepared wherever that is possible. */
    static <P extends Prepared> Draws<P> of(Measure<P> measure, Representation representation) {
      P whole = measure.preparation().prepare(representation);
      return new Draws<>() {
        @Override
        public P whole() {
          return whole;
        }

        @Override
        public P withRows(int[] rows) {
          return whole instanceof Resamplable<?> resamplable && resamplable.canDraw(rows)
              ? sameType(resamplable.withRows(rows))
              : measure.preparation().prepare(gathered(representation, rows));
        }

        @SuppressWarnings("unchecked") // what is drawn from a prepared form is of its own type
        private P sameType(Prepared drawn) {
          return (P) drawn;
        }
      };
    }

    private static Representation gathered(Representation representation, int[] rows) {
      Representation.Info info = representation.info();
      return new Representation(info, Rows.gather(representation.matrix(), rows));
    }
  }

  /**
   * Draws whole probes: the positions of one image are not independent of each other.
   *
   * @param probes their number
   * @param rowsPerProbe successive rows of each
   * @param seed of all draws; each has its own stream, whichever thread makes it
   */
  private record ProbeDraws(int probes, int rowsPerProbe, long seed) {

    static ProbeDraws of(Representation.Info info, long seed) {
      int probes = Math.toIntExact(info.probeCount());
      if (probes < 2) {
        throw new PalimpsestException(
            "Layer '%s' has %s samples of %s probe; how sure a value is cannot be told from fewer than two probes. Show more of them."
                .formatted(info.layer(), info.samples(), probes));
      }
      return new ProbeDraws(probes, info.rowsPerProbe(), seed);
    }

    SplittableRandom random(int draw) {
      return RandomStreams.of(seed, draw);
    }

    /** All probes in another order. */
    int[] permuted(SplittableRandom random) {
      return ImageOrder.shuffled(IntStream.range(0, probes).toArray(), random);
    }

    /** The rows of these probes. */
    int[] rows(int[] drawn) {
      int[] rows = new int[drawn.length * rowsPerProbe];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = drawn[i / rowsPerProbe] * rowsPerProbe + i % rowsPerProbe;
      }
      return rows;
    }
  }

  /** Runs replicates in parallel and tells how far they are. */
  private static final class Replicates {

    private Replicates() {}

    /** The value of each, at its own place, whichever thread computes it. */
    static double[] run(String task, int count, Progress progress, IntToDoubleFunction replicate) {
      try (Progress.Task running = progress.begin(task, count)) {
        double[] values = new double[count];
        Cores.sideBySide(
            count,
            index -> {
              values[index] = replicate.applyAsDouble(index);
              synchronized (running) {
                running.advance(1);
              }
            });
        return values;
      }
    }
  }
}
