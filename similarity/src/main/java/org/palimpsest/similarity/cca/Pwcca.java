package org.palimpsest.similarity.cca;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.palimpsest.core.measure.Direction;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Transformation;
import org.palimpsest.similarity.linalg.Basis;
import org.palimpsest.similarity.linalg.CentredLayer;
import org.palimpsest.similarity.linalg.Centring;
import org.palimpsest.similarity.linalg.Decompositions;
import org.palimpsest.similarity.linalg.Dense;
import org.palimpsest.similarity.linalg.PairTable;
import org.palimpsest.similarity.linalg.Products;
import org.palimpsest.similarity.linalg.RankTolerance;
import org.palimpsest.similarity.linalg.Svd;

/**
 * PWCCA: canonical correlations weighted by how much of one layer their variates account for.
 *
 * <p>The weight of the i-th is the sum over that layer's centred features x_j of |h_i · x_j|, where
 * h_i is its i-th canonical variate, of norm one over the samples.
 *
 * @param side the layer that weighs
 * @param tolerance what counts as zero variance
 * @see <a href="https://arxiv.org/abs/1806.05759">Morcos et al. 2018, equations 5 and 6</a>
 */
public record Pwcca(Side side, RankTolerance tolerance) implements Measure<CentredLayer> {

  /** One of the two layers. */
  public enum Side {
    /** The first. */
    X,
    /** The second. */
    Y
  }

  private static final Set<Transformation> NOTICES =
      EnumSet.of(
          Transformation.ROTATION,
          Transformation.INVERTIBLE_LINEAR_MAP,
          Transformation.SAMPLE_REORDERING_IN_ONE);

  /** Weighted by the first layer, as in the paper. */
  public static Pwcca withDefaults() {
    return weightedBy(Side.X);
  }

  public static Pwcca weightedBy(Side side) {
    return new Pwcca(side, RankTolerance.automatic());
  }

  @Override
  public String name() {
    String which = side == Side.X ? "" : "y";
    String suffix = tolerance.suffix();
    String parameters = which + (which.isEmpty() || suffix.isEmpty() ? "" : ",") + suffix;
    return parameters.isEmpty() ? "pwcca" : "pwcca:" + parameters;
  }

  @Override
  public MeasureProperties properties() {
    return new MeasureProperties(
        "The mean canonical correlation, weighted by what the variates say of the %s layer."
            .formatted(side == Side.X ? "first" : "second"),
        Direction.SIMILARITY,
        Range.UNIT,
        false,
        MeasureProperties.allBut(NOTICES),
        NOTICES,
        "Morcos et al. 2018",
        "preparation O(n p min(n, p)), comparison O(n p q + min(p, q)² max(p, q))");
  }

  @Override
  public Preparation<CentredLayer> preparation() {
    return Centring.ofFeatures();
  }

  @Override
  public Score compare(CentredLayer a, CentredLayer b) {
    return table().compare(a, b);
  }

  @Override
  public List<List<Score>> compareAll(List<CentredLayer> rows, List<CentredLayer> columns) {
    return table().compareAll(rows, columns);
  }

  /** The weighing layer is the first factor, so that its variates are the left vectors. */
  private PairTable table() {
    return PairTable.of((a, b) -> Canonical.product(weighing(a, b), weighing(b, a)), this::score);
  }

  private Basis weighing(CentredLayer a, CentredLayer b) {
    return (side == Side.X ? a : b).basis(tolerance);
  }

  private Score score(CentredLayer a, CentredLayer b, Dense product) {
    Svd svd = Decompositions.svd(product);
    double[] weights = weights(svd.u(), weighing(a, b).coordinates());
    double[] correlations = Canonical.clipped(svd.values());
    double sum = 0;
    double weighted = 0;
    for (int i = 0; i < correlations.length; i++) {
      sum += weights[i];
      weighted += weights[i] * correlations[i];
    }
    return Score.of(
        weighted / sum,
        properties(),
        Canonical.diagnostics(
            a.info().samples(), a.basis(tolerance).rank(), b.basis(tolerance).rank()));
  }

  /** Row sums of |U'Q'Xc|. */
  private static double[] weights(Dense u, Dense coordinates) {
    Dense loadings = Products.transposeTimes(u, coordinates);
    double[] weights = new double[loadings.rows()];
    for (int i = 0; i < weights.length; i++) {
      for (int j = 0; j < loadings.columns(); j++) {
        weights[i] += Math.abs(loadings.get(i, j));
      }
    }
    return weights;
  }
}
