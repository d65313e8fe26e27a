package org.palimpsest.similarity.cka;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.LayerTable;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.cka.CentredKernel.RbfCka;
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
import org.palimpsest.similarity.internal.pairwise.SampleChecks;
import org.palimpsest.similarity.internal.pairwise.SampleRows;
import org.palimpsest.similarity.internal.pairwise.SquaredDistances;
import org.palimpsest.similarity.internal.pairwise.Triangle;
import org.palimpsest.similarity.internal.pairwise.TriangleValues;

/**
 * Centred kernel alignment, with linear and Gaussian kernels, and distance correlation, which is
 * the root of that of distances.
 *
 * <pre>{@code
 * Score score = Cka.linear().compare(Representation.of(x), Representation.of(y)); // rows are samples
 * }</pre>
 *
 * <p>Measures of equal settings are equal; {@code name()} is what {@code Measures.parse} reads.
 */
public final class Cka {

  private Cka() {}

  /**
   * Linear CKA, biased: |Xc'Yc|² / (|Xc'Xc| |Yc'Yc|) in Frobenius norms, where Xc (n × p) and Yc (n
   * × q) are two layers less the means of their features.
   *
   * <p>It is the cosine of the angle between the centred Gram matrices of the samples: 1 if one
   * layer is the other turned, reflected or scaled, 0 if no feature of one correlates with any of
   * the other's. It lies within [0, 1], has no unit, is symmetric, and does not notice rotations,
   * reflections and scaling of the features. With few samples and many features it is large for
   * unrelated layers too, about {@code 1 / sqrt((1 + n/p)(1 + n/q))} for random ones; such values
   * carry a warning. See {@link #debiased}.
   *
   * <p>A layer whose features never vary is refused. Products of float32 layers are computed in
   * float32, and again in float64 where the layers are nearly equal. Cost: O(n p min(n, p)) for
   * each layer once, O(n p q) or O(n² (p + q)) for a pair, whichever is less. It can be computed
   * from co-moments.
   *
   * @see <a href="https://arxiv.org/abs/1905.00414">Kornblith et al. 2019, section 3</a>
   */
  public static Measure<Prepared> linear() {
    return new LinearCka();
  }

  /**
   * Linear CKA by the unbiased estimator of HSIC: HSIC(X, Y) / √(HSIC(X, X) HSIC(Y, Y)), where X is
   * n × p, Y is n × q, and HSIC is estimated from the centred Gram matrices without their
   * diagonals.
   *
   * <p>For unrelated layers it is about zero, with either sign, whatever n, p and q; it lies within
   * [−1, 1] and is not cut at 0. It has no unit, is symmetric, and does not notice rotations,
   * reflections and scaling of the features.
   *
   * <p>Where positions are the samples, those of one image are not independent, and images are what
   * the estimator is unbiased over: no product of two rows of one image counts. That takes four
   * images, and about twice the time of {@code linear_cka}.
   *
   * <p>Refused are fewer than four samples (or images), and a layer in which debiasing leaves no
   * similarity between different samples. Cost: O(n p min(n, p)) for each layer once, O(n p q) for
   * a pair. It can be computed from co-moments where each sample is an image.
   *
   * @see <a href="https://jmlr.org/papers/v13/song12a.html">Song et al. 2012, equation 5</a>
   * @see <a href="https://arxiv.org/abs/2010.15327">Nguyen et al. 2021, equation 3</a>
   * @see <a href="https://arxiv.org/abs/2405.01012">Murphy et al. 2024</a>
   */
  public static Measure<Prepared> debiased() {
    return new DebiasedLinearCka();
  }

  /**
   * Minibatch CKA: the mean over batches of the unbiased HSIC, over the root of both mean self
   * terms.
   *
   * <p>Batches are successive rows. The last one may be shorter; each counts by its number of
   * samples, and one of fewer than four joins the batch before it. The value depends on the order
   * of samples, as far as that decides which of them meet in a batch.
   *
   * <p>It is what one gets who trains or shows a network batch by batch and never holds all
   * samples; with all samples at hand {@link #debiased} uses each pair of them and scatters less.
   * With one batch of all samples the two are the same. It lies about 0 for unrelated layers, may
   * be negative, and is not cut. Fewer than four samples are refused. Cost: O(n B p) for each layer
   * once and O(n B) for a pair, for batches of B.
   *
   * <pre>{@code
   * Score score = Cka.minibatch(64).compare(before, after);
   * }</pre>
   *
   * @param batchSize samples per batch, four or more
   * @throws org.palimpsest.core.PalimpsestException if they are fewer
   * @see <a href="https://arxiv.org/abs/2010.15327">Nguyen et al. 2021, equation 2</a>
   */
  public static Measure<Prepared> minibatch(int batchSize) {
    return new MinibatchCka(batchSize);
  }

  /** Minibatch CKA of batches of 256 samples, see {@link #minibatch(int)}. */
  public static Measure<Prepared> minibatch() {
    return MinibatchCka.withDefaults();
  }

  /**
   * Centred kernel alignment with the Gaussian kernel exp(−d² / (2 F² m)): tr(KHLH) / (|HKH|
   * |HLH|), the biased estimator.
   *
   * <p>Source: Kornblith et al. 2019, section 3. Here m is the median of all n² squared distances,
   * the zero ones of samples to themselves included. Features are centred and products are float32
   * where the representation is float32.
   *
   * @param fraction F, the bandwidth as a fraction of the median distance; positive
   * @throws org.palimpsest.core.PalimpsestException if it is not
   */
  public static Measure<Prepared> rbf(double fraction) {
    return new RbfCka(fraction);
  }

  /** RBF CKA of half the median distance, see {@link #rbf(double)}. */
  public static Measure<Prepared> rbf() {
    return RbfCka.withDefaults();
  }

  /**
   * Distance correlation: √(dCov² / √(dVar² dVar²)) of double-centred euclidean distances between
   * the n samples of either layer, as a V-statistic.
   *
   * <p>It lies within [0, 1], has no unit and is symmetric. With ever more samples it is 0 if and
   * only if the layers are independent, so that it sees relations that no linear measure sees. Like
   * every V-statistic it is above zero for unrelated samples, the more so the fewer they are and
   * the more features there are; such values carry a warning. It does not notice rotations,
   * reflections, translations and scaling.
   *
   * <p>Fewer than three samples, and layers whose samples are all equally far from each other, are
   * refused. Distances are computed in float64. Cost: n²p for each layer once, n² for a pair; 4n²
   * bytes are kept for each layer.
   *
   * <p>The square is CKA with the double-centred distances as kernels, so that it may be read
   * beside {@code rbf_cka}; unlike that it has no bandwidth to choose.
   *
   * @see <a href="https://doi.org/10.1214/009053607000000505">Székely, Rizzo and Bakirov 2007,
   *     definitions 3 and 4</a>
   */
  public static Measure<Prepared> distanceCorrelation() {
    return new DistanceCorrelation();
  }

  private record LinearCka() implements DelegatingMeasure {

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

  private record DistanceCorrelation() implements DelegatingMeasure {

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
}
