package org.palimpsest.similarity.internal.linalg;

import java.util.Arrays;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.representation.Representation;

/**
 * The features of a layer without their means and of unit norm.
 *
 * @param matrix n × p, float32 or float64; zero where a feature never varies
 * @param dead how many features never vary
 */
public record UnitColumns(INDArray matrix, int dead) {

  /** Whose square float64 holds with all digits, and those of its far smaller parts. */
  private static final double LEAST_NORM = 1e-140;

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
        .orElseGet(
            () -> of(representation, Centring.ofFeatures().prepare(representation).matrix()));
  }

  /**
   * @param centred by one scale for all features, beside the largest of which others may vanish
   */
  private static UnitColumns of(Representation representation, INDArray centred) {
    INDArray columns = centred.castTo(DataType.DOUBLE);
    INDArray norms = columns.norm2(0);
    int dead = 0;
    for (int j = 0; j < columns.columns(); j++) {
      if (norms.getDouble(j) < LEAST_NORM) {
        norms.putScalar(j, 1);
        double[] unit = unit(representation.matrix().getColumn(j).toDoubleVector());
        columns.putColumn(j, Nd4j.createFromArray(unit));
        dead += Arrays.stream(unit).allMatch(value -> value == 0) ? 1 : 0;
      }
    }
    return new UnitColumns(columns.divRowVector(norms), dead);
  }

  /** One feature by a scale of its own; zeros if it never varies. */
  private static double[] unit(double[] feature) {
    double[] deviations = Arrays.stream(feature).map(value -> value - feature[0]).toArray();
    double largest = Arrays.stream(deviations).map(Math::abs).max().orElse(0);
    if (largest == 0) {
      return deviations;
    }
    int up = -Math.getExponent(largest); // above 1000 for what float64 holds with fewer digits
    double[] scaled = Arrays.stream(deviations).map(value -> Math.scalb(value, up)).toArray();
    double mean = Arrays.stream(scaled).sum() / scaled.length;
    double[] centred = Arrays.stream(scaled).map(value -> value - mean).toArray();
    double norm = Math.sqrt(Arrays.stream(centred).map(value -> value * value).sum());
    return Arrays.stream(centred).map(value -> value / norm).toArray();
  }
}
