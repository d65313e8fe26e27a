package org.palimpsest.io.dl4j;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;

/**
 * What a vertex of a graph is set to, held against what it is given. DL4J notices some of it in
 * native code, which prints.
 */
record VertexSettings(String name, GraphVertex vertex) {

  private static final int SEQUENCE = 3;

  static VertexSettings of(ComputationGraphConfiguration graph, String name) {
    return new VertexSettings(name, Objects.requireNonNull(graph.getVertices().get(name), name));
  }

  boolean reshapes() {
    return vertex instanceof ReshapeVertex;
  }

  boolean fixesRows() {
    return vertex instanceof ReshapeVertex reshape
        && reshape.getNewShape().length > 0
        && reshape.getNewShape()[0] >= 0;
  }

  /**
   * Looks at the settings alone.
   *
   * @throws PalimpsestException if they make no sense for so many probes
   */
  void require(long samples) {
    if (vertex instanceof SubsetVertex part && part.getFrom() > part.getTo()) {
      throw refused(
          "takes the features from %d to %d, and the first of these is larger"
              .formatted(part.getFrom(), part.getTo()));
    }
    if (fixesRows() && vertex instanceof ReshapeVertex reshape) {
      int[] shape = reshape.getNewShape();
      if (shape[0] != samples) {
        throw refused(
            "reshapes to %s, whose %d rows are not those of %d probes: only -1 there fits any number of them"
                .formatted(Arrays.toString(shape), shape[0], samples));
      }
    }
  }

  /**
   * Looks at what it is given.
   *
   * @throws PalimpsestException if that cannot be put together
   */
  void requireFit(List<INDArray> inputs) {
    if (vertex instanceof MergeVertex merge) {
      int rank = inputs.get(0).rank();
      int axis = merge.getMergeAxis() < 0 ? merge.getMergeAxis() + rank : merge.getMergeAxis();
      if (axis == 0 && inputs.size() > 1) {
        throw refused("merges along axis 0, which is that of the probes");
      }
      requireAlike(inputs, axis);
    } else if (vertex instanceof StackVertex && inputs.get(0).rank() != SEQUENCE) {
      requireAlike(inputs, 0);
    }
  }

  private void requireAlike(List<INDArray> inputs, int axis) {
    long[] wanted = inputs.get(0).shape();
    for (INDArray input : inputs) {
      long[] shape = input.shape();
      boolean alike = shape.length == wanted.length;
      for (int i = 0; alike && i < shape.length; i++) {
        alike = i == axis || shape[i] == wanted[i];
      }
      if (!alike) {
        throw refused(
            "joins the shapes %s and %s along axis %d, where all others must be the same"
                .formatted(Arrays.toString(wanted), Arrays.toString(shape), axis));
      }
    }
  }

  private PalimpsestException refused(String why) {
    return new PalimpsestException("Vertex '%s' %s.".formatted(name, why));
  }
}
