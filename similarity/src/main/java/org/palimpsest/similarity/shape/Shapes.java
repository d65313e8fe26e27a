package org.palimpsest.similarity.shape;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.similarity.internal.linalg.Axes;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Centring;
import org.palimpsest.similarity.internal.linalg.DecomposingComputation;
import org.palimpsest.similarity.internal.linalg.Decompositions;
import org.palimpsest.similarity.internal.linalg.Decompositions.Svd;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.FewSamples;
import org.palimpsest.similarity.internal.linalg.LayerPair;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.LinearSide;
import org.palimpsest.similarity.internal.linalg.Products;
import org.palimpsest.similarity.internal.linalg.RankTolerance;
import org.palimpsest.similarity.internal.linalg.Rows;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/**
 * What is left between two layers after the best rotation or reflection: Procrustes distances,
 * shape metrics and the aligned cosine.
 *
 * <p>Measures of equal settings are equal; {@code name()} is what {@code Measures.parse} reads.
 */
public final class Shapes {

  private Shapes() {}

  /**
   * The distance that is left between two centred layers, n × p and n × q, after the best rotation
   * or reflection of one of them; the narrower one is padded with zeros.
   *
   * <p>It is √(2 − 2 |A'B|∗), where A and B are the centred layers divided by their norms and |·|∗
   * is the nuclear norm: a symmetric metric from 0 to √2 without a unit, which does not notice
   * rotations, reflections, translations and scaling.
   *
   * <p>Unrelated layers with few samples come near each other by chance; such values carry a
   * warning. A layer whose features never vary is refused. Cost: O(n p) for each layer once, O(n p
   * q + min(p, q)² max(p, q)) for a pair. It can be computed from co-moments.
   *
   * @see <a href="https://arxiv.org/abs/2108.01661">Ding et al. 2021, section 2</a>
   * @see <a href="https://arxiv.org/abs/2110.14739">Williams et al. 2021, section 2</a>
   */
  public static Measure<Prepared> procrustesNormalized() {
    return new Procrustes(Procrustes.Variant.NORMALIZED);
  }

  /**
   * The angle arccos |A'B|∗ between layers of unit norm, in radians from 0 to π/2; otherwise as
   * {@link #procrustesNormalized}.
   */
  public static Measure<Prepared> procrustesAngular() {
    return new Procrustes(Procrustes.Variant.ANGULAR);
  }

  /**
   * The distance √(|Xc|² + |Yc|² − 2 |Xc'Yc|∗) in the units of the layers, so that scaling is
   * noticed; otherwise as {@link #procrustesNormalized}.
   */
  public static Measure<Prepared> procrustesSizeAndShape() {
    return new Procrustes(Procrustes.Variant.SIZE_AND_SHAPE);
  }

  /**
   * The angle between two partially whitened layers after the best rotation: arccos |A'B|∗, where A
   * is Xc (α I + (1 − α) (Xc'Xc)^(−1/2)) of unit norm, B the same of Y, and |·|∗ the nuclear norm.
   *
   * <p>It is a symmetric metric in radians, from 0 to π/2. With α = 1 it is the angular Procrustes
   * distance, with α = 0 that of the canonical correlations, which no invertible linear map
   * changes. In between it depends on the units of the layers and on n, as its definition has it:
   * compare such values only at the same n and in the same units.
   *
   * <p>A layer whose features never vary is refused. Cost: O(n p min(n, p)) for each layer once,
   * O(n p q + min(p, q)² max(p, q)) for a pair. It can be computed from co-moments.
   *
   * @param alpha α, from 0 (whitened) to 1 (as it is)
   * @throws org.palimpsest.core.PalimpsestException if it is not
   * @see <a href="https://arxiv.org/abs/2110.14739">Williams et al. 2021, equation 8</a>
   */
  public static Measure<Prepared> shape(double alpha) {
    return new ShapeMetric(alpha, OptionalDouble.empty());
  }

  /** The shape metric with α = 0.5, see {@link #shape(double)}. */
  public static Measure<Prepared> shape() {
    return ShapeMetric.withDefaults();
  }

