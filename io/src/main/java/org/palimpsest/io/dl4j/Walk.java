package org.palimpsest.io.dl4j;

import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.io.internal.capture.ChannelOrder;
import org.palimpsest.io.network.LayerOutline;

/** Leads a batch through a network of DL4J, layer by layer, on copies. */
interface Walk {

  /** The type in which the network computes. */
  DataType type();

  /** Gets what a layer answered, as soon as it has run. */
  @FunctionalInterface
  interface Receiver {
    void receive(String layer, OrderedTensor answer);
  }

  /** Whether a vertex reshapes what it is given, and so may put rows into any order. */
  boolean reshapes();

  /** Whether a vertex makes a fixed number of rows, so that it takes a fixed number of probes. */
  boolean fixesRows();

  /** Where the network wants the channels of an input of this rank. */
  ChannelOrder inputOrder(int rank);

  /**
   * Runs every layer once, in evaluation mode.
   *
   * @param bound is asked before a layer runs
   * @return what the network answers, one tensor for each of its outputs
   */
  List<OrderedTensor> forward(OrderedTensor input, Receiver receiver, OutputBound bound);

  /** What DL4J's own {@code output()} says. */
  List<INDArray> output(INDArray input);

  /** The layers in the order in which they run. */
  List<LayerOutline> layers();

  /** The parameters. */
  List<LayerParameter> parameters();
}
