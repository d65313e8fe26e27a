package org.palimpsest.similarity.pairwise;

import java.io.Serializable;

/** A long vector of numbers, one for each pair of samples, however it is stored. */
public interface PairVector extends Serializable {

  int length();

  /** Puts entries {@code from … from + count − 1} into the target, from index 0. */
  void read(int from, int count, double[] target);

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
