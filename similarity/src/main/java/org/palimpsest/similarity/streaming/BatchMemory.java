package org.palimpsest.similarity.streaming;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorWriter;

/** Tensors kept from one batch to the next: to make new ones costs as much as half the products. */
final class BatchMemory {

  private final List<INDArray> tensors = new ArrayList<>();

  /** The tensor for one layer, its values left over from another batch. */
  INDArray of(int layer, DataType type, int rows, int columns) {
    while (tensors.size() <= layer) {
      tensors.add(TensorWriter.create(type, rows, columns).tensor());
    }
    INDArray known = tensors.get(layer);
    if (known.rows() != rows || known.columns() != columns) {
      known.close();
      tensors.set(layer, TensorWriter.create(type, rows, columns).tensor());
    }
    return tensors.get(layer);
  }
}
