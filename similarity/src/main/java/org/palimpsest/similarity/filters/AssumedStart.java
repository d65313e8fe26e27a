package org.palimpsest.similarity.filters;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.similarity.weights.FilterLayout;
import org.palimpsest.similarity.weights.NetworkFilters;

/** What form of values the layers of a network are taken to have started from. */
final class AssumedStart {

  /** Of all layers of a fresh network together, one in a thousand fails its own form. */
  private static final double LEVEL = 0.001;

  private final ValueForm usual;
  private final Map<String, ValueForm> byLayer;
  private final String words;

  private AssumedStart(ValueForm usual, Map<String, ValueForm> byLayer, String words) {
    this.usual = usual;
    this.byLayer = byLayer;
    this.words = words;
  }

  /** Normal, as nobody said anything. */
  static AssumedStart gaussian() {
    return new AssumedStart(ValueForm.NORMAL, Map.of(), "normal values");
  }

  static AssumedStart of(Initialisation named) {
    return new AssumedStart(
        named.form(),
        Map.of(),
        "%s values, as %s draws them".formatted(named.form().words(), named.name()));
  }

  /**
   * For each layer the form that its weights in a network fit, as they do where that is fresh.
   * Layers that fit none, as after some training, are taken for normal ones.
   */
  static AssumedStart testedOn(Weights start, ValuesCheck check) {
    NetworkFilters filters = NetworkFilters.of(start);
    Map<String, ValueForm> fitting = new HashMap<>();
    Map<ValueForm, Integer> counts = new EnumMap<>(ValueForm.class);
    double level = LEVEL / Math.max(1, filters.layouts().size());
    int layers = 0;
    for (FilterLayout layout : filters.layouts()) {
      Sample sample = Sample.of(filters.bank(layout.layer()));
      if (!sample.isConstant()) {
        layers++;
        ValueForm form = form(sample);
        if (fits(sample, form, check, level)) {
          fitting.put(layout.layer(), form);
          counts.merge(form, 1, Integer::sum);
        }
      }
    }
    ValueForm usual =
        counts.entrySet().stream()
            .max(Map.Entry.comparingByValue())
            .map(Map.Entry::getKey)
            .orElse(ValueForm.NORMAL);
    for (FilterLayout layout : filters.layouts()) {
      fitting.putIfAbsent(layout.layer(), ValueForm.NORMAL);
    }
    return new AssumedStart(usual, fitting, describe(start.name(), counts, layers));
  }

  private static ValueForm form(Sample sample) {
    return DrawnMatrix.of(sample.layout()).isOrthogonal(sample.weights())
        ? ValueForm.ORTHOGONAL
        : ValueForm.likeliest(sample.weights());
  }

  private static boolean fits(Sample sample, ValueForm form, ValuesCheck check, double level) {
    return check.test(sample, form, new ArrayList<>()).stream()
        .allMatch(figure -> figure.p() >= level);
  }

  private static String describe(String start, Map<ValueForm, Integer> counts, int layers) {
    List<String> parts =
        counts.entrySet().stream()
            .map(count -> "%s values in %d".formatted(count.getKey().words(), count.getValue()))
            .collect(Collectors.toCollection(ArrayList::new));
    int others = layers - counts.values().stream().mapToInt(Integer::intValue).sum();
    if (others > 0) {
      parts.add("normal values in %d that fit no usual start".formatted(others));
    }
    return "%s of %d layers, by a test of %s".formatted(String.join(", ", parts), layers, start);
  }

  ValueForm form(FilterLayout layout) {
    return byLayer.getOrDefault(layout.layer(), usual);
  }

  /** For people: {@code uniform values in 13 of 13 layers, by a test of start.pt}. */
  String words() {
    return words;
  }
}
