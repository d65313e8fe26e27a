package org.palimpsest.core.weights;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.internal.tensor.TensorReader;

/**
 * The parameters and buffers of one network at one moment, in the order of its file. Immutable;
 * safe to use from several threads.
 *
 * <p>Readers of files make them ({@code Inputs.weights} of the module {@code io}), as do networks
 * that are in memory. What is compared of them is said by {@code WeightChange}, {@code
 * FilterDistance} and others of the module {@code similarity}, by tensors of equal names.
 *
 * <pre>{@code
 * Weights weights = Weights.of(
 *     Provenance.inMemory("student"),
 *     "student",
 *     List.of(new WeightTensor("enc1.weight", tensor, "float32", LayerKind.CONVOLUTION)));
 * weights.find("enc1.weight").ifPresent(found -> System.out.println(found.values().shapeInfoToString()));
 * }</pre>
 *
 * <p>Values are held once: neither this class nor its copies under other names copy a tensor.
 * Nobody may change one.
 */
public final class Weights {

  private final Provenance provenance;
  private final String name;
  private final Map<String, WeightTensor> byName;

  private Weights(Provenance provenance, String name, Map<String, WeightTensor> byName) {
    this.provenance = provenance;
    this.name = name;
    this.byName = byName;
  }

  /**
   * Weights from tensors.
   *
   * @param provenance where they came from
   * @param name what to call the network in a table or a picture
   * @param tensors at least one, no name twice
   * @throws PalimpsestException if there is none, or a name stands twice
   */
  public static Weights of(Provenance provenance, String name, List<WeightTensor> tensors) {
    if (tensors.isEmpty()) {
      throw new PalimpsestException("'" + name + "' holds no weights.");
    }
    Map<String, WeightTensor> byName = new LinkedHashMap<>();
    for (WeightTensor tensor : tensors) {
      if (byName.put(tensor.name(), tensor) != null) {
        throw new PalimpsestException("'" + name + "' names '" + tensor.name() + "' twice.");
      }
    }
    return new Weights(provenance, name, byName);
  }

  /** Where they came from. */
  public Provenance provenance() {
    return provenance;
  }

  /** What to call the network, such as the name of its file. */
  public String name() {
    return name;
  }

  /** All tensors, in the order of the file, which need not be that in which layers run. */
  public List<WeightTensor> tensors() {
    return List.copyOf(byName.values());
  }

  /**
   * The tensor of this name, if there is one. Takes the same time however many there are.
   *
   * @param tensor its full name, such as {@code enc1.0.weight}; case matters
   */
  public Optional<WeightTensor> find(String tensor) {
    return Optional.ofNullable(byName.get(tensor));
  }

  /**
   * The same weights with a common prefix removed from their names, such as {@code module.} that
   * data-parallel training adds.
   *
   * @throws PalimpsestException if a name does not begin so
   * @param prefix with its last dot
   * @return new names for the same tensors, in the same order
   */
  public Weights withoutPrefix(String prefix) {
    List<WeightTensor> renamed =
        tensors().stream()
            .map(
                t ->
                    new WeightTensor(
                        stripped(t.name(), prefix), t.values(), t.dtype(), t.layerKind()))
            .toList();
    return of(provenance, name, renamed);
  }

  private String stripped(String tensor, String prefix) {
    if (!tensor.startsWith(prefix) || tensor.length() == prefix.length()) {
      throw new PalimpsestException(
          "Tensor '%s' of %s does not begin with '%s'.".formatted(tensor, name, prefix));
    }
    return tensor.substring(prefix.length());
  }

