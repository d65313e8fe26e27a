package org.palimpsest.similarity.statistics;

import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.FisherExactTest;
import org.palimpsest.core.PalimpsestException;

/**
 * How many runs of two arms do something, such as collapse or reach a goal, compared by Fisher's
 * exact test (Fisher 1935, doi:10.2307/2342435).
 *
 * <p>What counts as a collapse is fixed before anything is trained. Means of arms with collapsed
 * runs are not compared by {@link WelchContrast}: count the collapses here and judge the rest, with
 * the words "given that it trains".
 *
 * <pre>{@code
 * RunCounts collapsed = new RunCounts(7, 8, 2, 8); // 7 of 8 random runs, 2 of 8 transferred ones
 * double p = collapsed.p(); // 0.041, two-sided
 * }</pre>
 *
 * @param hits of the first arm
 * @param runs of the first arm
 * @param otherHits of the second arm
 * @param otherRuns of the second arm
 */
public record RunCounts(int hits, int runs, int otherHits, int otherRuns) {

  /**
   * @throws PalimpsestException if an arm is empty or has more hits than runs
   */
  public RunCounts {
    if (hits < 0
        || hits > runs
        || otherHits < 0
        || otherHits > otherRuns
        || runs == 0
        || otherRuns == 0) {
      throw new PalimpsestException(
          "Counts are of some of at least one run in each arm; given were %d of %d and %d of %d."
              .formatted(hits, runs, otherHits, otherRuns));
    }
  }

  /** The p value of the hypothesis that both arms do it as often, two-sided. */
  public double p() {
    return p(AlternativeHypothesis.TWO_SIDED);
  }

  /** The p value of the hypothesis that the first arm does it at most as often. */
  public double pMore() {
    return p(AlternativeHypothesis.GREATER_THAN);
  }

  /** The p value of the hypothesis that the first arm does it at least as often. */
  public double pLess() {
    return p(AlternativeHypothesis.LESS_THAN);
  }

  /** "7 of 8 against 2 of 8 runs". */
  public String words() {
    return "%d of %d against %d of %d runs".formatted(hits, runs, otherHits, otherRuns);
  }

  private double p(AlternativeHypothesis alternative) {
    if (hits + otherHits == 0 || hits + otherHits == runs + otherRuns) {
      return 1;
    }
    int[][] table = {{hits, runs - hits}, {otherHits, otherRuns - otherHits}};
    return Math.min(1, FisherExactTest.withDefaults().with(alternative).test(table).getPValue());
  }
}
