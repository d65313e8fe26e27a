package org.palimpsest.similarity.geometry;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.FEATURE_PERMUTATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ISOTROPIC_SCALING;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ROTATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_BOTH;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.TRANSLATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ZERO_PADDING;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;
import org.palimpsest.similarity.internal.pairwise.SampleRows;
import org.palimpsest.similarity.internal.pairwise.SquaredDistances;

/**
 * Distances of one number of each layer: how large its mean is, how evenly its samples spread, how
 * narrowly they lie about one direction. None of them looks at which samples are alike.
 *
 * <p>Measures of equal settings are equal; {@code name()} is what {@code Measures.parse} reads.
 */
public final class Geometry {

  private Geometry() {}

  /**
   * The absolute difference of the norms of the mean rows of two layers, n × p and n × q.
   *
   * <p>It is a distance from 0 in the units of the layers, without an upper bound, and symmetric.
   * It does not notice rotations, the order of features or appended zeros; scaling and translations
   * it does. It says nothing of which samples are alike: samples may be reordered in one layer
   * alone.
   *
   * <p>Intervals are refused. Cost: n p for each layer once, one subtraction for a pair.
   *
   * <p>Take it beside a measure of alikeness, to see whether training has shifted or scaled a layer
   * that kept its geometry:
   *
   * <pre>{@code
   * double shift = Geometry.magnitudeDifference().compare(before, after).value(); // of two Representations
   * }</pre>
   *
   * @see "Wang et al. 2022, Towards understanding the instability of network embedding"
   * @see <a href="https://arxiv.org/abs/2408.00531">Klabunde et al. 2024, ReSi</a>
   */
  public static Measure<Prepared> magnitudeDifference() {
    return new MagnitudeDifference();
  }

  /**
   * The difference of log mean exp(−2 d²) over all n² pairs of samples, those of a sample with
   * itself included, d the euclidean distance in the layer's own units.
   *
   * <p>Source: Wang et al. 2022, after Wang and Isola 2020. Where samples are further apart than a
   * few units every layer has the value −log n, and the difference is 0. It says nothing of which
   * samples are alike.
   *
   * <p>Since distances count in the layer's own units, divide layers by their norm first where
   * units differ; a warning says where all samples lie too far apart for any difference to show.
   * Distances are computed in float64. Intervals are refused. Cost: n²p for each layer once, one
   * subtraction for a pair.
   */
  public static Measure<Prepared> uniformityDifference() {
    return new UniformityDifference();
  }

  /**
   * The absolute difference of the mean cosines of the samples to their mean row, in two layers, n
   * × p and n × q: how narrowly samples lie about one direction.
   *
   * <p>It is a distance from 0 to 2 without a unit, and symmetric. It does not notice rotations,
   * scaling, the order of features or appended zeros; translations it does. It says nothing of
   * which samples are alike: samples may be reordered in one layer alone.
   *
   * <p>A sample of zeros alone and a mean row of zero have no direction and are refused:
   * concentricity is of activations before they are centred. Intervals are refused. Cost: n p for
   * each layer once, one subtraction for a pair.
   *
   * @see "Wang et al. 2022, Towards understanding the instability of network embedding"
   * @see <a href="https://arxiv.org/abs/2408.00531">Klabunde et al. 2024, ReSi</a>
   */
  public static Measure<Prepared> concentricityDifference() {
    return new ConcentricityDifference();
  }

  record MagnitudeDifference() implements DelegatingMeasure {

    private static final MeasureProperties PROPERTIES =
        MeasureProperties.distance("Difference of the norms of the mean samples.")
            .range(Range.NON_NEGATIVE)
            .ignores(
                ROTATION,
                FEATURE_PERMUTATION,
                ZERO_PADDING,
                SAMPLE_REORDERING_IN_BOTH,
                SAMPLE_REORDERING_IN_ONE)
            .notices(ISOTROPIC_SCALING, TRANSLATION, INVERTIBLE_LINEAR_MAP)
            .source(
                "Wang et al. 2022, Towards understanding the instability of network embedding; Klabunde et al. 2024, ReSi")
            .cost("prepare np, compare 1")
            .build();

