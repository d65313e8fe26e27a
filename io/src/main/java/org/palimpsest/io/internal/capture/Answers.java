package org.palimpsest.io.internal.capture;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a layer answers to the same probe in different company. */
public final class Answers {

  /** The difference, of the largest value, that rounding or another kernel may make. */
  public static final double SAME = 1e-3;

  private Answers() {}

  /** Whether two answers are the same but for rounding; those of different shapes are not. */
  public static boolean areSame(INDArray one, INDArray other) {
    if (!Arrays.equals(one.shape(), other.shape())) {
      return false;
    }
    return areSame(values(one), values(other));
  }

  private static double[] values(INDArray answer) {
    return answer.castTo(DataType.DOUBLE).dup('c').data().asDouble();
  }

  /** Whether two answers are the same but for rounding; those of different lengths are not. */
  public static boolean areSame(double[] a, double[] b) {
    if (a.length != b.length) {
      return false;
    }
    double scale = 0;
    double difference = 0;
    for (int i = 0; i < a.length; i++) {
      if (Double.isFinite(a[i]) && Double.isFinite(b[i])) {
        scale = Math.max(scale, Math.abs(a[i]));
        difference = Math.max(difference, Math.abs(a[i] - b[i]));
      } else if (Double.compare(a[i], b[i]) != 0) {
        return false;
      }
    }
    return difference <= SAME * scale;
  }
}
