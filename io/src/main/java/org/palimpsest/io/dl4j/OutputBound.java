package org.palimpsest.io.dl4j;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.capture.ChannelOrder;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/**
 * Holds what a layer will answer against the memory there is, before DL4J asks for it: a small
 * configuration can merge and resize to any size.
 *
 * @param bytes what may be held
 */
record OutputBound(long bytes) {

  /** What DL4J computes, the copy of it, and what is kept, of at least four bytes an element. */
  private static final int BYTES_PER_ELEMENT = 16;

  private static final int SHARE_OF_MACHINE = 2;
  private static final long MEGABYTE = 1L << 20;

  static OutputBound of(RunLimits limits) {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long machine = system.getTotalMemorySize() / SHARE_OF_MACHINE;
    return new OutputBound(Math.min(machine, limits.memory().bytes()));
  }

  /** Some make no more than they are given; DL4J tells of the parts of images a count below 0. */
  void require(String name, GraphVertex vertex, List<OrderedTensor> inputs) {
    // What DL4J tells of these is wrong, or less than what they give.
    if (vertex instanceof MergeVertex
        || vertex instanceof StackVertex
        || vertex instanceof ReshapeVertex
        || vertex instanceof SubsetVertex) {
      requireRoom(name, inputs.stream().mapToLong(input -> input.values().length()).sum());
    } else {
      require(name, inputs, types -> vertex.getOutputType(0, types));
    }
  }

  void require(String name, Layer layer, OrderedTensor input) {
    require(name, List.of(input), types -> layer.getOutputType(0, types[0]));
  }

  private void require(
      String name, List<OrderedTensor> inputs, Function<InputType[], InputType> output) {
    long elements;
    try {
      InputType[] types = inputs.stream().map(OutputBound::type).toArray(InputType[]::new);
      elements = output.apply(types).arrayElementsPerExample();
    } catch (RuntimeException told) {
      return; // when the layer runs, DL4J says what it does not take
    }
    long samples = inputs.get(0).values().size(0);
    boolean overflow = elements < 0 || elements > Long.MAX_VALUE / Math.max(1, samples);
    requireRoom(name, overflow ? Long.MAX_VALUE : elements * samples);
  }

  private void requireRoom(String name, long elements) {
    if (elements > bytes / BYTES_PER_ELEMENT) {
      throw new PalimpsestException(
          "Layer '%s' would answer %s numbers at once, more than the %s MB of memory that may be used can hold. Show the network fewer or smaller probes at once, or allow more memory."
              .formatted(name, elements, bytes / MEGABYTE));
    }
  }

  private static InputType type(OrderedTensor tensor) {
    INDArray values = tensor.values();
    boolean last = tensor.order() == ChannelOrder.LAST;
    int rank = values.rank();
    long channels = values.size(last ? rank - 1 : 1);
    int space = last ? 1 : 2;
    return switch (rank) {
      case 2 -> InputType.feedForward(channels);
      case 3 ->
          InputType.recurrent(channels, values.size(space), last ? RNNFormat.NWC : RNNFormat.NCW);
      case 4 ->
          InputType.convolutional(
              values.size(space),
              values.size(space + 1),
              channels,
              last ? CNN2DFormat.NHWC : CNN2DFormat.NCHW);
      case 5 ->
          InputType.convolutional3D(
              last ? Convolution3D.DataFormat.NDHWC : Convolution3D.DataFormat.NCDHW,
              values.size(space),
              values.size(space + 1),
              values.size(space + 2),
              channels);
      default -> throw new IllegalArgumentException("rank " + rank);
    };
  }
}
