package org.palimpsest.io.djl;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorReader;

/** Tells whether probes can be indices, such as tokens for an embedding. */
final class WholeNumbers {

  private static final int BLOCK = 8192;

  private WholeNumbers() {}

  static boolean isAllOf(INDArray probes) {
    TensorReader reader = TensorReader.of(probes);
    for (long from = 0; from < probes.length(); from += BLOCK) {
      double[] values = new double[(int) Math.min(BLOCK, probes.length() - from)];
      reader.read(from, values);
      for (double value : values) {
        if (value != Math.rint(value)) {
          return false;
        }
      }
    }
    return true;
  }
}