    @Override
    public String name() {
      return "magnitude_difference";
    }

    @Override
    public MeasureProperties properties() {
      return PROPERTIES;
    }

    @Override
    public Computation<?> computation() {
      return new StatisticDifference(new Magnitude(), PROPERTIES);
    }

    /** The norm of the mean row. */
    record Magnitude() implements Preparation<LayerStatistic> {

      @Override
      public LayerStatistic prepare(Representation representation) {
        SampleRows rows = SampleRows.of(representation);
        double scale = rows.powerOfTwoScale();
        double sum = 0;
        for (double mean : rows.dividedBy(scale).mean()) {
          sum += mean * mean;
        }
        return new LayerStatistic(representation.info(), scale * Math.sqrt(sum));
      }

      @Override
      public Optional<PreparedFormat<LayerStatistic>> format() {
        return Optional.of(new LayerStatistic.Format());
      }
    }
  }

  record UniformityDifference() implements DelegatingMeasure {

    private static final MeasureProperties PROPERTIES =
        MeasureProperties.distance("Difference in how evenly the samples spread over space.")
            .range(Range.NON_NEGATIVE)
            .ignores(
                ROTATION,
                FEATURE_PERMUTATION,
                TRANSLATION,
                ZERO_PADDING,
                SAMPLE_REORDERING_IN_BOTH,
                SAMPLE_REORDERING_IN_ONE)
            .notices(ISOTROPIC_SCALING, INVERTIBLE_LINEAR_MAP)
            .source(
                "Wang et al. 2022, Towards understanding the instability of network embedding; Klabunde et al. 2024, ReSi")
            .cost("prepare n²p, compare 1")
            .build();

    @Override
    public String name() {
      return "uniformity_difference";
    }

    @Override
    public MeasureProperties properties() {
      return PROPERTIES;
    }

    @Override
    public Computation<?> computation() {
      return new Formula();
    }

    private static final class Formula extends StatisticDifference {

      /** Below this, log mean exp(−2 d²) is −log n to all digits that matter. */
      private static final double UNDERFLOW = 1e-9;

      Formula() {
        super(new Uniformity(), PROPERTIES);
      }

      @Override
      public List<String> cautions(LayerStatistic a, LayerStatistic b, Score score) {
        return Math.max(a.value(), b.value()) < UNDERFLOW
            ? List.of(
                "In both layers all samples are so far apart (in units of the layer, beyond about 3) that exp(-2 d^2) is nothing, and the difference is 0 whatever the layers. Divide the layers by their norm first, or take magnitude_difference or a measure that ignores scale.")
            : List.of();
      }
    }

    /**
     * log mean exp(−2 d²) over all n² pairs, plus log n: log(1 + 2 Σ_{i&lt;j} exp(−2 d²) / n).
     * Without the term that all layers of n samples share, small differences keep their digits.
     */
    record Uniformity() implements Preparation<LayerStatistic> {

      @Override
      public LayerStatistic prepare(Representation representation) {
        SampleRows rows = SampleRows.of(representation).centred();
        double scale = rows.powerOfTwoScale();
        double exponent = -2 * scale * scale;
        int n = rows.count();
        double[] sums = new double[n];
        SquaredDistances.upper(
            rows.dividedBy(scale),
            (i, first, squared) -> {
              double sum = 0;
              for (int j = i + 1; j < n; j++) {
                double distance = squared[j - first];
                sum += distance == 0 ? 1 : Math.exp(exponent * distance);
              }
              sums[i] = sum;
            });
        double total = 0;
        for (double sum : sums) {
          total += sum;
        }
        return new LayerStatistic(representation.info(), Math.log1p(2 * total / n));
      }

      @Override
      public Optional<PreparedFormat<LayerStatistic>> format() {
        return Optional.of(new LayerStatistic.Format());
      }
    }
  }

