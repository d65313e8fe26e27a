package org.palimpsest.similarity.internal.pairwise;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.representation.Representation;

/** One number for each pair of samples and room for some more, kept in float32 or float64. */
public sealed interface TriangleValues {

  int length();

  DataType type();

  /** Puts entries {@code from … from + count − 1} into the target, from index 0. */
  void read(int from, int count, double[] target);

  /** Writes entries {@code from … from + count − 1}, times a factor, to a place in a tensor. */
  void copy(int from, int count, double factor, TensorWriter target, long to);

  /** Overwrites entries {@code to … to + count − 1} by those of the source from an index on. */
  void write(int to, double[] source, int from, int count);

  /**
   * The median of all entries of a symmetric n × n matrix with zeros on the diagonal and no
   * negative entry, whose strict upper triangle these values begin with. Cost: linear, unless most
   * of them are nearly equal.
   */
  default double medianOfSymmetricMatrix(int n) {
    return Median.ofSymmetricMatrix(this, n);
  }

  /**
   * Value k, counted from 0, of the first {@code length} ones in ascending order, none negative.
   */
  default double smallest(int length, int k) {
    return Median.smallest(this, length, k);
  }

  /** Writes them to the spill file. */
  void write(PreparedOutput out) throws IOException;

  /** Reads what {@link #write(PreparedOutput)} wrote. */
  static TriangleValues read(PreparedInput in) throws IOException {
    return in.readBoolean() ? new Floats(in.readFloats()) : new Doubles(in.readDoubles());
  }

  /**
   * Room for so many numbers.
   *
   * @param type {@link DataType#FLOAT} or {@link DataType#DOUBLE}
   * @throws org.palimpsest.core.PalimpsestException if the heap has no room for them
   */
  static TriangleValues allocate(DataType type, long count, Representation.Info info, String what) {
    return type == DataType.FLOAT
        ? new Floats(PairStorage.floats(count, info, what))
        : new Doubles(PairStorage.doubles(count, info, what));
  }

  /** These numbers themselves, not a copy. */
  static TriangleValues of(double[] values) {
    return new Doubles(values);
  }

  /** In float64. */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  record Doubles(double[] values) implements TriangleValues {

    @Override
    public int length() {
      return values.length;
    }

    @Override
    public DataType type() {
      return DataType.DOUBLE;
    }

    @Override
    public void read(int from, int count, double[] target) {
      System.arraycopy(values, from, target, 0, count);
    }

    @Override
    public void copy(int from, int count, double factor, TensorWriter target, long to) {
      double[] piece = new double[count];
      for (int k = 0; k < count; k++) {
        piece[k] = values[from + k] * factor;
      }
      target.write(to, piece, count);
    }

    @Override
    public void write(int to, double[] source, int from, int count) {
      System.arraycopy(source, from, values, to, count);
    }

    @Override
    public void write(PreparedOutput out) throws IOException {
      out.writeBoolean(false);
      out.writeDoubles(values);
    }
  }

  /** In float32. */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  record Floats(float[] values) implements TriangleValues {

    @Override
    public int length() {
      return values.length;
    }

    @Override
    public DataType type() {
      return DataType.FLOAT;
    }

    @Override
    public void read(int from, int count, double[] target) {
      for (int k = 0; k < count; k++) {
        target[k] = values[from + k];
      }
    }

    @Override
    public void copy(int from, int count, double factor, TensorWriter target, long to) {
      float single = (float) factor;
      float[] piece = new float[count];
      for (int k = 0; k < count; k++) {
        piece[k] = values[from + k] * single;
      }
      target.write(to, piece, count);
    }

    @Override
    public void write(int to, double[] source, int from, int count) {
      for (int k = 0; k < count; k++) {
        values[to + k] = (float) source[from + k];
      }
    }

    @Override
    public void write(PreparedOutput out) throws IOException {
      out.writeBoolean(true);
      out.writeFloats(values);
    }
  }

  /**
   * Medians by counting: the leading digits of float32 put every value into a bin, no bin above the
   * next one, and only the values of the bin in the middle are sorted. Cost: linear, unless most
   * values share a bin.
   */
  static final class Median {

    /** All of a non-negative float32 but its sign and the last 15 digits of its mantissa. */
    private static final int BINS = 1 << 16;

