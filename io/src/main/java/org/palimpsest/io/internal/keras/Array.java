package org.palimpsest.io.internal.keras;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.graph.Storage;
import org.palimpsest.io.internal.graph.StoredTensor;

/** A stored array of a layer, as it lies in the file or seen otherwise. */
record Array(StoredTensor stored) {

  List<Long> shape() {
    return stored.shape();
  }

  long extent(int axis) {
    return stored.shape().get(axis);
  }

  int rank() {
    return stored.shape().size();
  }

  /** Its axes in another order. */
  Array permuted(List<Integer> order) {
    List<Long> shape = new ArrayList<>();
    List<Long> strides = new ArrayList<>();
    for (int axis : order) {
      shape.add(stored.shape().get(axis));
      strides.add(stored.strides().get(axis));
    }
    return seen(shape, strides);
  }

  /** Two neighbouring axes as one; the elements of the second lie next to each other. */
  Array merged(int axis) {
    List<Long> shape = new ArrayList<>(stored.shape());
    List<Long> strides = new ArrayList<>(stored.strides());
    shape.set(axis, shape.get(axis) * shape.remove(axis + 1));
    strides.remove(axis);
    return seen(shape, strides);
  }

  /** With an axis of one element more. */
  Array unsqueezed(int axis) {
    List<Long> shape = new ArrayList<>(stored.shape());
    List<Long> strides = new ArrayList<>(stored.strides());
    shape.add(axis, 1L);
    strides.add(axis, 1L);
    return seen(shape, strides);
  }

  /** Its elements, which lie one behind the other, in another shape. */
  Array reshaped(List<Long> shape) {
    return new Array(
        new StoredTensor(
            stored.storage(),
            stored.type(),
            stored.offset(),
            shape,
            StoredTensor.contiguous(stored.storage(), stored.type(), shape).strides()));
  }

  /** The elements of one axis at one place. */
  Array at(int axis, long place) {
    List<Long> shape = new ArrayList<>(stored.shape());
    List<Long> strides = new ArrayList<>(stored.strides());
    shape.remove(axis);
    long offset = stored.offset() + place * strides.remove(axis);
    return new Array(new StoredTensor(stored.storage(), stored.type(), offset, shape, strides));
  }

  /** The same with its elements one behind the other, in the order of its axes. */
  Array gathered() {
    return new Array(
        StoredTensor.contiguous(
            new Gathered(stored, stored.elements() * stored.type().size()),
            stored.type(),
            stored.shape()));
  }

  private Array seen(List<Long> shape, List<Long> strides) {
    return new Array(
        new StoredTensor(stored.storage(), stored.type(), stored.offset(), shape, strides));
  }

  /**
   * The elements turned round along some axes, as Theano's convolution reads a kernel; this array
   * must lie in the file in one piece.
   *
   * @param first the first of these axes
   * @param count how many there are
   */
  Array reversed(int first, int count) {
    long outer = 1;
    long turned = 1;
    long inner = stored.type().size();
    for (int i = 0; i < stored.shape().size(); i++) {
      long extent = stored.shape().get(i);
      if (i < first) {
        outer *= extent;
      } else if (i < first + count) {
        turned *= extent;
      } else {
        inner *= extent;
      }
    }
    List<Long> shape = new ArrayList<>(stored.shape());
    Reversed storage =
        new Reversed(
            stored.storage(),
            Math.toIntExact(outer),
            Math.toIntExact(turned),
            Math.toIntExact(inner));
    return new Array(StoredTensor.contiguous(storage, stored.type(), shape));
  }

  /** The number of an array that holds one. */
  float firstNumber() {
    try (InputStream in = stored.storage().open()) {
      return floats(in).get(0);
    } catch (IOException failure) {
      throw new PalimpsestException(
          stored.storage().name() + " cannot be read: " + InputFiles.reason(failure), failure);
    }
  }

  private static FloatBuffer floats(InputStream in) throws IOException {
    return ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }

