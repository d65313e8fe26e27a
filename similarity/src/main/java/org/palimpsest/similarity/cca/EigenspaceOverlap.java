package org.palimpsest.similarity.cca;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.TRANSLATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ZERO_PADDING;

import java.util.EnumSet;
import java.util.OptionalDouble;
import java.util.Set;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.linalg.Axes;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Centring;
import org.palimpsest.similarity.internal.linalg.LayerPair;
import org.palimpsest.similarity.internal.linalg.LinearComputation;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.RankTolerance;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/** See {@link Cca#eigenspaceOverlap()}. */
record EigenspaceOverlap(OptionalDouble tolerance) implements DelegatingMeasure {

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
  EigenspaceOverlap {
    RankTolerance.check(tolerance);
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
