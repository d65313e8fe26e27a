package org.palimpsest.core.tensor;

import org.bytedeco.javacpp.indexer.DoubleIndexer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.bytedeco.javacpp.indexer.Indexer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Fills a new tensor in C order, of float32 or float64, of any size. */
public final class TensorWriter {

  private final INDArray tensor;
  private final Indexer elements;

  private TensorWriter(INDArray tensor) {
    this.tensor = tensor;
    this.elements = tensor.data().indexer();
  }

  /**
   * @param type {@link DataType#FLOAT} or {@link DataType#DOUBLE}
   * @param shape its shape, no dimension zero
   */
  public static TensorWriter create(DataType type, long... shape) {
    Backend.require();
    return new TensorWriter(Nd4j.createUninitialized(type, shape, 'c'));
  }

  /** Puts {@code values[0 .. count)} at the {@code to}-th element and those after it. */
  public void write(long to, double[] values, int count) {
    if (elements instanceof FloatIndexer floats) {
      for (int i = 0; i < count; i++) {
        floats.put(to + i, (float) values[i]);
      }
    } else {
      ((DoubleIndexer) elements).put(to, values, 0, count);
    }
  }

  /** The tensor itself. Every element must have been written. */
  public INDArray tensor() {
    return tensor;
  }
}
