package org.palimpsest.similarity.cca;

import java.util.Arrays;
import java.util.List;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.DecomposingComputation;
import org.palimpsest.similarity.internal.linalg.Decompositions;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.FewSamples;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.LinearSide;
import org.palimpsest.similarity.internal.linalg.RankTolerance;

/** What the measures of canonical correlation share. */
final class Canonical {

  private Canonical() {}

  /** The canonical correlations, descending, rounding errors beyond 1 cut off. */
  static double[] correlations(Dense product) {
    return clipped(Decompositions.singularValues(product));
  }

  static double[] clipped(double[] singularValues) {
    return Arrays.stream(singularValues).map(value -> Math.min(1, value)).toArray();
  }

  static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  /** Ranks, and a warning where they leave the data nothing to say. */
  static Diagnostics diagnostics(long samples, int rankA, int rankB) {
    return diagnostics(samples, samples - 1, rankA, rankB);
  }

  /**
   * @param samples their number, n
   * @param free the dimensions of sample space that are left: n - 1 after centring
   */
  static Diagnostics diagnostics(long samples, long free, int rankA, int rankB) {
    Diagnostics plain = Diagnostics.of(samples).withRanks(rankA, rankB);
    if (Math.max(rankA, rankB) >= free) {
      return plain.withWarning(
          "With %s samples and %s and %s components the value is the same for any two layers. Show more probes, or compare fewer components (svcca)."
              .formatted(samples, rankA, rankB));
    }
    if (rankA + rankB > free) {
      return plain.withWarning(
          "With %s samples and %s and %s components, %s of the %s canonical correlations are 1 for any two layers. Show more probes, or compare fewer components (svcca)."
              .formatted(samples, rankA, rankB, rankA + rankB - free, Math.min(rankA, rankB)));
    }
    return plain;
  }

  /**
   * What chance gives where {@link #diagnostics} does not say already that it gives all.
   *
   * @param root whether the value is a mean of correlations, not of their squares
   */
  static List<String> cautions(
      Representation.Info a, Representation.Info b, Score score, boolean root) {
    Diagnostics known = score.diagnostics();
    return known.warnings().isEmpty()
        ? FewSamples.of(a, b).shares(Math.max(known.rankA(), known.rankB()), root, score.value())
        : List.of();
  }

  /** Correlations of all directions of both layers. */
  interface OfAllDirections extends DecomposingComputation {

    /** Which directions of a layer count. */
    RankTolerance ranks();

    @Override
    default void makeReady(LinearSide layer) {
      layer.axes(ranks());
    }

    @Override
    default Dense product(LinearPair pair) {
      return pair.product(pair.a().axes(ranks()), pair.b().axes(ranks()));
    }
  }
}
