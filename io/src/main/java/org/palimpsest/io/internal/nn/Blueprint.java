package org.palimpsest.io.internal.nn;

import org.palimpsest.io.internal.graph.Value;

/** A network that is known but for its weights. */
public interface Blueprint {

  /** The channels of the images that it takes. */
  long inputs();

  /**
   * The channels of the images where the file may have others than the description says.
   *
   * @param network the network's own place, with its state dict
   */
  default long inputs(Scope network) {
    return inputs();
  }

  /** How many axes its images have: 2 for planes, 3 for volumes. */
  int axes();

  /**
   * Adds its layers to a graph and declares its outputs.
   *
   * @param network the network's own place, with its state dict
   */
  void build(Scope network, Value images);

  /** A network of one output. */
  static Blueprint of(long inputs, int axes, Layer layers) {
    return new Blueprint() {
      @Override
      public long inputs() {
        return inputs;
      }

      @Override
      public int axes() {
        return axes;
      }

      @Override
      public void build(Scope network, Value images) {
        network.graph().output(layers.apply(network, images));
      }
    };
  }
}
