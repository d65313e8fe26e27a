package org.palimpsest.core.evolution;

import java.util.List;
import org.palimpsest.core.weights.Weights;

/** Compares the weights of two checkpoints layer by layer, on the same axes as representations. */
public interface WeightComparison {

  /** Tells it from others, with its parameters. */
  String name();

  /** The names of its figures. */
  List<String> measures();

  /**
   * One figure of one layer.
   *
   * @param layer the layer's path
   * @param measure one of {@link #measures()}
   */
  record LayerFigure(String layer, String measure, Figure figure) {}

  /** The figures of the layers that both have; a layer may lack some. */
  List<LayerFigure> compare(Weights a, Weights b);
}
