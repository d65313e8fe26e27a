package org.palimpsest.similarity.internal.linalg;

import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.representation.Representation;

/**
 * The features of a layer without their means and of unit norm.
 *
 * @param matrix n × p, float32 or float64; zero where a feature never varies
 * @param dead how many features never vary
 */
public record UnitColumns(INDArray matrix, int dead) {

  /**
   * Standardises a layer, in two passes over it if it is float32.
   *
   * @throws org.palimpsest.core.PalimpsestException if no feature varies
   */
  public static UnitColumns of(Representation representation) {
    Optional<UnitColumns> single =
        Centring.typeOf(representation) == DataType.FLOAT
            ? SingleCentrer.standardise(representation.matrix())
            : Optional.empty();
    int features = Math.toIntExact(representation.features());
    return single
        .filter(columns -> columns.dead < features)
        .orElseGet(() -> of(Centring.ofFeatures().prepare(representation).matrix()));
  }

  private static UnitColumns of(INDArray narrow) {
    INDArray centred = narrow.castTo(DataType.DOUBLE);
    INDArray norms = centred.norm2(0);
    int dead = 0;
    for (int j = 0; j < centred.columns(); j++) {
      if (norms.getDouble(j) == 0) {
        norms.putScalar(j, 1);
        dead++;
      }
    }
    return new UnitColumns(centred.divRowVector(norms), dead);
  }
}
