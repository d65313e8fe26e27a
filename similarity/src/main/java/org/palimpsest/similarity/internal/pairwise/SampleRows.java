package org.palimpsest.similarity.internal.pairwise;

import java.io.IOException;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.representation.Representation;

/**
 * The samples of one representation as rows of float64 in memory, so that they can be centred and
 * scaled without loss before any product.
 *
 * <p>Every operation gives new rows. Memory: 8np bytes.
 */
public final class SampleRows {

  private final Representation.Info info;
  private final int count;
  private final int width;
  private final double[] values;

  private SampleRows(Representation.Info info, int count, int width, double[] values) {
    this.info = info;
    this.count = count;
    this.width = width;
    this.values = values;
  }

  /**
   * Copies the matrix of a representation.
   *
   * @throws PalimpsestException if it holds more values than one Java array can
   */
  public static SampleRows of(Representation representation) {
    return of(representation.info(), representation.matrix());
  }

  /** Copies a matrix that was made of a representation and has as many rows. */
  public static SampleRows of(Representation.Info info, INDArray matrix) {
    double[] values = PairStorage.doubles(matrix.length(), info, "its own values in float64");
    TensorReader.of(matrix).read(0, values);
    return new SampleRows(info, (int) matrix.rows(), (int) matrix.columns(), values);
  }

  public Representation.Info info() {
    return info;
  }

  /** n, the number of rows. */
  public int count() {
    return count;
  }

  /** p, the length of a row. */
  public int width() {
    return width;
  }

  public double get(int row, int column) {
    return values[row * width + column];
  }

  /** The rows with these indices, in this order. */
  public SampleRows select(int[] rows) {
    double[] chosen = new double[rows.length * width];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(values, rows[i] * width, chosen, i * width, width);
    }
    return new SampleRows(info, rows.length, width, chosen);
  }

  /** The mean row. */
  public double[] mean() {
    double[] mean = new double[width];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < width; j++) {
        mean[j] += values[i * width + j];
      }
    }
    for (int j = 0; j < width; j++) {
      mean[j] /= count;
    }
    return mean;
  }

  /** The rows less their mean; subtracted twice, so that large means leave no trace. */
  public SampleRows centred() {
    return minus(mean()).minusOwnMean();
  }

  private SampleRows minusOwnMean() {
    return minus(mean());
  }

  private SampleRows minus(double[] row) {
    double[] shifted = new double[values.length];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < width; j++) {
        shifted[i * width + j] = values[i * width + j] - row[j];
      }
    }
    return new SampleRows(info, count, width, shifted);
  }

  /** Each row less the mean of its own entries. */
  public SampleRows eachCentred() {
    double[] shifted = values.clone();
    for (int i = 0; i < count; i++) {
      for (int pass = 0; pass < 2; pass++) {
        double mean = 0;
        for (int j = 0; j < width; j++) {
          mean += shifted[i * width + j];
        }
        mean /= width;
        for (int j = 0; j < width; j++) {
          shifted[i * width + j] -= mean;
        }
      }
    }
    return new SampleRows(info, count, width, shifted);
  }

  /** The rows divided by the given positive number. */
  public SampleRows dividedBy(double divisor) {
    double[] scaled = new double[values.length];
    for (int k = 0; k < values.length; k++) {
      scaled[k] = values[k] / divisor;
    }
    return new SampleRows(info, count, width, scaled);
  }

  /** The largest absolute value. */
  public double largest() {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /**
   * The power of two nearest below the largest absolute value, 1 if all are zero: dividing by it
   * loses no digit and keeps squares from overflowing or vanishing.
   */
  public double powerOfTwoScale() {
    double largest = largest();
    return largest == 0 ? 1 : Math.scalb(1.0, Math.getExponent(largest));
  }

  /** The largest absolute value in one row. */
  public double largestIn(int row) {
    double largest = 0;
    for (int j = 0; j < width; j++) {
      largest = Math.max(largest, Math.abs(values[row * width + j]));
    }
    return largest;
  }

  /**
   * Each row divided by its euclidean norm.
   *
   * @throws PalimpsestException if a row is all zero, naming it; {@code meaning} says what that
   *     means, as in "is all zero and has no direction"
   */
  public SampleRows normalised(String meaning) {
    double[] unit = new double[values.length];
    for (int i = 0; i < count; i++) {
      double largest = largestIn(i);
      if (largest == 0) {
        throw new PalimpsestException(
            "Sample %s of layer '%s' (%s samples × %s features) %s. Leave such samples out, or use a measure of euclidean distances."
                .formatted(i, info.layer(), count, width, meaning));
      }
      double norm = largest * Math.sqrt(squaredNorm(i, largest));
      for (int j = 0; j < width; j++) {
        unit[i * width + j] = values[i * width + j] / norm;
      }
    }
    return new SampleRows(info, count, width, unit);
  }

  private double squaredNorm(int row, double scale) {
    double sum = 0;
    for (int j = 0; j < width; j++) {
      double value = values[row * width + j] / scale;
      sum += value * value;
    }
    return sum;
  }

  /** The squared euclidean norm of one row. */
  public double squaredNorm(int row) {
    return squaredNorm(row, 1);
  }

  /** The squared euclidean distance of two rows, taken entry by entry. */
  public double squaredDistance(int a, int b) {
    double sum = 0;
    for (int j = 0; j < width; j++) {
      double difference = values[a * width + j] - values[b * width + j];
      sum += difference * difference;
    }
    return sum;
  }

  /** The inner product of one row with a row of the same width. */
  public double product(int row, double[] other) {
    double sum = 0;
    for (int j = 0; j < width; j++) {
      sum += values[row * width + j] * other[j];
    }
    return sum;
  }

  /** The inner product of two rows. */
  public double product(int a, int b) {
    double sum = 0;
    for (int j = 0; j < width; j++) {
      sum += values[a * width + j] * values[b * width + j];
    }
    return sum;
  }

  /** Whether all rows are the same. */
  public boolean allEqual() {
    return IntStream.range(width, values.length).allMatch(k -> values[k] == values[k - width]);
  }

  /** Whether two rows are the same. */
  boolean equal(int a, int b) {
    return IntStream.range(0, width).allMatch(j -> values[a * width + j] == values[b * width + j]);
  }

  /** A hash of one row; equal rows have equal hashes. */
  int hash(int row) {
    int hash = 1;
    for (int j = 0; j < width; j++) {
      hash = 31 * hash + Double.hashCode(values[row * width + j] + 0.0);
    }
    return hash;
  }

  /** The rows as an n × p tensor in C order, for products. The caller closes it. */
  public INDArray tensor(DataType type) {
    TensorWriter writer = TensorWriter.create(type, count, width);
    writer.write(0, values, values.length);
    return writer.tensor();
  }

  /** Puts them aside. */
  public void write(PreparedOutput out) throws IOException {
    out.writeInfo(info);
    out.writeInt(count);
    out.writeInt(width);
    out.writeDoubles(values);
  }

  /** Takes up what was put aside. */
  public static SampleRows read(PreparedInput in) throws IOException {
    return new SampleRows(in.readInfo(), in.readInt(), in.readInt(), in.readDoubles());
  }
}
