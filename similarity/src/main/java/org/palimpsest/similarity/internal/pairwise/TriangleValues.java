package org.palimpsest.similarity.internal.pairwise;

import java.io.IOException;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.measure.PreparedInput;
import org.palimpsest.core.measure.PreparedOutput;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.core.tensor.TensorWriter;

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

  /** Puts them aside. */
  void write(PreparedOutput out) throws IOException;

  /** Takes up what was put aside. */
  static TriangleValues read(PreparedInput in) throws IOException {
    return in.readBoolean() ? new Floats(in.readFloats()) : new Doubles(in.readDoubles());
  }

  /**
   * Room for so many numbers.
   *
   * @param type {@link DataType#FLOAT} or {@link DataType#DOUBLE}
   * @throws org.palimpsest.core.PalimpsestException if the heap has no room for them
   */
  static TriangleValues allocate(DataType type, long count, RepresentationInfo info, String what) {
    return type == DataType.FLOAT
        ? new Floats(PairStorage.floats(count, info, what))
        : new Doubles(PairStorage.doubles(count, info, what));
  }

  /** These numbers themselves, not a copy. */
  static TriangleValues of(double[] values) {
    return new Doubles(values);
  }

  /** In float64. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
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
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
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
}
