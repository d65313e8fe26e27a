package org.palimpsest.similarity.internal.linalg;

import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.representation.Representation;

/** What linear measures need of one layer alone, Xc being its centred features by its scale. */
public interface LinearSide {

  Representation.Info info();

  /** What Xc must be multiplied by to have the layer's own size. */
  double scale();

  /** |Xc|². */
  double squaredNorm();

  /** |Xc| over the norm of the layer with its means: the share of its size that is variation. */
  double spread();

  /** In which type the layer came: float32 or float64. */
  DataType cameAs();

  /** |Xc'Xc|². */
  double selfProduct();

  /** The squared singular values of Xc, descending. */
  double[] squaredSingularValues();

  /** Axes of all that the features span, of their numerical rank. */
  Axes axes(RankTolerance tolerance);

  /** Axes of the first k principal components, or of all if there are fewer. */
  Axes principalAxes(int k);
}
