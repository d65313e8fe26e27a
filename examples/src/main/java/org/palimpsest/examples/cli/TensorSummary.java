package org.palimpsest.examples.cli;

import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.core.weights.WeightTensor;

/**
 * A tensor in a few figures, summed in float64; they are NaN if a value is not finite.
 *
 * @param shape as in the file
 * @param dtype its type in the file
 * @param mean of all values
 * @param deviation the standard deviation of all values, divided by their number (as NumPy does)
 * @param norm the square root of the sum of squares
 */
record TensorSummary(
    String name, List<Long> shape, String dtype, double mean, double deviation, double norm) {

  private static final int BLOCK = 8192;

  static TensorSummary of(WeightTensor tensor) {
    INDArray values = tensor.values();
    double count = values.length();
    double[] first = sums(values, 0);
    double mean = first[0] / count;
    double squaresAboutMean = sums(values, mean)[1];
    return new TensorSummary(
        tensor.name(),
        Arrays.stream(values.shape()).boxed().toList(),
        tensor.dtype(),
        mean,
        Math.sqrt(squaresAboutMean / count),
        Math.sqrt(first[1]));
  }

  boolean isFinite() {
    return Double.isFinite(mean) && Double.isFinite(deviation) && Double.isFinite(norm);
  }

  /** The sums of deviations from a centre and of their squares. */
  private static double[] sums(INDArray values, double centre) {
    TensorReader reader = TensorReader.of(values);
    double[] sums = new double[2];
    for (long from = 0; from < values.length(); from += BLOCK) {
      double[] block = new double[(int) Math.min(BLOCK, values.length() - from)];
      reader.read(from, block);
      for (double value : block) {
        sums[0] += value - centre;
        sums[1] += (value - centre) * (value - centre);
      }
    }
    return sums;
  }
}
