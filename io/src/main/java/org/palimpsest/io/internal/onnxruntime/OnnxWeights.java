package org.palimpsest.io.internal.onnxruntime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.binary.Allocation;
import org.palimpsest.io.internal.binary.HalfPrecision;
import org.palimpsest.io.internal.binary.Shapes;
import org.palimpsest.io.internal.capture.RunNames;
import org.palimpsest.io.internal.onnx.OnnxGraph;
import org.palimpsest.io.internal.onnx.OnnxModel;
import org.palimpsest.io.internal.onnx.OnnxNode;
import org.palimpsest.io.internal.onnx.OnnxTensorInfo;

/**
 * The tensors that an ONNX model stores: as initialisers, as constants, and in files beside it.
 * ONNX Runtime is not needed.
 *
 * <p>Those of floating types, under their names in the file. Exporters fold normalisation into
 * convolutions and give what comes of it names of their own, such as {@code onnx::Conv_32}.
 * Integers behind {@code DequantizeLinear} are weights, too: their values are the integers less
 * their zero point, times their scale. Other quantised tensors are named in the provenance.
 */
public final class OnnxWeights {

  private static final int BLOCK = 8192;
  private static final String DEQUANTIZE = "DequantizeLinear";

  private OnnxWeights() {}

  /**
   * Reads them.
   *
   * @throws PalimpsestException if the file is no ONNX model, is damaged, or holds none
   */
  public static Weights read(Path file) {
    OnnxModel model = OnnxModel.read(file);
    return InputFiles.bounded(
        file, () -> of(model.provenance(), InputFiles.nameWithout(".onnx", file), model.graph()));
  }

  static Weights of(Provenance provenance, String name, OnnxGraph graph) {
    Reader reader = new Reader(provenance.origin(), graph);
    List<WeightTensor> tensors = reader.tensors();
    if (tensors.isEmpty() && !reader.leftOut.isEmpty()) {
      throw new PalimpsestException(
          "%s holds no weights that can be read; left out: %s."
              .formatted(provenance.origin(), String.join(", ", reader.leftOut)));
    }
    List<String> notes = new ArrayList<>(provenance.notes());
    if (!reader.leftOut.isEmpty()) {
      notes.add("left out: " + String.join(", ", reader.leftOut));
    }
    return Weights.of(
        new Provenance(provenance.origin(), provenance.sha256(), notes), name, tensors);
  }

  private static Map<String, LayerKind> kinds(OnnxGraph graph) {
    Map<String, LayerKind> kinds = new HashMap<>();
    for (OnnxNode node : graph.allNodes()) {
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
      case "Gemm" ->
          node.integers().getOrDefault("transB", 0L) != 0 ? LayerKind.LINEAR : LayerKind.OTHER;
      default -> LayerKind.OTHER;
    };
  }

  /** What is left out is known when all tensors were read. */
  private static final class Reader {

    private final String file;
    private final List<OnnxTensorInfo> stored;
    private final Map<String, OnnxTensorInfo> byName = new HashMap<>();
    private final Map<String, OnnxNode> dequantised = new HashMap<>();
    private final Set<String> dequantisedInTwoWays = new HashSet<>();
    private final Map<String, LayerKind> kinds;
    private final Set<String> scales;
    private final Set<String> constants = new HashSet<>();
    private final List<String> leftOut = new ArrayList<>();

    Reader(String file, OnnxGraph graph) {
      this.file = file;
      this.stored = graph.storedTensors();
      this.kinds = kinds(graph);
      this.scales = graph.namesOfScales();
      graph.allNodes().stream()
          .filter(node -> node.constant() != null)
          .forEach(node -> constants.addAll(node.outputs()));
      stored.forEach(tensor -> byName.putIfAbsent(tensor.name(), tensor));
      graph.allNodes().stream()
          .filter(node -> node.operation().equals(DEQUANTIZE) && node.inputs().size() > 1)
          .forEach(this::addDequantising);
      graph.sparse().forEach(name -> leftOut.add("'%s' (sparse)".formatted(name)));
    }

    private void addDequantising(OnnxNode node) {
      OnnxNode other = dequantised.putIfAbsent(node.inputs().get(0), node);
      if (other != null
          && !(other.inputs().equals(node.inputs()) && other.integers().equals(node.integers()))) {
        dequantisedInTwoWays.add(node.inputs().get(0));
      }
    }

    List<WeightTensor> tensors() {
      List<WeightTensor> tensors = new ArrayList<>();
      RunNames names = new RunNames();
      for (OnnxTensorInfo tensor : stored) {
        if (tensor.elements() == 0 || scales.contains(tensor.name()) || isSetting(tensor)) {
          continue;
        }
        if (dequantisedInTwoWays.contains(tensor.name())) {
          leftOut.add("'%s' (%s, with several scales)".formatted(tensor.name(), tensor.typeName()));
          continue;
        }
        OnnxNode dequantising = dequantised.get(tensor.name());
        if (tensor.isFloating()) {
          LayerKind kind = kinds.getOrDefault(tensor.name(), LayerKind.OTHER);
          tensors.add(read(file, tensor.named(names.next(tensor.name())), kind));
        } else if (dequantising != null && canDequantise(tensor, dequantising)) {
          tensors.add(dequantise(tensor.named(names.next(tensor.name())), dequantising));
        } else if (dequantising != null || tensor.isQuantised()) {
          leftOut.add(
              "'%s' (%s, %s)".formatted(tensor.name(), tensor.typeName(), whyNot(dequantising)));
        }
      }
      return tensors;
    }

