package org.palimpsest.similarity.internal.pairwise;

import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.tensor.TensorWriter;

/** A long vector of numbers, one for each pair of samples, however it is stored. */
public interface PairVector {

  int length();

  /** Puts entries {@code from … from + count − 1} into the target, from index 0. */
  void read(int from, int count, double[] target);

  /** Writes entries {@code from … from + count − 1} to a place in a tensor. */
  default void copy(int from, int count, TensorWriter target, long to) {
    double[] piece = new double[count];
    read(from, count, piece);
    target.write(to, piece, count);
  }

  /** In which products with it are computed. */
  default DataType type() {
    return DataType.DOUBLE;
  }

  /** The vector v · scale. */
  static PairVector of(TriangleValues values, double scale) {
    return new PairVector() {
      @Override
      public int length() {
        return values.length();
      }

      @Override
      public DataType type() {
        return values.type();
      }

      @Override
      public void copy(int from, int count, TensorWriter target, long to) {
        values.copy(from, count, scale, target, to);
      }

      @Override
      public void read(int from, int count, double[] target) {
        values.read(from, count, target);
        for (int k = 0; k < count; k++) {
          target[k] *= scale;
        }
      }
    };
  }

  /** The vector (v − shift) · scale. */
  static PairVector of(double[] values, double shift, double scale) {
    return new PairVector() {
      @Override
      public int length() {
        return values.length;
      }

      @Override
      public void read(int from, int count, double[] target) {
        for (int k = 0; k < count; k++) {
          target[k] = (values[from + k] - shift) * scale;
        }
      }
    };
  }

  /** The vector (v − shift) · scale. */
  static PairVector of(int[] values, double shift, double scale) {
    return new PairVector() {
      @Override
      public int length() {
        return values.length;
      }

      @Override
      public void read(int from, int count, double[] target) {
        for (int k = 0; k < count; k++) {
          target[k] = (values[from + k] - shift) * scale;
        }
      }
    };
  }
}
