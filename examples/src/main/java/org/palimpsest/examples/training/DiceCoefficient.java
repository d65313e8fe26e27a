package org.palimpsest.examples.training;

import ai.djl.ndarray.NDArray;

/** How well a predicted mask covers the true one: twice the overlap by the sum of both sizes. */
final class DiceCoefficient {

  private DiceCoefficient() {}

  /**
   * @param logits positive where the structure is predicted
   * @param mask 1 where it is, 0 elsewhere
   * @return from 0 to 1; 1 if both are empty
   */
  static double of(NDArray logits, NDArray mask) {
    float[] predicted = logits.toFloatArray();
    float[] actual = mask.toFloatArray();
    int overlap = 0;
    int sizes = 0;
    for (int i = 0; i < predicted.length; i++) {
      boolean found = predicted[i] > 0;
      boolean there = actual[i] > 0.5f;
      overlap += found && there ? 1 : 0;
      sizes += (found ? 1 : 0) + (there ? 1 : 0);
    }
    return sizes == 0 ? 1 : 2.0 * overlap / sizes;
  }
}
