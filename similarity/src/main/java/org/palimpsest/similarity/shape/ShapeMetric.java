package org.palimpsest.similarity.shape;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.linalg.Axes;
import org.palimpsest.similarity.internal.linalg.DecomposingComputation;
import org.palimpsest.similarity.internal.linalg.Decompositions;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.FewSamples;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.LinearSide;
import org.palimpsest.similarity.internal.linalg.RankTolerance;

/**
 * The angle between two partially whitened layers after the best rotation: arccos |A'B|∗, where A
 * is Xc (α I + (1 − α) (Xc'Xc)^(−1/2)) of unit norm, B the same of Y, and |·|∗ the nuclear norm.
 *
 * <p>It is a symmetric metric in radians, from 0 to π/2. With α = 1 it is the angular Procrustes
 * distance, with α = 0 that of the canonical correlations, which no invertible linear map changes.
 * In between it depends on the units of the layers and on n, as its definition has it: compare such
 * values only at the same n and in the same units.
 *
 * <p>A layer whose features never vary is refused. Cost: O(n p min(n, p)) for each layer once, O(n
 * p q + min(p, q)² max(p, q)) for a pair. It can be computed from co-moments.
 *
 * @param alpha α, from 0 (whitened) to 1 (as it is)
 * @param tolerance the fraction of a layer's largest singular value below which others count as
 *     zero, from 0 to 1; empty for that of its shape and type, which cannot be whitened
 * @see <a href="https://arxiv.org/abs/2110.14739">Williams et al. 2021, equation 8</a>
 */
public record ShapeMetric(double alpha, OptionalDouble tolerance) implements DelegatingMeasure {

  private static final double USUAL_ALPHA = 0.5;

  public ShapeMetric {
    RankTolerance.check(tolerance);
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new PalimpsestException(
          "Partial whitening by alpha = %s; choose alpha from 0 (whitened) to 1 (as it is)."
              .formatted(alpha));
    }
  }

  /** Half-way, alpha = 0.5. */
  public static ShapeMetric withDefaults() {
    return new ShapeMetric(USUAL_ALPHA, OptionalDouble.empty());
  }

  /** With another α, from 0 to 1. */
  public ShapeMetric withAlpha(double other) {
    return new ShapeMetric(other, tolerance);
  }

  /**
   * With a tolerance of its own: singular values below this fraction of the largest count as zero.
   *
   * @param fraction from 0 to 1
   * @throws org.palimpsest.core.PalimpsestException if it is not
   */
  public ShapeMetric withTolerance(double fraction) {
    return new ShapeMetric(alpha, OptionalDouble.of(fraction));
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
              "With %s samples and %s and %s components the value is the same for any two layers. Show more probes, or whiten less (shape:0.5)."
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