  record ConcentricityDifference() implements DelegatingMeasure {

    private static final MeasureProperties PROPERTIES =
        MeasureProperties.distance(
                "Difference in how narrowly the samples lie about the direction of their mean.")
            .range(new Range(0, 2))
            .ignores(
                ROTATION,
                FEATURE_PERMUTATION,
                ISOTROPIC_SCALING,
                ZERO_PADDING,
                SAMPLE_REORDERING_IN_BOTH,
                SAMPLE_REORDERING_IN_ONE)
            .notices(TRANSLATION, INVERTIBLE_LINEAR_MAP)
            .source(
                "Wang et al. 2022, Towards understanding the instability of network embedding; Klabunde et al. 2024, ReSi")
            .cost("prepare np, compare 1")
            .build();

    @Override
    public String name() {
      return "concentricity_difference";
    }

    @Override
    public MeasureProperties properties() {
      return PROPERTIES;
    }

    @Override
    public Computation<?> computation() {
      return new StatisticDifference(new Concentricity(), PROPERTIES);
    }

    /** The mean cosine of the rows to the mean row. */
    record Concentricity() implements Preparation<LayerStatistic> {

      /** A mean below this part of the largest value is what rounding left of a mean of zero. */
      private static final double ROUNDING = 1e-14;

      @Override
      public LayerStatistic prepare(Representation representation) {
        SampleRows rows = SampleRows.of(representation);
        SampleRows unit = rows.normalised("is all zero, so that no angle to it is defined");
        double[] direction = direction(rows.dividedBy(rows.powerOfTwoScale()));
        double sum = 0;
        for (int i = 0; i < unit.count(); i++) {
          sum += unit.product(i, direction);
        }
        return new LayerStatistic(representation.info(), sum / unit.count());
      }

      private static double[] direction(SampleRows rows) {
        double[] mean = rows.mean();
        double squares = 0;
        for (double entry : mean) {
          squares += entry * entry;
        }
        double norm = Math.sqrt(squares);
        if (norm < ROUNDING) {
          throw new PalimpsestException(
              "The mean sample of layer '%s' (%s samples × %s features) is zero, so that no angle to it is defined. Concentricity is of activations before they are centred."
                  .formatted(rows.info().layer(), rows.count(), rows.width()));
        }
        for (int j = 0; j < mean.length; j++) {
          mean[j] /= norm;
        }
        return mean;
      }

      @Override
      public Optional<PreparedFormat<LayerStatistic>> format() {
        return Optional.of(new LayerStatistic.Format());
      }
    }
  }

  /** The absolute difference of one number of each layer. */
  private static class StatisticDifference implements Computation<LayerStatistic> {

    private final Preparation<LayerStatistic> preparation;
    private final MeasureProperties properties;

    StatisticDifference(Preparation<LayerStatistic> preparation, MeasureProperties properties) {
      this.preparation = preparation;
      this.properties = properties;
    }

    @Override
    public Preparation<LayerStatistic> preparation() {
      return preparation;
    }

    @Override
    public Score compare(LayerStatistic a, LayerStatistic b) {
      a.info().requireSameSamples(b.info());
      return Score.of(
          Math.abs(a.value() - b.value()), properties, Diagnostics.of(a.info().samples()));
    }
  }

  /**
   * One number that says something of a whole layer.
   *
   * @param info its layer, shape and probes
   * @param value the number
   */
  record LayerStatistic(Representation.Info info, double value) implements Prepared {
    /** As plain numbers. */
    static final class Format implements PreparedFormat<LayerStatistic> {

      @Override
      public void write(LayerStatistic prepared, PreparedOutput out) throws IOException {
        out.writeInfo(prepared.info);
        out.writeDouble(prepared.value);
      }

      @Override
      public LayerStatistic read(PreparedInput in) throws IOException {
        return new LayerStatistic(in.readInfo(), in.readDouble());
      }
    }
  }
}
