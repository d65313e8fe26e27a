package org.palimpsest.benchmarks.claims;

import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.palimpsest.core.internal.random.RandomStreams;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;

/**
 * One kind of study of which the truth is known.
 *
 * @param claim which claim it is about
 * @param name what is simulated
 * @param asks what the row of the table shows
 * @param truth the true value that the interval is to hold
 * @param draw a study with n networks in each arm
 */
record SimulatedStudy(String claim, String name, Asks asks, double truth, Draw draw) {

  /** What a row of the table shows. */
  enum Asks {
    /** Whether intervals hold the true value, and how often they miss it on each side. */
    COVERAGE,
    /** How often the claim is told to hold, and not to hold. */
    VERDICTS
  }

  /** What one study says. */
  record Outcome(Estimate estimate, Judgement judgement) {}

  @FunctionalInterface
  interface Draw {
    Outcome of(int networks, SplittableRandom random);
  }

  /** An interval that is judged at the truth, so that each verdict is a false one. */
  static SimulatedStudy ofInterval(String claim, String name, double truth, EstimateDraw draw) {
    return new SimulatedStudy(
        claim,
        name,
        Asks.COVERAGE,
        truth,
        (n, random) -> {
          Estimate estimate = draw.of(n, random);
          return new Outcome(estimate, Judgement.above(estimate, truth));
        });
  }

  /** The power to tell that a value lies above a threshold. */
  static SimulatedStudy ofThreshold(
      String claim, String name, double threshold, EstimateDraw draw) {
    return new SimulatedStudy(
        claim,
        name,
        Asks.VERDICTS,
        threshold,
        (n, random) -> {
          Estimate estimate = draw.of(n, random);
          return new Outcome(estimate, Judgement.above(estimate, threshold));
        });
  }

  /** A verdict that is no single threshold's. */
  static SimulatedStudy ofVerdict(String claim, String name, JudgementDraw draw) {
    return new SimulatedStudy(
        claim,
        name,
        Asks.VERDICTS,
        0,
        (n, random) ->
            new Outcome(new Estimate.Refused(OptionalDouble.empty(), n, ""), draw.of(n, random)));
  }

  @FunctionalInterface
  interface EstimateDraw {
    Estimate of(int networks, SplittableRandom random);
  }

  @FunctionalInterface
  interface JudgementDraw {
    Judgement of(int networks, SplittableRandom random);
  }

  /** The repetition-th study, always the same. */
  Outcome outcome(int networks, int repetition) {
    long seed = 31L * (claim + name).hashCode() + networks;
    return draw.of(networks, RandomStreams.of(seed, repetition));
  }

  static double[] normal(int count, double mean, double sd, SplittableRandom random) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = mean + sd * random.nextGaussian();
    }
    return values;
  }
}
