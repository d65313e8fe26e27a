package org.palimpsest.io.dl4j;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.io.internal.capture.ChannelOrder;

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
   * other, first those of the first step; they become {@code (samples, features, time)} again, as
   * do rows that a reshaping made of each probe.
   *
   * @param samples the number of probes in the batch
   * @param rows how they lie where there are several for each probe
   */
  INDArray captured(long samples, ProbeRows.Order rows) {
    return inTime(samples, rows == ProbeRows.Order.PROBE_BY_PROBE)
        .castTo(TensorReader.readableType(values.dataType()))
        .dup('c');
  }

  private INDArray inTime(long samples, boolean probeByProbe) {
    long rows = values.size(0);
    if (values.rank() != 2 || rows == samples || rows % samples != 0) {
      return order.channelsFirst(values);
    }
    char first = probeByProbe ? 'c' : 'f';
    INDArray steps = values.dup(first).reshape(first, samples, rows / samples, values.size(1));
    return ChannelOrder.LAST.channelsFirst(steps);
  }
}