    private static String whyNot(@Nullable OnnxNode dequantising) {
      if (dequantising == null) {
        return "without a scale";
      }
      return dequantising.integers().getOrDefault("block_size", 0L) == 0
          ? "whose scale is not stored or does not fit"
          : "with a scale for each block";
    }

    /** A single number that an operation gives, such as a slope or a factor. */
    private boolean isSetting(OnnxTensorInfo tensor) {
      return tensor.shape().isEmpty() && constants.contains(tensor.name());
    }

    private boolean canDequantise(OnnxTensorInfo tensor, OnnxNode node) {
      OnnxTensorInfo scale = byName.get(node.inputs().get(1));
      OnnxTensorInfo zero = zeroOf(node);
      int axis = axis(tensor, node);
      return tensor.isInteger()
          && tensor.content() != null
          && scale != null
          && scale.isFloating()
          && scale.content() != null
          && node.integers().getOrDefault("block_size", 0L) == 0
          && fits(tensor, scale, axis)
          && (zero == null
              ? node.inputs().size() < 3 || node.inputs().get(2).isEmpty()
              : zero.isInteger() && zero.content() != null && zero.elements() == scale.elements());
    }

    private static boolean fits(OnnxTensorInfo tensor, OnnxTensorInfo scale, int axis) {
      return scale.elements() == 1
          || scale.shape().size() == 1
              && axis >= 0
              && axis < tensor.shape().size()
              && scale.elements() == tensor.shape().get(axis);
    }

    private @Nullable OnnxTensorInfo zeroOf(OnnxNode node) {
      return node.inputs().size() < 3 ? null : byName.get(node.inputs().get(2));
    }

    private static int axis(OnnxTensorInfo tensor, OnnxNode node) {
      long axis = node.integers().getOrDefault("axis", 1L);
      return (int) (axis < 0 ? axis + tensor.shape().size() : axis);
    }

    private WeightTensor dequantise(OnnxTensorInfo tensor, OnnxNode node) {
      double[] scale = numbers(Objects.requireNonNull(byName.get(node.inputs().get(1))));
      OnnxTensorInfo zero = zeroOf(node);
      double[] zeros = zero == null ? new double[scale.length] : numbers(zero);
      long below = scale.length == 1 ? tensor.elements() : numbersBelow(tensor, axis(tensor, node));
      LayerKind kind = kinds.getOrDefault(node.outputs().get(0), LayerKind.OTHER);
      return read(
          file,
          tensor,
          kind,
          (value, at) -> {
            int channel = (int) (at / below % scale.length);
            return (float) (value - zeros[channel]) * (float) scale[channel];
          });
    }

    private static long numbersBelow(OnnxTensorInfo tensor, int axis) {
      return tensor.shape().stream().skip(axis + 1L).reduce(1L, (a, b) -> a * b);
    }

    private static double[] numbers(OnnxTensorInfo tensor) {
      ByteBuffer content =
          ByteBuffer.wrap(Objects.requireNonNull(tensor.content())).order(ByteOrder.LITTLE_ENDIAN);
      double[] numbers = new double[(int) tensor.elements()];
      Arrays.setAll(numbers, i -> next(content, tensor.type()));
      return numbers;
    }
  }

  /** What a stored number means, by its place. */
  private interface Meaning {
    double of(double stored, long place);
  }

  private static WeightTensor read(String file, OnnxTensorInfo tensor, LayerKind kind) {
    return read(file, tensor, kind, (value, at) -> value);
  }

  private static WeightTensor read(
      String file, OnnxTensorInfo tensor, LayerKind kind, Meaning meaning) {
    Shapes.requireRank(tensor.shape().size(), "%s: tensor '%s'".formatted(file, tensor.name()));
    byte[] bytes = tensor.content();
    long count = tensor.elements();
    if (bytes == null || bytes.length != tensor.bytes()) {
      throw new PalimpsestException(
          "%s: tensor '%s' of the shape %s is stored in a way that is not read (%s bytes)."
              .formatted(file, tensor.name(), tensor.shape(), lengthOf(bytes)));
    }
    boolean wide = tensor.type() == OnnxTensorInfo.DOUBLE;
    TensorWriter writer =
        Allocation.tensor(
            file + ": '" + tensor.name() + "'",
            wide ? DataType.DOUBLE : DataType.FLOAT,
            tensor.dimensions());
    ByteBuffer content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    double[] block = new double[(int) Math.min(BLOCK, count)];
    for (long from = 0; from < count; from += block.length) {
      int size = (int) Math.min(block.length, count - from);
      for (int i = 0; i < size; i++) {
        block[i] = meaning.of(next(content, tensor.type()), from + i);
      }
      writer.write(from, block, size);
    }
    String type = tensor.isFloating() ? tensor.typeName() : tensor.typeName() + " times scale";
    return new WeightTensor(tensor.name(), writer.tensor(), type, kind);
  }

  private static String lengthOf(byte @Nullable [] bytes) {
    return bytes == null ? "no" : String.valueOf(bytes.length);
  }

  private static double next(ByteBuffer content, int type) {
    return switch (type) {
      case OnnxTensorInfo.DOUBLE -> content.getDouble();
      case OnnxTensorInfo.FLOAT16 -> HalfPrecision.toFloat(content.getShort());
      case OnnxTensorInfo.BFLOAT16 -> HalfPrecision.bfloatToFloat(content.getShort());
      case OnnxTensorInfo.INT8 -> content.get();
      case OnnxTensorInfo.UINT8 -> content.get() & 0xff;
      case OnnxTensorInfo.INT16 -> content.getShort();
      case OnnxTensorInfo.UINT16 -> content.getShort() & 0xffff;
      case OnnxTensorInfo.INT32 -> content.getInt();
      default -> content.getFloat();
    };
  }
}