  /**
   * {@link #shape(double)} with a tolerance of its own.
   *
   * @param alpha α, from 0 (whitened) to 1 (as it is)
   * @param tolerance the fraction of a layer's largest singular value below which others count as
   *     zero, from 0 to 1; otherwise that of its shape and type
   * @throws org.palimpsest.core.PalimpsestException if one of them is not within [0, 1]
   */
  public static Measure<Prepared> shape(double alpha, double tolerance) {
    return new ShapeMetric(alpha, OptionalDouble.of(tolerance));
  }

  /**
   * The mean over samples of the cosine between the centred rows of two layers, n × p and n × q,
   * after the rotation that brings one nearest to the other; the narrower layer is padded with
   * zeros.
   *
   * <p>With Xc'Yc = U S V' that rotation aligns the rows of Xc U with those of Yc V. The mean lies
   * within [−1, 1], has no unit and is symmetric. Other than {@link #procrustesNormalized}, every
   * sample counts the same, however far it lies from the mean. It does not notice rotations,
   * reflections, translations and scaling.
   *
   * <p>A row that equals its layer's mean has no direction: its cosine counts as 0, with a warning.
   * A layer whose features never vary is refused. Products are computed in float64. Cost: O(n p)
   * for each layer once, O(n p q + min(p, q)² max(p, q)) for a pair.
   *
   * @see <a href="https://arxiv.org/abs/1605.09096">Hamilton et al. 2016, section 3</a>
   */
  public static Measure<Prepared> alignedCosine() {
    return new AlignedCosine();
  }

  private record ShapeMetric(double alpha, OptionalDouble tolerance) implements DelegatingMeasure {

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
        return told
            ? List.of()
            : alpha == 0 ? few.shares(rank, true, cosine) : few.rotations(cosine);
      }
    }
  }

  private record AlignedCosine() implements DelegatingMeasure {

    /** A row's square below this fraction of the mean square is rounding. */
    private static final double NO_DIRECTION = 1e-24;

    private static final Set<Transformation> NOTICES =
        EnumSet.of(Transformation.INVERTIBLE_LINEAR_MAP, Transformation.SAMPLE_REORDERING_IN_ONE);

    private static final MeasureProperties PROPERTIES =
        MeasureProperties.similarity(
                "The mean cosine of the samples' rows after the best rotation.")
            .range(new Range(-1, 1))
            .noticesOnly(NOTICES)
            .source("Hamilton et al. 2016")
            .cost("preparation O(n p), comparison O(n p q + min(p, q)² max(p, q))")
            .build();

    @Override
    public String name() {
      return "aligned_cosine";
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

      @Override
      public Preparation<CentredLayer> preparation() {
        return Centring.ofFeatures();
      }

      /**
       * X'Y = U S V', so that the rows of XU and of YV are aligned; the rest is orthogonal to both.
       */
      @Override
      public Score compare(CentredLayer a, CentredLayer b) {
        LinearPair pair = new LayerPair(a, b).inFloat64().orElseThrow();
        Svd svd = Decompositions.svd(pair.product());
        INDArray alignedA = Products.times(a.matrix(), svd.u(), DataType.DOUBLE);
        INDArray alignedB = Products.timesTransposed(b.matrix(), svd.vt(), DataType.DOUBLE);
        return score(a, b, Rows.innerProducts(alignedA, alignedB));
      }

      private static Score score(CentredLayer a, CentredLayer b, double[] products) {
        double leastA = NO_DIRECTION * a.squaredNorm() / products.length;
        double leastB = NO_DIRECTION * b.squaredNorm() / products.length;
        double sum = 0;
        int without = 0;
        for (int i = 0; i < products.length; i++) {
          double squareA = a.rowSquares()[i];
          double squareB = b.rowSquares()[i];
          if (squareA <= leastA || squareB <= leastB) {
            without++;
          } else {
            sum += products[i] / Math.sqrt(squareA * squareB);
          }
        }
        Diagnostics plain = Diagnostics.of(a.info().samples());
        return Score.of(
            sum / a.info().samples(),
            PROPERTIES,
            without == 0
                ? plain
                : plain.withWarning(
                    "%s of %s samples equal their layer's mean; their cosine counts as 0."
                        .formatted(without, products.length)));
      }

      @Override
      public List<String> cautions(CentredLayer a, CentredLayer b, Score score) {
        return FewSamples.of(a.info(), b.info()).rotations(score.value());
      }
    }
  }
}
