package org.palimpsest.reproduction.training;

import ai.djl.ndarray.NDArray;

/** How well a predicted mask covers the true one: twice the overlap by the sum of both sizes. */
final class DiceCoefficient {

  private DiceCoefficient() {}

  /**
   * The sum of the coefficients of some images.
   *
   * @param logits positive where the structure is predicted
   * @param masks 1 where it is, 0 elsewhere
   * @param images how many images there are
   * @return of each image from 0 to 1; 1 if both are empty
   */
  static double sum(NDArray logits, NDArray masks, int images) {
    float[] predicted = logits.toFloatArray();
    float[] actual = masks.toFloatArray();
    int size = predicted.length / images;
    double sum = 0;
    for (int image = 0; image < images; image++) {
      sum += of(predicted, actual, image * size, (image + 1) * size);
    }
    return sum;
  }

  private static double of(float[] predicted, float[] actual, int from, int to) {
    int overlap = 0;
    int sizes = 0;
    for (int i = from; i < to; i++) {
      boolean found = predicted[i] > 0;
      boolean there = actual[i] > 0.5f;
      overlap += found && there ? 1 : 0;
      sizes += (found ? 1 : 0) + (there ? 1 : 0);
    }
    return sizes == 0 ? 1 : 2.0 * overlap / sizes;
  }
}
