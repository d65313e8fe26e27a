package org.palimpsest.io.internal.capture;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where a tensor of samples keeps its channels. Tensors of fewer than three axes have no choice.
 */
public enum ChannelOrder {
  /** {@code (samples, channels, space…)}, as everywhere in this library. */
  FIRST,
  /** {@code (samples, space…, channels)}. */
  LAST;

  /** A view of a tensor of this order, with its channels first. */
  public INDArray channelsFirst(INDArray tensor) {
    int rank = tensor.rank();
    if (this == FIRST || rank < 3) {
      return tensor;
    }
    int[] axes = new int[rank];
    axes[1] = rank - 1;
    for (int i = 2; i < rank; i++) {
      axes[i] = i - 1;
    }
    return tensor.permute(axes);
  }

  /** A view of a tensor with channels first, in this order. */
  public INDArray fromChannelsFirst(INDArray tensor) {
    int rank = tensor.rank();
    if (this == FIRST || rank < 3) {
      return tensor;
    }
    int[] axes = new int[rank];
    for (int i = 1; i < rank - 1; i++) {
      axes[i] = i + 1;
    }
    axes[rank - 1] = 1;
    return tensor.permute(axes);
  }
}
