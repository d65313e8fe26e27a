package org.palimpsest.core.comparison;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;

/**
 * Which layer of one network belongs to which of another, where their names do not tell: such as
 * {@code encoder.stages.0} of one tool and {@code down1} of another. A layer may stand in several
 * pairs.
 *
 * <pre>{@code
 * LayerPairs pairs = LayerPairs.parse(List.of("encoder.stages.0=down1", "encoder.stages.1=down2"));
 * ComparisonResult result = Comparison.by(Cka.linear()).withPairs(pairs).compare(a, b);
 * }</pre>
 *
 * @param pairs at least one, each a layer of the first network and one of the second; one that
 *     stands twice counts once
 */
public record LayerPairs(List<Map.Entry<String, String>> pairs) {

  /**
   * @throws PalimpsestException if there is no pair
   */
  public LayerPairs {
    pairs = List.copyOf(new LinkedHashSet<>(pairs));
    if (pairs.isEmpty()) {
      throw new PalimpsestException("Name at least one pair of layers, as LAYER_OF_A=LAYER_OF_B.");
    }
  }

  /**
   * Reads {@code a=b}, one pair each. A name that holds {@code =} cannot be written so.
   *
   * @throws PalimpsestException if there is none, or one has not exactly one {@code =}
   */
  public static LayerPairs parse(List<String> texts) {
    List<Map.Entry<String, String>> pairs = new ArrayList<>();
    for (String text : texts) {
      String[] names = text.split("=", -1);
      if (names.length != 2 || names[0].isBlank() || names[1].isBlank()) {
        throw new PalimpsestException(
            "'%s' is no pair of layers; write LAYER_OF_A=LAYER_OF_B.".formatted(text));
      }
      pairs.add(Map.entry(names[0].strip(), names[1].strip()));
    }
    return new LayerPairs(pairs);
  }

  /** The layers of the first network, in the order of the pairs. */
  public List<String> ofFirst() {
    return pairs.stream().map(Map.Entry::getKey).distinct().toList();
  }

  /** The layers of the second network, in the order of the pairs. */
  public List<String> ofSecond() {
    return pairs.stream().map(Map.Entry::getValue).distinct().toList();
  }

  /** The layers of either network. */
  public List<String> layers() {
    return Stream.concat(ofFirst().stream(), ofSecond().stream()).distinct().toList();
  }

  /** Whether they are a pair, whichever network is the first. */
  boolean join(String layer, String other) {
    return pairs.contains(Map.entry(layer, other)) || pairs.contains(Map.entry(other, layer));
  }

  /**
   * @throws PalimpsestException if a network has no such layer, listing the nearest
   */
  void requireIn(List<String> first, List<String> second) {
    requireAll(Map.Entry::getKey, first);
    requireAll(Map.Entry::getValue, second);
  }

  private void requireAll(Function<Map.Entry<String, String>, String> side, List<String> in) {
    for (Map.Entry<String, String> pair : pairs) {
      if (!in.contains(side.apply(pair))) {
        throw LayerSelector.unknown(side.apply(pair), in);
      }
    }
  }
}
