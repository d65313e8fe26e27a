package org.palimpsest.similarity.cka;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.LayerTable;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.similarity.internal.intervals.HasInterval;
import org.palimpsest.similarity.internal.intervals.HsicJackknife;
import org.palimpsest.similarity.internal.intervals.ImageSide;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.FewSamples;
import org.palimpsest.similarity.internal.linalg.LinearComputation;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.LinearSide;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/** See {@link Cka#linear()}. */
record LinearCka() implements DelegatingMeasure {

  private static final Set<Transformation> NOTICES =
      EnumSet.of(INVERTIBLE_LINEAR_MAP, SAMPLE_REORDERING_IN_ONE);

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.similarity(
              "Centred kernel alignment of linear kernels: how alike the samples' similarities are.")
          .range(Range.UNIT)
          .noticesOnly(NOTICES)
          .source("Kornblith et al. 2019")
          .cost("preparation O(n p min(n, p)), comparison O(n p q)")
          .build();

  @Override
  public String name() {
    return "linear_cka";
  }

  @Override
  public MeasureProperties properties() {
    return PROPERTIES;
  }

  @Override
  public Computation<?> computation() {
    return new Formula();
  }

  private final class Formula implements LinearComputation, HasInterval<CentredLayer> {

    @Override
    public IntervalEstimator<CentredLayer, ?> intervalEstimator() {
      return HsicJackknife.ofBiased(ImageSide::linear);
    }

    @Override
    public Score compare(LinearPair pair) {
      return CkaTable.compare(this::score, pair);
    }

    @Override
    public List<List<Score>> compareAll(LayerTable<CentredLayer> layers) {
      return CkaTable.compareAll(this, this::score, layers);
    }

    private Score score(LinearPair pair, double cross, double selfA, double selfB) {
      double value = Math.min(1, cross / Math.sqrt(selfA) / Math.sqrt(selfB));
      return Score.of(value, PROPERTIES, Diagnostics.of(pair.samples()));
    }

    @Override
    public List<String> cautions(LinearSide a, LinearSide b, Score score) {
      FewSamples few = FewSamples.of(a.info(), b.info());
      return few.mayMatterToKernels()
          ? few.kernels(traceOverNorm(a), traceOverNorm(b), score.value(), false)
          : List.of();
    }

    private static double traceOverNorm(LinearSide layer) {
      return layer.squaredNorm() / Math.sqrt(layer.selfProduct());
    }
  }
}
