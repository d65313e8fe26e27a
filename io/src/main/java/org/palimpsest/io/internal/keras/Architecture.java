package org.palimpsest.io.internal.keras;

import java.util.List;

/** A network of layers as its configuration describes it. */
sealed interface Architecture {

  String name();

  List<Layer> layers();

  /**
   * Layers one after the other.
   *
   * @param name empty if the file gives none
   * @param inputShape what it was built with, if the file tells; the samples first
   */
  record Sequential(String name, List<Layer> layers, List<Long> inputShape)
      implements Architecture {
    public Sequential {
      layers = List.copyOf(layers);
      inputShape = List.copyOf(inputShape);
    }
  }

  /**
   * Layers whose calls name where their tensors come from.
   *
   * @param inputs the input layers in their order
   * @param outputs its results in their order
   */
  record Functional(
      String name, List<Layer> layers, List<Argued.Reference> inputs, List<Result> outputs)
      implements Architecture {
    public Functional {
      layers = List.copyOf(layers);
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
    }
  }

  /**
   * A result of a functional network.
   *
   * @param label what it is called, or its place
   */
  record Result(String label, Argued.Reference source) {}
}
