package org.palimpsest.io.internal.weights;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Names without what tools add or call otherwise.
 *
 * <p>DJL puts a number before each child's name ({@code 01conv}); {@code gamma}, {@code beta},
 * {@code runningMean} and {@code runningVar} of DJL and {@code gamma}, {@code beta}, {@code mean},
 * {@code var}, {@code W} and {@code b} of DL4J are {@code weight}, {@code bias}, {@code
 * running_mean} and {@code running_var} in PyTorch.
 */
final class PlainNames {

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
