package org.palimpsest.similarity.shape;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.similarity.internal.linalg.Axes;
import org.palimpsest.similarity.internal.linalg.DecomposingComputation;
import org.palimpsest.similarity.internal.linalg.Decompositions;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.FewSamples;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.LinearSide;
import org.palimpsest.similarity.internal.linalg.RankTolerance;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/** See {@link Shapes#shape(double)}. */
record ShapeMetric(double alpha, OptionalDouble tolerance) implements DelegatingMeasure {

  private static final double USUAL_ALPHA = 0.5;

  ShapeMetric {
    RankTolerance.check(tolerance);
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new PalimpsestException(
          "Partial whitening by alpha = %s; choose alpha from 0 (whitened) to 1 (as it is)."
              .formatted(alpha));
    }
  }

  /** Half-way, alpha = 0.5. */
  static ShapeMetric withDefaults() {
    return new ShapeMetric(USUAL_ALPHA, OptionalDouble.empty());
  }

  @Override
  public String name() {
    String suffix = new RankTolerance(tolerance).suffix();
    return equals(withDefaults())
        ? "shape"
        : "shape:" + alpha + (suffix.isEmpty() ? "" : "," + suffix);
  }

  @Override
  public MeasureProperties properties() {
    Set<Transformation> notices = EnumSet.of(Transformation.SAMPLE_REORDERING_IN_ONE);
    if (alpha > 0) {
      notices.add(Transformation.INVERTIBLE_LINEAR_MAP);
    }
    if (alpha > 0 && alpha < 1) {
      notices.add(Transformation.ISOTROPIC_SCALING);
    }
    return MeasureProperties.distance(
            "The angle that is left after partial whitening and the best rotation.")
        .range(new Range(0, Math.PI / 2))
        .noticesOnly(notices)
        .source("Williams et al. 2021")
        .cost("preparation O(n p min(n, p)), comparison O(n p q + min(p, q)² max(p, q))")
        .build();
  }

  @Override
  public Computation<?> computation() {
    return new Formula();
  }

  private final class Formula implements DecomposingComputation {

    private final RankTolerance ranks = new RankTolerance(tolerance);

    @Override
    public void makeReady(LinearSide layer) {
      layer.axes(ranks);
    }

    @Override
    public Dense product(LinearPair pair) {
      Axes ofA = pair.a().axes(ranks);
      Axes ofB = pair.b().axes(ranks);
      return Alignment.scaled(
          pair.product(ofA, ofB), whitened(pair.a(), ofA), whitened(pair.b(), ofB));
    }

    @Override
    public boolean isNearEqual(LinearPair pair, Score score) {
      return score.value() < Alignment.NEAR_ZERO;
    }

    /** The singular values of the partially whitened layer, of unit norm. */
    private double[] whitened(LinearSide layer, Axes axes) {
      double white = (1 - alpha) / layer.scale();
      double unit = Math.max(alpha, white);
      double[] sizes =
          Arrays.stream(axes.singularValues())
              .map(size -> alpha / unit * size + white / unit)
              .toArray();
      double norm = Math.sqrt(Arrays.stream(sizes).map(size -> size * size).sum());
      return Arrays.stream(sizes).map(size -> size / norm).toArray();
    }

    @Override
    public Score score(LinearPair pair, Dense product) {
      double cosine = Alignment.cosine(pair, Decompositions.nuclearNorm(product), 1, 1);
      Diagnostics ranks =
          Diagnostics.of(pair.samples()).withRanks(product.rows(), product.columns());
      return Score.of(Math.acos(cosine), properties(), warned(ranks));
    }

    private Diagnostics warned(Diagnostics ranks) {
      boolean tellsNothing =
          alpha == 0 && Math.max(ranks.rankA(), ranks.rankB()) >= ranks.samples() - 1;
      return tellsNothing
          ? ranks.withWarning(
              "With %d samples and %d and %d components the value is the same for any two layers. Show more probes, or whiten less (shape:0.5)."
                  .formatted(ranks.samples(), ranks.rankA(), ranks.rankB()))
          : ranks;
    }

    @Override
    public List<String> cautions(LinearSide a, LinearSide b, Score score) {
      boolean told = !score.diagnostics().warnings().isEmpty();
      double cosine = Math.cos(score.value());
      FewSamples few = FewSamples.of(a.info(), b.info());
      int rank = Math.max(score.diagnostics().rankA(), score.diagnostics().rankB());
      return told ? List.of() : alpha == 0 ? few.shares(rank, true, cosine) : few.rotations(cosine);
    }
  }
}
