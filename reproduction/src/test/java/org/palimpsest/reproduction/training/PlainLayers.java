package org.palimpsest.reproduction.training;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The layers of a two-dimensional U-Net as plain loops over (n, c, h, w). */
final class PlainLayers {

  private static final double EPSILON = 1e-5;

  private PlainLayers() {}

  /** Stride 1, padded with zeros to the same size. */
  static INDArray convolution(INDArray input, NetworkState state, String path) {
    float[] weight = state.tensors().get(path + ".weight");
    float[] bias = state.tensors().get(path + ".bias");
    int inputs = (int) input.size(1);
    int outputs = bias.length;
    int kernel = (int) Math.round(Math.sqrt(weight.length / (double) (inputs * outputs)));
    INDArray output = Nd4j.create(input.size(0), outputs, input.size(2), input.size(3));
    for (int o = 0; o < outputs; o++) {
      for (int y = 0; y < input.size(2); y++) {
        for (int x = 0; x < input.size(3); x++) {
          double sum = bias[o];
          for (int i = 0; i < inputs; i++) {
            for (int k = 0; k < kernel * kernel; k++) {
              int row = y + k / kernel - kernel / 2;
              int column = x + k % kernel - kernel / 2;
              if (row >= 0 && row < input.size(2) && column >= 0 && column < input.size(3)) {
                double w = weight[(o * inputs + i) * kernel * kernel + k];
                sum += w * input.getDouble(0, i, row, column);
              }
            }
          }
          output.putScalar(new int[] {0, o, y, x}, sum);
        }
      }
    }
    return output;
  }

  static INDArray batchNormalisation(INDArray input, NetworkState state, String path) {
    float[] mean = state.tensors().get(path + ".running_mean");
    float[] variance = state.tensors().get(path + ".running_var");
    float[] scale = state.tensors().get(path + ".weight");
    float[] shift = state.tensors().get(path + ".bias");
    INDArray output = Nd4j.create(input.shape());
    for (int c = 0; c < input.size(1); c++) {
      double factor = scale[c] / Math.sqrt(variance[c] + EPSILON);
      for (int y = 0; y < input.size(2); y++) {
        for (int x = 0; x < input.size(3); x++) {
          double value = (input.getDouble(0, c, y, x) - mean[c]) * factor + shift[c];
          output.putScalar(new int[] {0, c, y, x}, value);
        }
      }
    }
    return output;
  }

  static INDArray relu(INDArray input) {
    INDArray output = input.dup('c');
    for (long i = 0; i < output.length(); i++) {
      output.putScalar(i, Math.max(0, input.getDouble(i)));
    }
    return output;
  }

  /** The greatest of each 2×2 square. */
  static INDArray halved(INDArray input) {
    INDArray output =
        Nd4j.create(input.size(0), input.size(1), input.size(2) / 2, input.size(3) / 2);
    for (int c = 0; c < input.size(1); c++) {
      for (int y = 0; y < output.size(2); y++) {
        for (int x = 0; x < output.size(3); x++) {
          double most = Double.NEGATIVE_INFINITY;
          for (int k = 0; k < 4; k++) {
            most = Math.max(most, input.getDouble(0, c, 2 * y + k / 2, 2 * x + k % 2));
          }
          output.putScalar(new int[] {0, c, y, x}, most);
        }
      }
    }
    return output;
  }

  /** A transposed convolution of kernel and stride 2. */
  static INDArray doubled(INDArray input, NetworkState state, String path) {
    float[] weight = state.tensors().get(path + ".weight");
    float[] bias = state.tensors().get(path + ".bias");
    INDArray output = Nd4j.create(input.size(0), bias.length, 2 * input.size(2), 2 * input.size(3));
    for (int o = 0; o < bias.length; o++) {
      for (int y = 0; y < output.size(2); y++) {
        for (int x = 0; x < output.size(3); x++) {
          double sum = bias[o];
          for (int i = 0; i < input.size(1); i++) {
            double w = weight[(i * bias.length + o) * 4 + y % 2 * 2 + x % 2];
            sum += w * input.getDouble(0, i, y / 2, x / 2);
          }
          output.putScalar(new int[] {0, o, y, x}, sum);
        }
      }
    }
    return output;
  }
}
