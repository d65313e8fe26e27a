package org.palimpsest.reproduction.training;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;

/**
 * Soft Dice loss plus binary cross-entropy, both of logits.
 *
 * <p>No number enters a product here. DJL makes a tensor of it in the Java heap's direct memory and
 * gives that up at once, while PyTorch keeps the tensor for the gradient: if the garbage collector
 * runs in between, the gradient is multiplied by whatever lies there then.
 */
final class SegmentationLoss {

  private static final float SMOOTHING = 1;

  private SegmentationLoss() {}

  static NDArray of(NDArray logits, NDArray masks) {
    return crossEntropy(logits, masks).sub(softDice(logits, masks)).add(1);
  }

  private static NDArray softDice(NDArray logits, NDArray masks) {
    NDArray probabilities = Activation.sigmoid(logits);
    NDArray overlap = probabilities.mul(masks).sum();
    NDArray twice = overlap.add(overlap).add(SMOOTHING);
    return twice.div(probabilities.sum().add(masks.sum()).add(SMOOTHING));
  }

  /** max(z, 0) - z y + log(1 + exp(-|z|)), which does not overflow. */
  private static NDArray crossEntropy(NDArray logits, NDArray masks) {
    NDArray rest = logits.abs().neg().exp().add(1).log();
    return Activation.relu(logits).sub(logits.mul(masks)).add(rest).mean();
  }
}
