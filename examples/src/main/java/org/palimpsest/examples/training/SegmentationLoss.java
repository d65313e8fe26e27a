package org.palimpsest.examples.training;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;

/** Soft Dice loss plus binary cross-entropy, both of logits. */
final class SegmentationLoss {

  private static final float SMOOTHING = 1;

  private SegmentationLoss() {}

  static NDArray of(NDArray logits, NDArray masks) {
    return crossEntropy(logits, masks).sub(softDice(logits, masks)).add(1);
  }

  private static NDArray softDice(NDArray logits, NDArray masks) {
    NDArray probabilities = Activation.sigmoid(logits);
    NDArray overlap = probabilities.mul(masks).sum().mul(2).add(SMOOTHING);
    return overlap.div(probabilities.sum().add(masks.sum()).add(SMOOTHING));
  }

  /** max(z, 0) - z y + log(1 + exp(-|z|)), which does not overflow. */
  private static NDArray crossEntropy(NDArray logits, NDArray masks) {
    NDArray rest = logits.abs().neg().exp().add(1).log();
    return logits.maximum(0).sub(logits.mul(masks)).add(rest).mean();
  }
}
