package org.palimpsest.io.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.core.weights.LayerKind;
import org.palimpsest.core.weights.WeightTensor;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.binary.Allocation;
import org.palimpsest.io.binary.HalfPrecision;
import org.palimpsest.io.binary.Shapes;
import org.palimpsest.io.file.InputFiles;
import org.palimpsest.io.file.Sha256;

/**
 * The tensors that an ONNX file stores. ONNX Runtime is not needed.
 *
 * <p>Those of floating types, under their names in the file. Exporters fold normalisation into
 * convolutions and give what comes of it names of their own, such as {@code onnx::Conv_32}.
 */
public final class OnnxWeights {

  private static final int BLOCK = 8192;

  private OnnxWeights() {}

  /**
   * Reads them.
   *
   * @throws PalimpsestException if the file is no ONNX model, is damaged, or holds none
   */
  public static Weights read(Path file) {
    OnnxGraph graph = OnnxGraph.read(file, OnnxGraph.bytes(file));
    Provenance provenance = new Provenance(file.toString(), Sha256.of(file), List.of());
    return of(provenance, InputFiles.nameWithout(".onnx", file), graph);
  }

  static Weights of(Provenance provenance, String name, OnnxGraph graph) {
    Map<String, LayerKind> kinds = kinds(graph);
    List<WeightTensor> tensors = new ArrayList<>();
    for (OnnxTensorInfo tensor : graph.tensors()) {
      if (tensor.isFloating() && tensor.elements() > 0) {
        LayerKind kind = kinds.getOrDefault(tensor.name(), LayerKind.OTHER);
        tensors.add(read(provenance.origin(), tensor, kind));
      }
    }
    return Weights.of(provenance, name, tensors);
  }

  private static Map<String, LayerKind> kinds(OnnxGraph graph) {
    Map<String, LayerKind> kinds = new HashMap<>();
    for (OnnxNode node : graph.nodes()) {
      LayerKind kind = kindOf(node);
      node.inputs().stream().skip(1).forEach(input -> kinds.putIfAbsent(input, kind));
    }
    return kinds;
  }

  private static LayerKind kindOf(OnnxNode node) {
    return switch (node.operation()) {
      case "Conv" -> LayerKind.CONVOLUTION;
      case "ConvTranspose" -> LayerKind.TRANSPOSED_CONVOLUTION;
      case "BatchNormalization",
          "InstanceNormalization",
          "LayerNormalization",
          "GroupNormalization" ->
          LayerKind.NORMALISATION;
      case "Gemm" -> node.transposesWeight() ? LayerKind.LINEAR : LayerKind.OTHER;
      default -> LayerKind.OTHER;
    };
  }

  private static WeightTensor read(String file, OnnxTensorInfo tensor, LayerKind kind) {
    Shapes.requireRank(tensor.shape().size(), "%s: tensor '%s'".formatted(file, tensor.name()));
    byte[] bytes = tensor.content() == null ? tensor.packed() : tensor.content();
    long count = tensor.elements();
    if (bytes == null || bytes.length != count * tensor.bytesPerElement()) {
      throw new PalimpsestException(
          "%s: tensor '%s' of the shape %s is stored in a way that is not read (%s bytes)."
              .formatted(file, tensor.name(), tensor.shape(), lengthOf(bytes)));
    }
    boolean wide = tensor.type() == OnnxTensorInfo.DOUBLE;
    long[] shape = tensor.shape().isEmpty() ? new long[] {1} : tensor.dimensions();
    TensorWriter writer =
        Allocation.tensor(
            file + ": '" + tensor.name() + "'", wide ? DataType.DOUBLE : DataType.FLOAT, shape);
    ByteBuffer content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    double[] block = new double[(int) Math.min(BLOCK, count)];
    for (long from = 0; from < count; from += block.length) {
      int size = (int) Math.min(block.length, count - from);
      for (int i = 0; i < size; i++) {
        block[i] = next(content, tensor.type());
      }
      writer.write(from, block, size);
    }
    return new WeightTensor(tensor.name(), writer.tensor(), nameOf(tensor.type()), kind);
  }

  private static String lengthOf(byte @Nullable [] bytes) {
    return bytes == null ? "no" : String.valueOf(bytes.length);
  }

  private static double next(ByteBuffer content, int type) {
    return switch (type) {
      case OnnxTensorInfo.DOUBLE -> content.getDouble();
      case OnnxTensorInfo.FLOAT16 -> HalfPrecision.toFloat(content.getShort());
      case OnnxTensorInfo.BFLOAT16 -> HalfPrecision.bfloatToFloat(content.getShort());
      default -> content.getFloat();
    };
  }

  private static String nameOf(int type) {
    return switch (type) {
      case OnnxTensorInfo.DOUBLE -> "float64";
      case OnnxTensorInfo.FLOAT16 -> "float16";
      case OnnxTensorInfo.BFLOAT16 -> "bfloat16";
      default -> "float32";
    };
  }
}
