package org.palimpsest.io.internal.isolation;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.tensor.Backend;
import org.palimpsest.core.tensor.TensorReader;

/** A tensor as its type, its shape and its bytes in memory, for a process on the same machine. */
final class RawTensor {

  private static final int BLOCK = 1 << 18;

  private RawTensor() {}

  static void write(INDArray tensor, DataOutputStream out) throws IOException {
    DataType type = TensorReader.readableType(tensor.dataType());
    INDArray typed = tensor.castTo(type);
    boolean plain = typed.ordering() == 'c' && !typed.isView() && typed.offset() == 0;
    INDArray whole = plain ? typed : typed.dup('c');
    out.writeBoolean(type == DataType.DOUBLE);
    out.writeInt(whole.rank());
    for (long extent : whole.shape()) {
      out.writeLong(extent);
    }
    byte[] block = new byte[BLOCK];
    try (BytePointer bytes = new BytePointer(whole.data().pointer())) {
      long total = whole.length() * type.width();
      for (long at = 0; at < total; at += BLOCK) {
        int count = (int) Math.min(BLOCK, total - at);
        bytes.position(at).get(block, 0, count);
        out.write(block, 0, count);
      }
    }
  }

  static INDArray read(DataInputStream in) throws IOException {
    Backend.require();
    DataType type = in.readBoolean() ? DataType.DOUBLE : DataType.FLOAT;
    long[] shape = new long[in.readInt()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = in.readLong();
    }
    INDArray tensor = Nd4j.createUninitialized(type, shape, 'c');
    byte[] block = new byte[BLOCK];
    try (BytePointer bytes = new BytePointer(tensor.data().pointer())) {
      long total = tensor.length() * type.width();
      for (long at = 0; at < total; at += BLOCK) {
        int count = (int) Math.min(BLOCK, total - at);
        in.readFully(block, 0, count);
        bytes.position(at).put(block, 0, count);
      }
    }
    return tensor;
  }
}
