package org.palimpsest.core.internal.tensor;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.Backend;

/** Fills a new tensor in C order, of float32 or float64, of any size. */
public final class TensorWriter {

  private static final int BLOCK = 1 << 13;

  private final INDArray tensor;
  private final RawElements elements;
  private final boolean single;

  private TensorWriter(INDArray tensor) {
    this.tensor = tensor;
    this.elements = new RawElements(tensor);
    this.single = tensor.dataType() == DataType.FLOAT;
  }

  /**
   * @param type {@link DataType#FLOAT} or {@link DataType#DOUBLE}
   * @param shape its shape, no dimension zero
   */
  public static TensorWriter create(DataType type, long... shape) {
    Backend.require();
    return new TensorWriter(Nd4j.createUninitialized(type, shape, 'c'));
  }

  /**
   * Overwrites a tensor.
   *
   * @param tensor of float32 or float64, in C order and no view
   */
  public static TensorWriter into(INDArray tensor) {
    return new TensorWriter(tensor);
  }

  /** Puts {@code values[0 .. count)} at the {@code to}-th element and those after it. */
  public void write(long to, double[] values, int count) {
    if (!single) {
      elements.put(to, values, 0, count);
      return;
    }
    float[] block = new float[Math.min(count, BLOCK)];
    for (int done = 0; done < count; done += block.length) {
      int next = Math.min(block.length, count - done);
      for (int i = 0; i < next; i++) {
        block[i] = (float) values[done + i];
      }
      elements.put(to + done, block, 0, next);
    }
  }

  /** The same from float32. */
  public void write(long to, float[] values, int count) {
    if (single) {
      elements.put(to, values, 0, count);
      return;
    }
    double[] block = new double[Math.min(count, BLOCK)];
    for (int done = 0; done < count; done += block.length) {
      int next = Math.min(block.length, count - done);
      for (int i = 0; i < next; i++) {
        block[i] = values[done + i];
      }
      elements.put(to + done, block, 0, next);
    }
  }

  /** The tensor itself. Every element must have been written. */
  public INDArray tensor() {
    return tensor;
  }
}
