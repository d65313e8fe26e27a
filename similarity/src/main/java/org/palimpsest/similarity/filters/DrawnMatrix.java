package org.palimpsest.similarity.filters;

import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.similarity.weights.FilterBank;

/**
 * The matrix that a start draws a layer's weights as: what lies along the first axis of the file is
 * a row. Of a transposed convolution these are the input channels, of all others the filters.
 *
 * @param groups of a transposed convolution; 1 of all others
 * @param inputs of each group of a transposed convolution; 1 of all others
 * @param outputs of each group
 * @param size the weights of one input and output
 */
record DrawnMatrix(int groups, int inputs, int outputs, int size) {

  static DrawnMatrix of(FilterBank.Layout layout) {
    return layout.kind() == LayerKind.TRANSPOSED_CONVOLUTION
        ? new DrawnMatrix(
            layout.groups(),
            layout.inputChannels(),
            layout.filters() / layout.groups(),
            layout.kernelSize())
        : ofFilters(layout.filters(), layout.weightsPerFilter());
  }

  static DrawnMatrix ofFilters(int filters, int weights) {
    return new DrawnMatrix(filters, 1, 1, weights);
  }

  int rows() {
    return groups * inputs;
  }

  int columns() {
    return outputs * size;
  }

  /** The matrix, of weights filter after filter. */
  double[] ofFilters(double[] filters) {
    return arranged(filters, true);
  }

  /** Weights filter after filter, of the matrix. */
  double[] toFilters(double[] matrix) {
    return arranged(matrix, false);
  }

  private double[] arranged(double[] values, boolean toMatrix) {
    double[] arranged = new double[values.length];
    for (int group = 0; group < groups; group++) {
      for (int input = 0; input < inputs; input++) {
        for (int output = 0; output < outputs; output++) {
          int ofMatrix = ((group * inputs + input) * outputs + output) * size;
          int ofFilters = ((group * outputs + output) * inputs + input) * size;
          System.arraycopy(
              values,
              toMatrix ? ofFilters : ofMatrix,
              arranged,
              toMatrix ? ofMatrix : ofFilters,
              size);
        }
      }
    }
    return arranged;
  }

  boolean isOrthogonal(double[] filters) {
    double[] matrix = ofFilters(filters);
    FilterProducts.giveSquaresRoom(matrix, 0, matrix.length);
    return Orthogonal.is(matrix, rows(), columns());
  }
}
