package org.palimpsest.io.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.Backend;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.binary.Shapes;
import org.palimpsest.io.internal.torchscript.StateTensors;

/** Copies tensors between DJL and ND4J. */
final class Tensors {

  private static final long MOST_BYTES = Integer.MAX_VALUE;

  private Tensors() {}

  /** A tensor of DJL with the same values, of the given floating type, or of its own if whole. */
  static NDArray toDjl(NDManager manager, INDArray tensor, DataType floating) {
    Shape shape = new Shape(tensor.shape());
    return switch (tensor.dataType()) {
      case INT -> {
        requireSize("The probes", tensor.shape(), Integer.BYTES);
        yield manager.create(tensor.dup('c').data().asInt(), shape);
      }
      case LONG -> {
        requireSize("The probes", tensor.shape(), Long.BYTES);
        yield manager.create(tensor.dup('c').data().asLong(), shape);
      }
      default -> floatingToDjl(manager, tensor, floating);
    };
  }

  /** A tensor of one dimension with such numbers. */
  static NDArray toDjl(NDManager manager, StateTensors.Numbers numbers) {
    byte[] bytes = numbers.bytes();
    DataType type =
        switch (numbers.type()) {
          case FLOAT64 -> DataType.FLOAT64;
          case FLOAT32 -> DataType.FLOAT32;
          case FLOAT16 -> DataType.FLOAT16;
          case INT64 -> DataType.INT64;
          case INT32 -> DataType.INT32;
          case INT8 -> DataType.INT8;
          case UINT8 -> DataType.UINT8;
          case BOOL -> DataType.BOOLEAN;
          default -> throw new IllegalArgumentException(String.valueOf(numbers.type()));
        };
    ByteBuffer direct =
        ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.LITTLE_ENDIAN).put(bytes).flip();
    return manager.create(direct, new Shape(bytes.length / numbers.type().size()), type);
  }

  private static NDArray floatingToDjl(NDManager manager, INDArray tensor, DataType floating) {
    boolean wide = floating == DataType.FLOAT64;
    requireSize("The probes", tensor.shape(), wide ? Double.BYTES : Float.BYTES);
    INDArray plain = typed(tensor, wide).dup('c');
    Shape shape = new Shape(tensor.shape());
    NDArray copy =
        wide
            ? manager.create(plain.data().asDouble(), shape)
            : manager.create(plain.data().asFloat(), shape);
    return copy.getDataType() == floating ? copy : copy.toType(floating, false);
  }

  private static INDArray typed(INDArray tensor, boolean wide) {
    return tensor.castTo(
        wide
            ? org.nd4j.linalg.api.buffer.DataType.DOUBLE
            : org.nd4j.linalg.api.buffer.DataType.FLOAT);
  }

  /** A copy in ND4J: float64 stays, whole numbers become float64, all else float32. */
  static INDArray toNd4j(String layer, NDArray array) {
    Backend.require();
    boolean wide = isWide(array.getDataType());
    long[] shape = array.getShape().getShape();
    Shapes.requireRank(shape.length, "Layer '" + layer + "'");
    requireSize("Layer '" + layer + "'", shape, wide ? Double.BYTES : Float.BYTES);
    if (array.getShape().size() == 0) {
      throw new PalimpsestException(
          "Layer '" + layer + "' is empty: its shape is " + Arrays.toString(shape) + ".");
    }
    DataType type = wide ? DataType.FLOAT64 : DataType.FLOAT32;
    if (array.getDataType() == type) {
      return copy(array, shape, wide);
    }
    try (NDArray converted = array.toType(type, true)) {
      return copy(converted, shape, wide);
    }
  }

  private static boolean isWide(DataType type) {
    return type == DataType.FLOAT64 || type.isInteger();
  }

  private static INDArray copy(NDArray array, long[] shape, boolean wide) {
    ByteBuffer bytes = array.toByteBuffer(true).order(ByteOrder.nativeOrder());
    if (wide) {
      INDArray copy =
          Nd4j.createUninitialized(org.nd4j.linalg.api.buffer.DataType.DOUBLE, shape, 'c');
      copy.data().asNioDouble().put(bytes.asDoubleBuffer());
      return copy;
    }
    INDArray copy = Nd4j.createUninitialized(org.nd4j.linalg.api.buffer.DataType.FLOAT, shape, 'c');
    copy.data().asNioFloat().put(bytes.asFloatBuffer());
    return copy;
  }

  private static void requireSize(String what, long[] shape, int bytesPerElement) {
    long most = MOST_BYTES / bytesPerElement;
    if (new Shape(shape).size() > most) {
      throw new PalimpsestException(
          "%s with the shape %s in one batch: more than 2 GB, which DJL cannot hand over. Show fewer probes at once."
              .formatted(what, Arrays.toString(shape)));
    }
  }
}
