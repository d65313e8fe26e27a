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
import org.palimpsest.similarity.linalg.Dense;
import org.palimpsest.similarity.linalg.PairTable;

/**
 * SVCCA: the mean canonical correlation of each layer's leading principal components.
 *
 * @param truncation how many components are kept; 99 % of the variance is usual
 * @see <a href="https://arxiv.org/abs/1706.05806">Raghu et al. 2017, section 2</a>
 */
public record Svcca(Truncation truncation) implements Measure<CentredLayer> {

  private static final double USUAL_FRACTION = 0.99;

  private static final Set<Transformation> NOTICES =
      EnumSet.of(Transformation.INVERTIBLE_LINEAR_MAP, Transformation.SAMPLE_REORDERING_IN_ONE);

  /** Of the components that hold 99 % of the variance. */
  public static Svcca withDefaults() {
    return new Svcca(Truncation.ofVariance(USUAL_FRACTION));
  }

  @Override
  public String name() {
    return equals(withDefaults()) ? "svcca" : "svcca:" + truncation.parameter();
  }

  @Override
  public MeasureProperties properties() {
    return new MeasureProperties(
        "The mean canonical correlation of the leading principal components.",
        Direction.SIMILARITY,
        Range.UNIT,
        true,
        MeasureProperties.allBut(NOTICES),
        NOTICES,
        "Raghu et al. 2017",
        "preparation O(n p min(n, p)), comparison O(n k l + min(k, l)² max(k, l)) for k and l components");
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

  private PairTable table() {
    return PairTable.of((a, b) -> Canonical.product(kept(a), kept(b)), this::score);
  }

  private Basis kept(CentredLayer layer) {
    return layer.principalComponents(truncation.keep(layer.squaredSingularValues()));
  }

  private Score score(CentredLayer a, CentredLayer b, Dense product) {
    return Score.of(
        Canonical.mean(Canonical.correlations(product)),
        properties(),
        Canonical.diagnostics(a.info().samples(), product.rows(), product.columns()));
  }
}
