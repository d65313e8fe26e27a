package org.palimpsest.similarity.cka;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.LayerTable;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.intervals.HasInterval;
import org.palimpsest.similarity.internal.intervals.HsicJackknife;
import org.palimpsest.similarity.internal.intervals.ImageSide;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.intervals.JackknifeValues;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Cores;
import org.palimpsest.similarity.internal.linalg.LinearComputation;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.LinearPair.DiagonalSums;
import org.palimpsest.similarity.internal.linalg.LinearSide;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/** See {@link Cka#debiased()}. */
record DebiasedLinearCka() implements DelegatingMeasure {

  private static final Set<Transformation> NOTICES =
      EnumSet.of(INVERTIBLE_LINEAR_MAP, SAMPLE_REORDERING_IN_ONE);

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.similarity(
              "Linear CKA without the bias that few samples and many features cause.")
          .range(new Range(-1, 1))
          .noticesOnly(NOTICES)
          .source("Song et al. 2012; Nguyen et al. 2021; Murphy et al. 2024")
          .cost("preparation O(n p min(n, p)), comparison O(n p q)")
          .build();

  @Override
  public String name() {
    return "debiased_linear_cka";
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
      return HsicJackknife.ofDebiased(ImageSide::linear);
    }

    @Override
    public Score compare(CentredLayer a, CentredLayer b) {
      return compareAll(List.of(a), List.of(b)).get(0).get(0);
    }

    @Override
    public Score compare(LinearPair pair) {
      if (byImages(pair.a())) {
        throw new PalimpsestException(
            "Layer '%s' has %s samples of %s images; debiased_linear_cka of positions needs the samples themselves, and only their co-moments were kept. Compare layers in memory, pool feature maps, or use linear_cka."
                .formatted(pair.a().info().layer(), pair.samples(), pair.a().info().probeCount()));
      }
      return CkaTable.compare(this::score, pair);
    }

    @Override
    public List<List<Score>> compareAll(LayerTable<CentredLayer> table) {
      List<CentredLayer> rows = table.rows();
      List<CentredLayer> columns = table.columns();
      if (rows.stream().noneMatch(Formula::byImages)) {
        return CkaTable.compareAll(this, this::score, table);
      }
      List<CentredLayer> layers =
          Stream.concat(rows.stream(), columns.stream()).distinct().toList();
      Map<CentredLayer, ImageSide> sides = new ConcurrentHashMap<>();
      layers.forEach(layer -> requireImages(layer.info()));
      Cores.sideBySide(
          layers.size(), i -> sides.put(layers.get(i), ImageSide.linear(layers.get(i))));
      return Cores.table(
          rows.size(),
          columns.size(),
          (i, j) -> {
            CentredLayer a = rows.get(i);
            CentredLayer b = columns.get(j);
            return score(a, ImageSide.alignment(side(sides, a), side(sides, b)));
          });
    }

    private static ImageSide side(Map<CentredLayer, ImageSide> sides, CentredLayer layer) {
      return Objects.requireNonNull(sides.get(layer));
    }

    private static boolean byImages(LinearSide layer) {
      return layer.info().rowsPerProbe() > 1;
    }

    private static void requireImages(Representation.Info info) {
      if (info.probeCount() < Hsic.FEWEST_SAMPLES) {
        throw new PalimpsestException(
            "Layer '%s' has %s samples of %s images; the unbiased estimator needs %s images or more, since positions of one image are not independent. Show more probes, or use linear_cka."
                .formatted(info.layer(), info.samples(), info.probeCount(), Hsic.FEWEST_SAMPLES));
      }
    }

    private static Score score(CentredLayer of, JackknifeValues alignment) {
      return Score.of(alignment.value(), PROPERTIES, Diagnostics.of(of.info().samples()));
    }

    private Score score(LinearPair pair, double cross, double selfA, double selfB) {
      Hsic.requireEnough(pair.a().info());
      double n = pair.samples();
      DiagonalSums sums = pair.diagonals();
      double between = Hsic.unbiased(cross, n, sums.products(), sums.ofA() * sums.ofB());
      double ofA = Hsic.unbiased(selfA, n, sums.squaresOfA(), sums.ofA() * sums.ofA());
      double ofB = Hsic.unbiased(selfB, n, sums.squaresOfB(), sums.ofB() * sums.ofB());
      double value =
          between
              / Math.sqrt(Hsic.requirePositive(ofA, selfA, pair.a().info()))
              / Math.sqrt(Hsic.requirePositive(ofB, selfB, pair.b().info()));
      return Score.of(value, PROPERTIES, Diagnostics.of(pair.samples()));
    }
  }
}
