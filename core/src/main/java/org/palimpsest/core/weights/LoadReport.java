package org.palimpsest.core.weights;

import java.util.Arrays;
import java.util.List;

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
