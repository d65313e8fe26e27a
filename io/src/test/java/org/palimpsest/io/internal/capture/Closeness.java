package org.palimpsest.io.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Compares a layer's activations, relative to the layer's scale. */
public final class Closeness {

  /** 1e-5 of the largest magnitude in the layer. */
  public static final double TOLERANCE = 1e-5;

  private Closeness() {}

  public static void assertClose(
      String layer, INDArray actual, INDArray expected, double tolerance) {
    assertThat(actual.shape()).as("shape of " + layer).isEqualTo(expected.shape());
    INDArray wide = expected.castTo(DataType.DOUBLE);
    double scale = Math.max(wide.amaxNumber().doubleValue(), Double.MIN_NORMAL);
    double difference = actual.castTo(DataType.DOUBLE).sub(wide).amaxNumber().doubleValue();
    assertThat(difference / scale).as("difference in " + layer).isLessThanOrEqualTo(tolerance);
  }
}
