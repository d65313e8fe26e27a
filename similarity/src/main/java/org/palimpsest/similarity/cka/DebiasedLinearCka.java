package org.palimpsest.similarity.cka;

import static org.palimpsest.core.measure.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.Transformation.SAMPLE_REORDERING_IN_ONE;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.Direction;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Transformation;
import org.palimpsest.similarity.linalg.CentredLayer;
import org.palimpsest.similarity.linalg.Centring;

/**
 * Linear CKA by the unbiased estimator of HSIC: that of X and Y over the root of the product of
 * both self terms. For unrelated layers it is about zero, with either sign, and is not clamped.
 *
 * @see <a href="https://arxiv.org/abs/2010.15327">Nguyen et al. 2021, equation 3</a>
 * @see <a href="https://arxiv.org/abs/2405.01012">Murphy et al. 2024</a>
 */
public record DebiasedLinearCka() implements Measure<CentredLayer> {

  private static final Set<Transformation> NOTICES =
      EnumSet.of(INVERTIBLE_LINEAR_MAP, SAMPLE_REORDERING_IN_ONE);

  private static final MeasureProperties PROPERTIES =
      new MeasureProperties(
          "Linear CKA without the bias that few samples and many features cause.",
          Direction.SIMILARITY,
          new Range(-1, 1),
          true,
          MeasureProperties.allBut(NOTICES),
          NOTICES,
          "Song et al. 2012; Nguyen et al. 2021; Murphy et al. 2024",
          "preparation O(n p min(n, p)), comparison O(n p q)");

  @Override
  public String name() {
    return "debiased_linear_cka";
  }

  @Override
  public MeasureProperties properties() {
    return PROPERTIES;
  }

  @Override
  public Preparation<CentredLayer> preparation() {
    return Centring.ofFeatures();
  }

  @Override
  public Score compare(CentredLayer a, CentredLayer b) {
    return CkaTable.compare(this::score, a, b);
  }

  @Override
  public List<List<Score>> compareAll(List<CentredLayer> rows, List<CentredLayer> columns) {
    return CkaTable.compareAll(this::score, rows, columns);
  }

  private Score score(CentredLayer a, CentredLayer b, double cross, double selfA, double selfB) {
    Hsic.requireEnough(a.info());
    double between = Hsic.unbiased(cross, a.rowSquares(), b.rowSquares());
    double value = between / Math.sqrt(self(a, selfA)) / Math.sqrt(self(b, selfB));
    return Score.of(value, PROPERTIES, Diagnostics.of(a.info().samples()));
  }

  private static double self(CentredLayer layer, double product) {
    double self = Hsic.unbiased(product, layer.rowSquares(), layer.rowSquares());
    return Hsic.requirePositive(self, product, layer.info());
  }
}
