package org.palimpsest.similarity.shape;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Centring;
import org.palimpsest.similarity.internal.linalg.Decompositions;
import org.palimpsest.similarity.internal.linalg.Decompositions.Svd;
import org.palimpsest.similarity.internal.linalg.FewSamples;
import org.palimpsest.similarity.internal.linalg.LayerPair;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.Products;
import org.palimpsest.similarity.internal.linalg.Rows;

/**
 * The mean over samples of the cosine between the centred rows of two layers, n × p and n × q,
 * after the rotation that brings one nearest to the other; the narrower layer is padded with zeros.
 *
 * <p>With Xc'Yc = U S V' that rotation aligns the rows of Xc U with those of Yc V. The mean lies
 * within [−1, 1], has no unit and is symmetric. Other than {@link Procrustes}, every sample counts
 * the same, however far it lies from the mean. It does not notice rotations, reflections,
 * translations and scaling.
 *
 * <p>A row that equals its layer's mean has no direction: its cosine counts as 0, with a warning. A
 * layer whose features never vary is refused. Products are computed in float64. Cost: O(n p) for
 * each layer once, O(n p q + min(p, q)² max(p, q)) for a pair.
 *
 * @see <a href="https://arxiv.org/abs/1605.09096">Hamilton et al. 2016, section 3</a>
 */
public record AlignedCosine() implements DelegatingMeasure {

  /** A row's square below this fraction of the mean square is rounding. */
  private static final double NO_DIRECTION = 1e-24;

  private static final Set<Transformation> NOTICES =
      EnumSet.of(Transformation.INVERTIBLE_LINEAR_MAP, Transformation.SAMPLE_REORDERING_IN_ONE);

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.similarity("The mean cosine of the samples' rows after the best rotation.")
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
