package org.palimpsest.similarity.internal.linalg;

import java.util.List;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Score;

/** What a measure computes for which centred layers, or their co-moments alone, are enough. */
public interface LinearComputation extends Computation<CentredLayer> {

  /** From here to the value of equal layers the rounding of float32 products may decide. */
  double NEAR_ONE = 1e-3;

  /** Compares two layers by products as they come. */
  Score compare(LinearPair pair);

  /** Whether a score is so near to that of equal layers that float32 products may decide it. */
  default boolean isNearEqual(LinearPair pair, Score score) {
    return score.value() > 1 - NEAR_ONE;
  }

  /** Compares two layers; those that are nearly equal by products in float64. */
  default Score compareClosely(LinearPair pair) {
    return closely(pair, compare(pair));
  }

  /** Why a value says little, of layers in memory or of which only their co-moments were kept. */
  default List<String> cautions(LinearSide a, LinearSide b, Score score) {
    return List.of();
  }

  @Override
  default List<String> cautions(CentredLayer a, CentredLayer b, Score score) {
    return cautions((LinearSide) a, (LinearSide) b, score);
  }

  /** A score as it is, or by products in float64 if it needs them. */
  default Score closely(LinearPair pair, Score score) {
    if (pair.isFloat64() || !isNearEqual(pair, score)) {
      return score;
    }
    return pair.inFloat64()
        .map(this::compare)
        .orElseGet(
            () ->
                score.withWarning(
                    "The layers are nearly equal, and only float32 products of them were kept,"
                        + " which cannot tell how nearly. Gather co-moments in float64."));
  }

  @Override
  default Preparation<CentredLayer> preparation() {
    return Centring.ofFeatures();
  }

  @Override
  default Score compare(CentredLayer a, CentredLayer b) {
    return compareClosely(new LayerPair(a, b));
  }
}