  /**
   * The array divided by its norm over all axes but the last, times a gain for each place of that.
   * Both must lie in the file in one piece.
   *
   * @param gains null for the norm itself
   */
  Array normalised(@Nullable Array gains) {
    if (rank() < 2 || gains != null && !gains.shape().equals(List.of(extent(rank() - 1)))) {
      throw new PalimpsestException(
          "%s has the shape %s, and gains of the shape %s are stored for it, where one for each place of its last axis is needed."
              .formatted(stored.storage().name(), shape(), gains == null ? "none" : gains.shape()));
    }
    @Nullable Storage factors = gains == null ? null : gains.stored().storage();
    Normalised storage =
        new Normalised(stored.storage(), factors, Math.toIntExact(extent(rank() - 1)));
    return new Array(StoredTensor.contiguous(storage, stored.type(), shape()));
  }

  /** Weights in parts, as tensorflow-addons' WeightNormalization puts them together. */
  private record Normalised(Storage base, @Nullable Storage gains, int last) implements Storage {

    private static final double LEAST_SQUARE = 1e-12;

    @Override
    public String name() {
      return base.name();
    }

    @Override
    public long bytes() {
      return base.bytes();
    }

    @Override
    public InputStream open() throws IOException {
      FloatBuffer numbers = read(base);
      double[] squares = new double[last];
      for (int i = 0; i < numbers.limit(); i++) {
        squares[i % last] += (double) numbers.get(i) * numbers.get(i);
      }
      double[] factors = factors(squares);
      ByteBuffer bytes =
          ByteBuffer.allocate(Float.BYTES * numbers.limit()).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < numbers.limit(); i++) {
        bytes.putFloat((float) (numbers.get(i) * factors[i % last]));
      }
      return new ByteArrayInputStream(bytes.array());
    }

    private double[] factors(double[] squares) throws IOException {
      @Nullable FloatBuffer given = gains == null ? null : read(gains);
      double[] factors = new double[last];
      for (int i = 0; i < last; i++) {
        double gain = given == null ? Math.sqrt(squares[i]) : given.get(i);
        factors[i] = gain / Math.sqrt(Math.max(squares[i], LEAST_SQUARE));
      }
      return factors;
    }

    private static FloatBuffer read(Storage storage) throws IOException {
      try (InputStream in = storage.open()) {
        return floats(in);
      }
    }
  }

  /** The elements of a view, one behind the other. */
  private record Gathered(StoredTensor view, long bytes) implements Storage {

    @Override
    public String name() {
      return view.storage().name();
    }

    @Override
    public InputStream open() throws IOException {
      byte[] all;
      try (InputStream in = view.storage().open()) {
        all = in.readAllBytes();
      }
      int size = view.type().size();
      byte[] result = new byte[Math.toIntExact(bytes)];
      long[] place = new long[view.shape().size()];
      for (int to = 0; to < result.length; to += size) {
        long from = view.offset();
        for (int axis = 0; axis < place.length; axis++) {
          from += place[axis] * view.strides().get(axis);
        }
        System.arraycopy(all, Math.toIntExact(from * size), result, to, size);
        advance(place);
      }
      return new ByteArrayInputStream(result);
    }

    private void advance(long[] place) {
      int axis = place.length - 1;
      while (axis >= 0 && ++place[axis] == view.shape().get(axis)) {
        place[axis--] = 0;
      }
    }
  }

  /**
   * A whole storage read from its end along the first or the last axes of its array, as Theano's
   * convolution reads a kernel.
   *
   * @param outer into how many pieces the storage falls, which keep their order
   * @param turned how many groups of elements each piece has, which are turned round
   * @param inner how many bytes a group has, which keep their order
   */
  private record Reversed(Storage base, int outer, int turned, int inner) implements Storage {

    @Override
    public String name() {
      return base.name();
    }

    @Override
    public long bytes() {
      return base.bytes();
    }

    @Override
    public InputStream open() throws IOException {
      byte[] all;
      try (InputStream in = base.open()) {
        all = in.readAllBytes();
      }
      byte[] result = new byte[all.length];
      for (int piece = 0; piece < outer; piece++) {
        for (int group = 0; group < turned; group++) {
          int from = (piece * turned + group) * inner;
          int to = (piece * turned + turned - 1 - group) * inner;
          System.arraycopy(all, from, result, to, inner);
        }
      }
      return new ByteArrayInputStream(result);
    }
  }
}
