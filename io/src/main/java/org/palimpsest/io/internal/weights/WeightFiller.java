package org.palimpsest.io.internal.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.LoadReport;
import org.palimpsest.core.weights.Weights.LoadReport.ShapeMismatch;
import org.palimpsest.core.weights.Weights.WeightTensor;

/**
 * Fills a network's tensors with weights of the same name.
 *
 * <p>A tensor is first looked for by its exact name, then by its {@linkplain PlainNames plain name}
 * if that is unambiguous on both sides.
 */
public final class WeightFiller {

  private final Map<String, WeightTensor> byName = new LinkedHashMap<>();
  private final Map<String, WeightTensor> byPlainName;
  private final List<String> matched = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();
  private final List<ShapeMismatch> otherShape = new ArrayList<>();
  private final Set<WeightTensor> unused = new LinkedHashSet<>();

  private WeightFiller(Weights weights, UnaryOperator<String> rename) {
    for (WeightTensor tensor : weights.tensors()) {
      String name = rename.apply(tensor.name());
      if (byName.put(name, tensor) != null) {
        throw new PalimpsestException(
            "Renaming '%s' gives the name '%s' to two tensors.".formatted(tensor.name(), name));
      }
      unused.add(tensor);
    }
    byPlainName = PlainNames.index(byName);
  }

  /**
   * Fills what matches and leaves the rest as it is.
   *
   * @param weights where the values come from
   * @param slots the network's tensors
   * @param rename makes of a tensor's name in the weights its name in the network
   */
  public static LoadReport fill(
      Weights weights, List<? extends WeightSlot> slots, UnaryOperator<String> rename) {
    WeightFiller filler = new WeightFiller(weights, rename);
    Map<String, WeightSlot> slotsByName = new LinkedHashMap<>();
    slots.forEach(slot -> slotsByName.put(slot.name(), slot));
    Map<String, WeightSlot> slotsByPlainName = PlainNames.index(slotsByName);
    for (WeightSlot slot : slots) {
      String plain = PlainNames.of(slot.name());
      filler.fill(slot, slotsByPlainName.containsKey(plain) ? plain : "");
    }
    return filler.report();
  }

  private void fill(WeightSlot slot, String plainName) {
    WeightTensor tensor = byName.get(slot.name());
    if (tensor == null) {
      tensor = byPlainName.get(plainName);
    }
    if (tensor == null) {
      missing.add(slot.name());
      return;
    }
    unused.remove(tensor);
    long[] shape = tensor.values().shape();
    if (Arrays.equals(shape, slot.shape())) {
      slot.fill(tensor.values());
      matched.add(slot.name());
    } else {
      otherShape.add(ShapeMismatch.of(slot.name(), slot.shape(), shape));
    }
  }

  private LoadReport report() {
    List<String> unexpected = unused.stream().map(WeightTensor::name).toList();
    return new LoadReport(matched, missing, unexpected, otherShape);
  }

  /**
   * Names without what tools add or call otherwise.
   *
   * <p>DJL puts a number before each child's name ({@code 01conv}); {@code gamma}, {@code beta},
   * {@code runningMean} and {@code runningVar} of DJL and {@code gamma}, {@code beta}, {@code
   * mean}, {@code var}, {@code W} and {@code b} of DL4J are {@code weight}, {@code bias}, {@code
   * running_mean} and {@code running_var} in PyTorch.
   */
  private static final class PlainNames {

    private static final Pattern INDEX = Pattern.compile("^\\d\\d+(?=\\D)");

    private PlainNames() {}

    static String of(String name) {
      String[] elements = name.split("\\.", -1);
      int last = elements.length - 1;
      elements[last] = role(elements[last]);
      return Arrays.stream(elements)
          .map(element -> INDEX.matcher(element).replaceFirst(""))
          .collect(Collectors.joining("."));
    }

    private static String role(String role) {
      return switch (role) {
        case "gamma", "W" -> "weight";
        case "beta", "b" -> "bias";
        case "runningMean", "mean" -> "running_mean";
        case "runningVar", "var" -> "running_var";
        default -> role;
      };
    }

    /** What has a plain name that nothing else has, by that name. */
    static <T> Map<String, T> index(Map<String, T> byName) {
      Map<String, T> index = new LinkedHashMap<>();
      Set<String> ambiguous = new LinkedHashSet<>();
      byName.forEach(
          (name, value) -> {
            if (index.put(of(name), value) != null) {
              ambiguous.add(of(name));
            }
          });
      index.keySet().removeAll(ambiguous);
      return index;
    }
  }
}
