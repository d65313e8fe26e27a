package org.palimpsest.similarity.cka;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;

import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Centring;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;
import org.palimpsest.similarity.internal.pairwise.DecayingExponentials;
import org.palimpsest.similarity.internal.pairwise.SampleChecks;
import org.palimpsest.similarity.internal.pairwise.SquaredDistances;
import org.palimpsest.similarity.internal.pairwise.Triangle;
import org.palimpsest.similarity.internal.pairwise.TriangleValues;

/** See {@link Cka#rbf(double)}. */
record RbfCka(double fraction) implements DelegatingMeasure {

  static final double DEFAULT_FRACTION = 0.5;

  private static final Set<Transformation> NOTICES =
      Set.of(INVERTIBLE_LINEAR_MAP, SAMPLE_REORDERING_IN_ONE);

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.similarity(
              "Centred kernel alignment with a Gaussian kernel whose bandwidth is a fraction of the"
                  + " median distance.")
          .range(Range.UNIT)
          .noticesOnly(NOTICES)
          .source(
              "Kornblith et al. 2019, Similarity of Neural Network Representations Revisited, section"
                  + " 3")
          .cost("prepare n²p, compare n²; n²/2 numbers kept")
          .build();

  RbfCka {
    if (!(fraction > 0) || Double.isInfinite(fraction)) {
      throw new PalimpsestException(
          "The bandwidth of RBF CKA is a positive fraction of the median distance, such as 0.5, not %s."
              .formatted(fraction));
    }
  }

  /** Half the median distance. */
  static RbfCka withDefaults() {
    return new RbfCka(DEFAULT_FRACTION);
  }

  @Override
  public String name() {
    return fraction == DEFAULT_FRACTION ? "rbf_cka" : "rbf_cka:" + fraction;
  }

  @Override
  public MeasureProperties properties() {
    return PROPERTIES;
  }

  @Override
  public Computation<?> computation() {
    return CentredKernelComputation.ofGaussian(new CentredRbfKernel(fraction), PROPERTIES);
  }

  /**
   * Makes exp(−d² / (2 F² m)), m the median of all n² squared distances, and centres it.
   *
   * <p>Of many samples what is kept is float32 if the layer is, and of large layers the products
   * behind the distances, too; all arithmetic on them is float64. One is taken off the kernel,
   * which its centring does not notice: of a wide kernel, all of whose values are near one, float32
   * keeps its digits then.
   */
  private record CentredRbfKernel(double fraction) implements Preparation<CentredKernel> {

    private static final int FEWEST_SAMPLES = 3;
    private static final int MANY_PAIRS = 1 << 18;

    /** Below this fraction float32 does not tell the median pair's kernel from zero. */
    private static final double NARROW = 0.25;

    @Override
    public CentredKernel prepare(Representation representation) {
      Representation.Info info = representation.info();
      SampleChecks.requireSamples(info, FEWEST_SAMPLES, "RBF CKA of two samples is always 1");
      CentredLayer centred = Centring.ofFeatures().prepare(representation);
      DataType type = fraction < NARROW ? DataType.DOUBLE : typeFor(representation);
      TriangleValues values = CentredKernel.allocate(type, info);
      int n = (int) info.samples();
      SquaredDistances.upper(
          centred,
          (i, first, squared) ->
              values.write(Triangle.start(n, i), squared, i + 1 - first, n - i - 1));
      double bandwidth = bandwidth(values, info);
      return CentredKernel.centre(
          info, values, (row, count) -> DecayingExponentials.lessOne(row, count, bandwidth), 0);
    }

    /** Float32 only where there are so many pairs that the time to read them counts. */
    private static DataType typeFor(Representation representation) {
      return Triangle.size(representation.samples()) > MANY_PAIRS
          ? TensorReader.readableType(representation.matrix().dataType())
          : DataType.DOUBLE;
    }

    private double bandwidth(TriangleValues squaredDistances, Representation.Info info) {
      double median = squaredDistances.medianOfSymmetricMatrix((int) info.samples());
      if (median == 0) {
        throw new PalimpsestException(
            "In layer '%s' (%s samples × %s features) more than half of all pairs of samples coincide, so their median distance, the unit of the bandwidth, is 0. Leave repeated samples out, or use linear CKA."
                .formatted(info.layer(), info.samples(), info.features()));
      }
      return 2 * fraction * fraction * median;
    }

    @Override
    public Optional<PreparedFormat<CentredKernel>> format() {
      return Optional.of(new CentredKernel.Format());
    }
  }
}
