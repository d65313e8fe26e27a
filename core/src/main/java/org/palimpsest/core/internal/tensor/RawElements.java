package org.palimpsest.core.internal.tensor;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.indexer.DoubleIndexer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Copies stretches of the memory of a tensor that is no view: many elements at once. */
final class RawElements {

  /** To look at memory as a buffer costs as much as to copy this many elements one by one. */
  private static final int FEW = 256;

  private final INDArray tensor;

  /** All of the tensor, once that was asked for; none if it is too large for a buffer. */
  private volatile @Nullable FloatBuffer allFloats;

  private volatile @Nullable DoubleBuffer allDoubles;

  RawElements(INDArray tensor) {
    this.tensor = tensor;
  }

  void get(long from, float[] target, int at, int count) {
    require(from, count);
    if (tensor.length() < FEW) {
      ((FloatIndexer) tensor.data().indexer()).get(from, target, at, count);
    } else if (fits(Float.BYTES)) {
      allFloats().get((int) from, target, at, count);
    } else {
      bytes(FloatPointer.class, from, count).asFloatBuffer().get(target, at, count);
    }
  }

  void get(long from, double[] target, int at, int count) {
    require(from, count);
    if (tensor.length() < FEW) {
      ((DoubleIndexer) tensor.data().indexer()).get(from, target, at, count);
    } else if (fits(Double.BYTES)) {
      allDoubles().get((int) from, target, at, count);
    } else {
      bytes(DoublePointer.class, from, count).asDoubleBuffer().get(target, at, count);
    }
  }

  void put(long to, float[] values, int at, int count) {
    require(to, count);
    if (tensor.length() < FEW) {
      ((FloatIndexer) tensor.data().indexer()).put(to, values, at, count);
    } else if (fits(Float.BYTES)) {
      allFloats().put((int) to, values, at, count);
    } else {
      bytes(FloatPointer.class, to, count).asFloatBuffer().put(values, at, count);
    }
  }

  void put(long to, double[] values, int at, int count) {
    require(to, count);
    if (tensor.length() < FEW) {
      ((DoubleIndexer) tensor.data().indexer()).put(to, values, at, count);
    } else if (fits(Double.BYTES)) {
      allDoubles().put((int) to, values, at, count);
    } else {
      bytes(DoublePointer.class, to, count).asDoubleBuffer().put(values, at, count);
    }
  }

  private boolean fits(int bytesEach) {
    return tensor.length() <= Integer.MAX_VALUE / bytesEach;
  }

  private FloatBuffer allFloats() {
    FloatBuffer known = allFloats;
    if (known == null) {
      known = bytes(FloatPointer.class, 0, tensor.length()).asFloatBuffer();
      allFloats = known;
    }
    return known;
  }

  private DoubleBuffer allDoubles() {
    DoubleBuffer known = allDoubles;
    if (known == null) {
      known = bytes(DoublePointer.class, 0, tensor.length()).asDoubleBuffer();
      allDoubles = known;
    }
    return known;
  }

  private <P extends Pointer> ByteBuffer bytes(Class<P> type, long from, long count) {
    P elements = tensor.data().pointer().getPointer(type, from);
    elements.capacity(count);
    return elements.asByteBuffer();
  }

  private void require(long from, int count) {
    if (tensor.wasClosed()) {
      throw new IllegalStateException("The tensor was closed.");
    }
    if (from < 0 || from + count > tensor.length()) {
      throw new IndexOutOfBoundsException(
          "Elements %s to %s of a tensor of %s.".formatted(from, from + count, tensor.length()));
    }
  }
}
