package org.palimpsest.io.internal.onnxruntime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.platform.Fp16Conversions;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.Locale;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;

/** Copies tensors between ONNX Runtime and ND4J. */
final class OnnxTensors {

  /** Larger ones are rounded to infinity. */
  private static final double LARGEST_HALF = 65519;

  private OnnxTensors() {}

  /** Whether the first axis is that of the probes, and there are numbers. */
  static boolean hasRows(OnnxTensor tensor, long samples) {
    long[] shape = tensor.getInfo().getShape();
    return shape.length > 0
        && shape[0] == samples
        && Arrays.stream(shape).noneMatch(extent -> extent == 0);
  }

  /** A copy: float64 stays, narrower floating types become float32. */
  static INDArray toNd4j(String layer, OnnxTensor tensor) {
    long[] shape = tensor.getInfo().getShape();
    if (tensor.getInfo().type == OnnxJavaType.DOUBLE) {
      INDArray copy = Nd4j.createUninitialized(DataType.DOUBLE, shape, 'c');
      copy.data().asNioDouble().put(tensor.getDoubleBuffer());
      return copy;
    }
    FloatBuffer values = tensor.getFloatBuffer();
    if (values == null) {
      throw new PalimpsestException(
          "Layer '%s' is of the type %s, which is not read."
              .formatted(layer, tensor.getInfo().type));
    }
    INDArray copy = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
    copy.data().asNioFloat().put(values);
    return copy;
  }

  /** The probes in the type that the network takes. */
  static OnnxTensor of(
      OrtEnvironment environment, INDArray probes, OnnxJavaType type, String source)
      throws OrtException {
    long[] shape = probes.shape();
    INDArray plain = probes.dup('c');
    requireFitting(plain, type);
    return switch (type) {
      case FLOAT ->
          OnnxTensor.createTensor(environment, FloatBuffer.wrap(plain.data().asFloat()), shape);
      case DOUBLE ->
          OnnxTensor.createTensor(environment, DoubleBuffer.wrap(plain.data().asDouble()), shape);
      case INT64 ->
          OnnxTensor.createTensor(environment, LongBuffer.wrap(plain.data().asLong()), shape);
      case INT32 ->
          OnnxTensor.createTensor(environment, IntBuffer.wrap(plain.data().asInt()), shape);
      case FLOAT16 ->
          OnnxTensor.createTensor(
              environment, halves(plain.data().asFloat()), shape, OnnxJavaType.FLOAT16);
      default ->
          throw new PalimpsestException(
              "%s takes values of the type %s, which probes cannot be shown as. Export it with an input of float32."
                  .formatted(source, type));
    };
  }

  /** A cast would cut off fractions and make infinity of what is too large. */
  private static void requireFitting(INDArray probes, OnnxJavaType type) {
    double most =
        switch (type) {
          case INT64 -> 0x1p63 - 0x1p10;
          case INT32 -> Integer.MAX_VALUE;
          case FLOAT16 -> LARGEST_HALF;
          case FLOAT -> Float.MAX_VALUE;
          default -> Double.MAX_VALUE;
        };
    boolean areSingle = probes.dataType() == DataType.FLOAT;
    if (most == Double.MAX_VALUE || areSingle && type == OnnxJavaType.FLOAT) {
      return;
    }
    boolean whole = type == OnnxJavaType.INT64 || type == OnnxJavaType.INT32;
    for (long i = 0; i < probes.length(); i++) {
      double value = probes.data().getDouble(i);
      boolean fits =
          whole
              ? value == Math.rint(value) && Math.abs(value) <= most
              : !Double.isFinite(value) || Math.abs(value) <= most;
      if (!fits) {
        throw new PalimpsestException(
            "The network takes its input as %s, which cannot hold %s, a value of these probes. Show it probes of that type's range%s."
                .formatted(
                    type.toString().toLowerCase(Locale.ROOT),
                    value,
                    whole ? ", whole numbers" : ""));
      }
    }
  }

  private static ShortBuffer halves(float[] values) {
    return Fp16Conversions.convertFloatBufferToFp16Buffer(FloatBuffer.wrap(values));
  }
}
