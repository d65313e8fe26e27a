package org.palimpsest.similarity.cka;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;

import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;
import org.palimpsest.similarity.internal.pairwise.SampleChecks;
import org.palimpsest.similarity.internal.pairwise.SampleRows;
import org.palimpsest.similarity.internal.pairwise.SquaredDistances;
import org.palimpsest.similarity.internal.pairwise.Triangle;
import org.palimpsest.similarity.internal.pairwise.TriangleValues;

/** See {@link Cka#distanceCorrelation()}. */
record DistanceCorrelation() implements DelegatingMeasure {

  private static final Set<Transformation> NOTICES =
      Set.of(INVERTIBLE_LINEAR_MAP, SAMPLE_REORDERING_IN_ONE);

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.similarity(
              "Correlation of double-centred euclidean distances between samples.")
          .range(Range.UNIT)
          .noticesOnly(NOTICES)
          .source(
              "Székely et al. 2007, Measuring and testing dependence by correlation of distances")
          .cost("prepare n²p, compare n²; n²/2 numbers kept")
          .build();

  @Override
  public String name() {
    return "distance_correlation";
  }

  @Override
  public MeasureProperties properties() {
    return PROPERTIES;
  }

  @Override
  public Computation<?> computation() {
    return CentredKernelComputation.ofRoot(new CentredDistances(), PROPERTIES);
  }

  /** Makes the matrix of euclidean distances between samples and centres it. */
  private record CentredDistances() implements Preparation<CentredKernel> {

    private static final int FEWEST_SAMPLES = 3;

    @Override
    public CentredKernel prepare(Representation representation) {
      Representation.Info info = representation.info();
      SampleChecks.requireSamples(
          info, FEWEST_SAMPLES, "the distance correlation of two samples is always 1");
      TriangleValues values = CentredKernel.allocate(DataType.DOUBLE, info);
      SampleRows rows = SampleChecks.varyingRows(representation).centred();
      int n = rows.count();
      SquaredDistances.upper(
          rows.dividedBy(rows.powerOfTwoScale()),
          (i, first, squared) ->
              values.write(Triangle.start(n, i), squared, i + 1 - first, n - i - 1));
      return CentredKernel.centre(info, values, CentredDistances::roots, 0);
    }

    private static void roots(double[] row, int count) {
      for (int k = 0; k < count; k++) {
        row[k] = Math.sqrt(row[k]);
      }
    }

    @Override
    public Optional<PreparedFormat<CentredKernel>> format() {
      return Optional.of(new CentredKernel.Format());
    }
  }
}
