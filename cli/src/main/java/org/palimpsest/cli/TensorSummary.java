package org.palimpsest.cli;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleConsumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;
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
  private static final double TINY = 1e-140;
  private static final double HUGE = 1e140;

  static TensorSummary of(WeightTensor tensor) {
    INDArray values = tensor.values();
    double count = values.length();
    double unit = unitOf(largest(values));
    double[] first = sums(values, unit, 0);
    double mean = first[0] / count;
    double squaresAboutMean = sums(values, unit, mean)[1];
    return new TensorSummary(
        tensor.name(),
        Arrays.stream(values.shape()).boxed().toList(),
        tensor.dtype(),
        unit * mean,
        unit * Math.sqrt(squaresAboutMean / count),
        unit * Math.sqrt(first[1]));
  }

  boolean isFinite() {
    return Double.isFinite(mean) && Double.isFinite(deviation) && Double.isFinite(norm);
  }

  /**
   * A power of two by which values are divided so that their squares neither overflow nor vanish.
   */
  private static double unitOf(double largest) {
    boolean squaresAreSafe = largest == 0 || (largest > TINY && largest < HUGE);
    return squaresAreSafe || !Double.isFinite(largest)
        ? 1
        : Math.scalb(1.0, Math.getExponent(largest));
  }

  private static double largest(INDArray values) {
    double[] largest = new double[1];
    read(values, value -> largest[0] = Math.max(largest[0], Math.abs(value)));
    return largest[0];
  }

  /** The sums of deviations from a centre and of their squares, in a unit. */
  private static double[] sums(INDArray values, double unit, double centre) {
    double[] sums = new double[2];
    read(
        values,
        value -> {
          double deviation = value / unit - centre;
          sums[0] += deviation;
          sums[1] += deviation * deviation;
        });
    return sums;
  }

  private static void read(INDArray values, DoubleConsumer receiver) {
    TensorReader reader = TensorReader.of(values);
    for (long from = 0; from < values.length(); from += BLOCK) {
      double[] block = new double[(int) Math.min(BLOCK, values.length() - from)];
      reader.read(from, block);
      for (double value : block) {
        receiver.accept(value);
      }
    }
  }
}
