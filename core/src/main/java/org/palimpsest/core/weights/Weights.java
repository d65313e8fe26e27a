package org.palimpsest.core.weights;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;

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
     * For people, such as {@code 12 matched; missing: fc.weight, fc.bias}; what is empty is left out.
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
}