    private static final int DROPPED_BITS = 15;
    private static final int PARTS = 8;
    private static final int PIECE = 1 << 12;

    private Median() {}

    /**
     * The median of all entries of a symmetric n × n matrix with zeros on the diagonal and no
     * negative entry.
     *
     * @param triangle holds its strict upper triangle first; what follows is not looked at
     */
    static double ofSymmetricMatrix(TriangleValues triangle, int n) {
      int pairs = n * (n - 1) / 2;
      long entries = (long) n * n;
      long upper = entries / 2;
      if (entries % 2 == 1) {
        return upper < n ? 0 : smallest(triangle, pairs, rank(upper, n));
      }
      if (upper < n) {
        return 0;
      }
      int rank = rank(upper, n);
      if (upper - 1 < n) {
        return smallest(triangle, pairs, rank) / 2;
      }
      return sumOf(triangle, pairs, rank(upper - 1, n), rank) / 2;
    }

    /** Of entry k in ascending order among the pairs: n zeros come first, then each pair twice. */
    private static int rank(long k, int n) {
      return (int) ((k - n) / 2);
    }

    /** Value k, counted from 0, of the first {@code length} values in ascending order. */
    static double smallest(TriangleValues values, int length, int k) {
      return sumOf(values, length, k, k) / 2;
    }

    /** The sum of value k and value m, m the same or the next. */
    private static double sumOf(TriangleValues values, int length, int k, int m) {
      int[] counts = counts(values, length);
      int first = 0;
      int below = 0;
      while (below + counts[first] <= k) {
        below += counts[first++];
      }
      int last = first;
      int notAbove = below + counts[first];
      while (notAbove <= m) {
        notAbove += counts[++last];
      }
      double[] within = within(values, length, first, last);
      Arrays.parallelSort(within);
      return within[k - below] + within[m - below];
    }

    private static int bin(double value) {
      return Float.floatToRawIntBits((float) (value + 0.0)) >>> DROPPED_BITS;
    }

    /** How many values lie in each bin. */
    private static int[] counts(TriangleValues values, int length) {
      List<int[]> parts = parts().mapToObj(part -> counts(values, length, part)).toList();
      int[] counts = new int[BINS];
      for (int[] ofPart : parts) {
        for (int bin = 0; bin < BINS; bin++) {
          counts[bin] += ofPart[bin];
        }
      }
      return counts;
    }

    private static int[] counts(TriangleValues values, int length, int part) {
      int[] counts = new int[BINS];
      double[] piece = new double[PIECE];
      for (int from = bound(length, part); from < bound(length, part + 1); from += PIECE) {
        int count = Math.min(PIECE, bound(length, part + 1) - from);
        values.read(from, count, piece);
        for (int k = 0; k < count; k++) {
          counts[bin(piece[k])]++;
        }
      }
      return counts;
    }

    /** The values in some successive bins. */
    private static double[] within(TriangleValues values, int length, int first, int last) {
      return parts()
          .mapToObj(part -> within(values, length, first, last, part))
          .reduce(Median::joined)
          .orElseThrow();
    }

    private static double[] joined(double[] some, double[] others) {
      double[] all = Arrays.copyOf(some, some.length + others.length);
      System.arraycopy(others, 0, all, some.length, others.length);
      return all;
    }

    /** One comparison, which a processor foresees, where two would be a toss of a coin. */
    private static double[] within(
        TriangleValues values, int length, int first, int last, int part) {
      double[] piece = new double[PIECE];
      double[] found = new double[PIECE];
      int size = 0;
      for (int from = bound(length, part); from < bound(length, part + 1); from += PIECE) {
        int count = Math.min(PIECE, bound(length, part + 1) - from);
        values.read(from, count, piece);
        for (int k = 0; k < count; k++) {
          if (Integer.compareUnsigned(bin(piece[k]) - first, last - first) <= 0) {
            found = size < found.length ? found : Arrays.copyOf(found, 2 * size);
            found[size++] = piece[k];
          }
        }
      }
      return Arrays.copyOf(found, size);
    }

    private static IntStream parts() {
      return IntStream.range(0, PARTS).parallel();
    }

    /** Where a part of the values begins. */
    private static int bound(int length, int part) {
      return (int) ((long) length * part / PARTS);
    }
  }
}