  /**
   * What became of each tensor when weights were loaded into a network by name. Loading never fails
   * silently: what did not find its place is listed, and who loads decides whether a partly loaded
   * network is of use, as when only an encoder is transferred.
   *
   * <pre>{@code
   * LoadReport report = network.load(weights);
   * if (!report.isComplete()) {
   *   System.err.println(report.describe());
   * }
   * }</pre>
   *
   * @param matched the network's tensors that were filled
   * @param missing the network's tensors that the weights do not hold; they kept their values
   * @param unexpected the weights' tensors that the network does not have
   * @param otherShape tensors that both have, with different shapes; the network kept its values
   */
  public record LoadReport(
      List<String> matched,
      List<String> missing,
      List<String> unexpected,
      List<ShapeMismatch> otherShape) {

    /**
     * A tensor that the weights hold in another shape than the network.
     *
     * @param name its name in the network
     * @param network its shape there
     * @param weights its shape in the weights
     */
    public record ShapeMismatch(String name, List<Long> network, List<Long> weights) {

      public ShapeMismatch {
        network = List.copyOf(network);
        weights = List.copyOf(weights);
      }

      /**
       * Of shapes as tensors tell them.
       *
       * @param name its name in the network
       * @param network its shape there
       * @param weights its shape in the weights
       */
      public static ShapeMismatch of(String name, long[] network, long[] weights) {
        return new ShapeMismatch(name, boxed(network), boxed(weights));
      }

      private static List<Long> boxed(long[] shape) {
        return Arrays.stream(shape).boxed().toList();
      }

      @Override
      public String toString() {
        return name + " " + network + " (weights: " + weights + ")";
      }
    }

    public LoadReport {
      matched = List.copyOf(matched);
      missing = List.copyOf(missing);
      unexpected = List.copyOf(unexpected);
      otherShape = List.copyOf(otherShape);
    }

    /** Whether every tensor found its place, on both sides. */
    public boolean isComplete() {
      return missing.isEmpty() && unexpected.isEmpty() && otherShape.isEmpty();
    }

    /**
     * For people, such as {@code 12 matched; missing: fc.weight, fc.bias}; what is empty is left
     * out.
     */
    public String describe() {
      StringBuilder text = new StringBuilder(matched.size() + " matched");
      append(text, "missing", missing);
      append(text, "unexpected", unexpected);
      append(text, "other shape", otherShape);
      return text.toString();
    }

    private static void append(StringBuilder text, String what, List<?> names) {
      if (!names.isEmpty()) {
        List<String> each = names.stream().map(String::valueOf).toList();
        text.append("; ").append(what).append(": ").append(String.join(", ", each));
      }
    }
  }

  /**
   * One named tensor of a network's file: a weight, a bias, or a buffer such as a running mean.
   *
   * <p>Values are those of the file, converted to a floating type; quantised or packed forms are
   * unpacked by the reader that made it. The tensor is not copied and must not be changed.
   *
   * @param name its full name, such as {@code enc1.0.weight}
   * @param values float32 for floating types up to 32 bits, else float64; axes as in the file
   * @param dtype its type in the file, such as {@code float16}
   * @param layerKind what its layer is
   */
  public record WeightTensor(String name, INDArray values, String dtype, LayerKind layerKind) {

    private static final int BLOCK = 1 << 13;
    private static final Pattern INTEGERS = Pattern.compile("(?i)u?int\\d+|bool(ean)?");

    /** The path of the module that owns it: its name up to the last dot. */
    public String layer() {
      int dot = name.lastIndexOf('.');
      return dot < 0 ? "" : name.substring(0, dot);
    }

    /** Its name within its module, such as {@code weight}. */
    public String role() {
      return name.substring(name.lastIndexOf('.') + 1);
    }

    /**
     * Whether its file stores integers or truth values as they are, such as a quantised weight
     * whose scale lies elsewhere: they are not in the unit of a weight that is stored in floating
     * numbers.
     */
    public boolean isOfIntegers() {
      return INTEGERS.matcher(dtype).matches();
    }

    /**
     * Hands over its numbers one by one, in the order of its axes, the last one fastest. Takes no
     * memory that grows with the tensor.
     */
    public void forEach(DoubleConsumer receiver) {
      TensorReader reader = TensorReader.of(values);
      for (long from = 0; from < values.length(); from += BLOCK) {
        double[] block = new double[(int) Math.min(BLOCK, values.length() - from)];
        reader.read(from, block);
        for (double value : block) {
          receiver.accept(value);
        }
      }
    }

    /**
     * What kind of layer a weight tensor belongs to, which decides what its axes mean: filters of a
     * convolution lie along its first axis, those of a transposed one along its second. A state
     * dict of PyTorch tells neither; comparisons of filters then go by shapes and names, and say
     * so.
     */
    public enum LayerKind {
      /** Axes {@code (out, in, space…)}. */
      CONVOLUTION,
      /** Axes {@code (in, out, space…)}. */
      TRANSPOSED_CONVOLUTION,
      /** Axes {@code (out, in)}. */
      LINEAR,
      /** Scales, shifts and running statistics of batch, instance, group or layer normalisation. */
      NORMALISATION,
      /** The file tells the kind, and it is none of the others. */
      OTHER,
      /** The file does not tell: a state dict holds names and shapes alone. */
      UNKNOWN
    }
  }
}
