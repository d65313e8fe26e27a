package org.palimpsest.io.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.tensor.Backend;
import org.palimpsest.core.tensor.TensorReader;

/** Moves tensors between ND4J and DJL by way of their memory, without a Java array between. */
final class TensorExchange {

  private TensorExchange() {}

  /**
   * A copy for DJL, float32 or float64.
   *
   * @throws PalimpsestException if it takes 2 GB or more
   */
  static NDArray toDjl(INDArray tensor, NDManager manager) {
    org.nd4j.linalg.api.buffer.DataType type = TensorReader.readableType(tensor.dataType());
    INDArray typed = tensor.dataType() == type ? tensor : tensor.castTo(type);
    boolean plain = typed.ordering() == 'c' && !typed.isView() && typed.offset() == 0;
    INDArray contiguous = plain ? typed : typed.dup('c');
    DataType djlType =
        type == org.nd4j.linalg.api.buffer.DataType.FLOAT ? DataType.FLOAT32 : DataType.FLOAT64;
    long bytes = contiguous.length() * djlType.getNumOfBytes();
    requireBelow2Gb("the probes of one batch", bytes);
    ByteBuffer buffer = manager.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
    Pointer.memcpy(new BytePointer(buffer), contiguous.data().addressPointer(), bytes);
    return manager.create(buffer, new Shape(tensor.shape()), djlType);
  }

  /**
   * A copy for ND4J.
   *
   * @param layer what it is, for messages
   * @param array float32 or float64, on the CPU
   * @throws PalimpsestException if it takes 2 GB or more
   */
  static INDArray toNd4j(String layer, NDArray array) {
    Backend.require();
    long bytes = array.size() * array.getDataType().getNumOfBytes();
    requireBelow2Gb("layer '" + layer + "'", bytes);
    INDArray tensor =
        Nd4j.createUninitialized(
            array.getDataType() == DataType.FLOAT64
                ? org.nd4j.linalg.api.buffer.DataType.DOUBLE
                : org.nd4j.linalg.api.buffer.DataType.FLOAT,
            array.getShape().getShape(),
            'c');
    ByteBuffer buffer = array.toByteBuffer(true);
    Pointer.memcpy(tensor.data().addressPointer(), new BytePointer(buffer), bytes);
    return tensor;
  }

  private static void requireBelow2Gb(String what, long bytes) {
    if (bytes > Integer.MAX_VALUE) {
      throw new PalimpsestException(
          "One batch of %s takes %d bytes, and 2 GB is the most: use a smaller batch."
              .formatted(what, bytes));
    }
  }
}
