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

  /** A copy to keep: float32 or float64, channels first, in C order. */
  INDArray captured() {
    return order
        .channelsFirst(values)
        .castTo(TensorReader.readableType(values.dataType()))
        .dup('c');
  }
}
