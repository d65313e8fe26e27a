package org.palimpsest.io.dl4j;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.io.capture.ChannelOrder;

/** A tensor as it flows through a network, and where it keeps its channels. */
record OrderedTensor(INDArray values, ChannelOrder order) {

  /** The same values for a layer that may work in place, in the order that it wants. */
  INDArray copyFor(ChannelOrder wanted) {
    return wanted == order
        ? values.dup()
        : wanted.fromChannelsFirst(order.channelsFirst(values)).dup('c');
  }

  /**
   * A copy to keep: float32 or float64, channels first, in C order.
   *
   * <p>Where DL4J leads a sequence through a layer without time, it lays all time steps below each
   * other, first those of the first step; they become {@code (samples, features, time)} again.
   *
   * @param samples the number of probes in the batch
   */
  INDArray captured(long samples) {
    return inTime(samples).castTo(TensorReader.readableType(values.dataType())).dup('c');
  }

  private INDArray inTime(long samples) {
    long rows = values.size(0);
    if (values.rank() != 2 || rows == samples || rows % samples != 0) {
      return order.channelsFirst(values);
    }
    INDArray steps = values.dup('f').reshape('f', samples, rows / samples, values.size(1));
    return ChannelOrder.LAST.channelsFirst(steps);
  }
}
