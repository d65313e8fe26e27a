package org.palimpsest.similarity.cca;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.TRANSLATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ZERO_PADDING;

import java.util.EnumSet;
import java.util.OptionalDouble;
import java.util.Set;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.linalg.Axes;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Centring;
import org.palimpsest.similarity.internal.linalg.LayerPair;
import org.palimpsest.similarity.internal.linalg.LinearComputation;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.RankTolerance;

/**
 * The eigenspace overlap score: |Ux'Uy|² / max(p, q), where Ux and Uy are orthonormal bases of what
 * the features of the layers (n × p and n × q) span, uncentred.
 *
 * <p>It lies within [0, 1], has no unit, is symmetric, and does not notice invertible linear maps
 * of the features. Means count, since nothing is centred. A layer of dead or copied units stays
 * below 1 even when compared with itself, since the denominator counts all features.
 *
 * <p>With no more samples than features it is the same for any two layers; the score warns. A layer
 * of zeros alone is refused. Cost: O(n p min(n, p)) for each layer once, O(n p q) for a pair.
 *
 * @param tolerance what counts as outside of the span
 * @see <a href="https://arxiv.org/abs/1909.01264">May et al. 2019, definition 1</a>
 */
public record EigenspaceOverlap(OptionalDouble tolerance) implements DelegatingMeasure {

  private static final Set<Transformation> NOTICES =
      EnumSet.of(TRANSLATION, ZERO_PADDING, SAMPLE_REORDERING_IN_ONE);

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.similarity(
              "How much of the span of one layer's raw features lies in that of the other's.")
          .range(Range.UNIT)
          .noticesOnly(NOTICES)
          .source("May et al. 2019")
          .cost("preparation O(n p min(n, p)), comparison O(n p q)")
          .build();

  /**
   * @throws org.palimpsest.core.PalimpsestException if the tolerance is not within [0, 1]
   */
  public EigenspaceOverlap {
    RankTolerance.check(tolerance);
  }

  /** Ranks by the default tolerance. */
  public static EigenspaceOverlap withDefaults() {
    return new EigenspaceOverlap(OptionalDouble.empty());
  }

  /**
   * With a tolerance of its own: singular values below this fraction of the largest count as zero.
   *
   * @param fraction from 0 to 1
   * @throws org.palimpsest.core.PalimpsestException if it is not
   */
  public EigenspaceOverlap withTolerance(double fraction) {
    return new EigenspaceOverlap(OptionalDouble.of(fraction));
  }

  @Override
  public String name() {
    String suffix = new RankTolerance(tolerance).suffix();
    return "eigenspace_overlap" + (suffix.isEmpty() ? "" : ":" + suffix);
  }

  @Override
  public MeasureProperties properties() {
    return PROPERTIES;
  }

  @Override
  public Computation<?> computation() {
    return new Formula();
  }

  private final class Formula implements Computation<CentredLayer> {

    private final RankTolerance ranks = new RankTolerance(tolerance);

    @Override
    public Preparation<CentredLayer> preparation() {
      return Centring.none();
    }

    @Override
    public Score compare(CentredLayer a, CentredLayer b) {
      LinearPair pair = new LayerPair(a, b);
      Score score = compare(pair);
      return score.value() > 1 - LinearComputation.NEAR_ONE
          ? pair.inFloat64().map(this::compare).orElse(score)
          : score;
    }

    private Score compare(LinearPair pair) {
      Axes ofA = pair.a().axes(ranks);
      Axes ofB = pair.b().axes(ranks);
      double shared = pair.product(ofA, ofB).squaredNorm();
      long samples = pair.samples();
      double wider = Math.max(pair.a().info().features(), pair.b().info().features());
      return Score.of(
          Math.min(1, shared / wider),
          PROPERTIES,
          Canonical.diagnostics(samples, samples, ofA.rank(), ofB.rank()));
    }
  }
}
