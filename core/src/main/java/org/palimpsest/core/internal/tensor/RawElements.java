package org.palimpsest.core.internal.tensor;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.indexer.DoubleIndexer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Copies stretches of the memory of a tensor that is no view: many elements at once. */
final class RawElements {

  /** To look at memory as a buffer costs as much as to copy this many elements one by one. */
  private static final int FEW = 256;

  private final INDArray tensor;

  RawElements(INDArray tensor) {
    this.tensor = tensor;
  }

  void get(long from, float[] target, int at, int count) {
    if (count < FEW) {
      ((FloatIndexer) tensor.data().indexer()).get(from, target, at, count);
    } else {
      floats(from, count).get(target, at, count);
    }
  }

  void get(long from, double[] target, int at, int count) {
    if (count < FEW) {
      ((DoubleIndexer) tensor.data().indexer()).get(from, target, at, count);
    } else {
      doubles(from, count).get(target, at, count);
    }
  }

  void put(long to, float[] values, int at, int count) {
    if (count < FEW) {
      ((FloatIndexer) tensor.data().indexer()).put(to, values, at, count);
    } else {
      floats(to, count).put(values, at, count);
    }
  }

  void put(long to, double[] values, int at, int count) {
    if (count < FEW) {
      ((DoubleIndexer) tensor.data().indexer()).put(to, values, at, count);
    } else {
      doubles(to, count).put(values, at, count);
    }
  }

  private FloatBuffer floats(long from, int count) {
    return at(FloatPointer.class, from, count).asByteBuffer().asFloatBuffer();
  }

  private DoubleBuffer doubles(long from, int count) {
    return at(DoublePointer.class, from, count).asByteBuffer().asDoubleBuffer();
  }

  private <P extends Pointer> P at(Class<P> type, long from, int count) {
    if (from < 0 || from + count > tensor.length()) {
      throw new IndexOutOfBoundsException(
          "Elements %s to %s of a tensor of %s.".formatted(from, from + count, tensor.length()));
    }
    P elements = tensor.data().pointer().getPointer(type, from);
    elements.capacity(count);
    return elements;
  }
}
