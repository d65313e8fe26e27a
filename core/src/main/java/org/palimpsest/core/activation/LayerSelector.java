package org.palimpsest.core.activation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.text.Suggestions;

/**
 * Chooses layers by name or glob.
 *
 * <p>A path's elements are separated by {@code .} or {@code /}. {@code *} stands for anything
 * within one element, {@code **} for anything at all, {@code ?} for one character within an
 * element; everything else stands for itself. So {@code enc*} chooses {@code enc1} but not {@code
 * enc1.conv}, which {@code enc**} chooses too. A glob that chooses nothing is an error rather than
 * an empty comparison. Immutable.
 *
 * <pre>{@code
 * LayerSelector encoder = LayerSelector.of("enc*", "bottleneck");
 * List<String> chosen = encoder.select(List.of("enc1", "enc1.conv", "enc2", "bottleneck", "dec1"));
 * // enc1, enc2, bottleneck
 * }</pre>
 *
 * <p>A selection costs one regular expression for each layer and glob. Globs have no ranges and no
 * alternatives, so that brackets and braces in names, as in {@code lstm[0]}, stand for themselves.
 */
public final class LayerSelector {

  private final List<String> globs;
  private final List<Pattern> patterns;

  private LayerSelector(List<String> globs) {
    this.globs = List.copyOf(globs);
    this.patterns = globs.stream().map(LayerSelector::compile).toList();
  }

  /** Chooses every layer. */
  public static LayerSelector all() {
    return new LayerSelector(List.of());
  }

  /**
   * Chooses the layers that match any of the globs; with no glob, every layer.
   *
   * @param globs in any order, which does not decide that of the layers
   */
  public static LayerSelector of(String... globs) {
    return new LayerSelector(Arrays.asList(globs));
  }

  /** Chooses the layers that match any of the globs; with no glob, every layer. */
  public static LayerSelector of(Collection<String> globs) {
    return new LayerSelector(List.copyOf(globs));
  }

  /** What it was made of; none chooses every layer. */
  public List<String> globs() {
    return globs;
  }

  /**
   * Whether a layer of this path is selected. No layer of that path need exist.
   *
   * @param layer the whole path, which must match from its beginning to its end; case matters
   */
  public boolean selects(String layer) {
    return patterns.isEmpty() || patterns.stream().anyMatch(p -> p.matcher(layer).matches());
  }

  /** Whether the layer is asked for by its very name, not by a glob with wildcards. */
  public boolean isNamed(String layer) {
    return globs.contains(layer);
  }

  /**
   * The chosen ones, in the order given.
   *
   * @param layers the paths of all layers, as a network or a set of activations lists them
   * @throws PalimpsestException if a glob chooses none, listing the nearest names; where {@code **}
   *     in the place of {@code *} would have chosen some, it says so
   */
  public List<String> select(List<String> layers) {
    requireEachGlobMatches(layers);
    return layers.stream().filter(this::selects).toList();
  }

  /**
   * Checks that no glob is in vain.
   *
   * @throws PalimpsestException if a glob chooses none of these layers, listing the nearest names
   */
  public void requireEachGlobMatches(List<String> layers) {
    for (int i = 0; i < patterns.size(); i++) {
      Pattern pattern = patterns.get(i);
      if (layers.stream().noneMatch(layer -> pattern.matcher(layer).matches())) {
        throw inVain(globs.get(i), layers);
      }
    }
  }

  /** What is meant may lie deeper than the glob reaches. */
  private static PalimpsestException inVain(String glob, List<String> layers) {
    String deeper = glob.replaceAll("\\*+", "**");
    Pattern pattern = compile(deeper);
    List<String> reached = layers.stream().filter(l -> pattern.matcher(l).matches()).toList();
    return deeper.equals(glob) || reached.isEmpty()
        ? unknown(glob, layers)
        : new PalimpsestException(
            "No layer matches '%s', since * ends at a dot or slash. '%s' matches %s of the %s layers, such as %s."
                .formatted(glob, deeper, reached.size(), layers.size(), reached.get(0)));
  }

  /**
   * What to throw for a layer that is not among {@code layers}, listing the five nearest names:
   * those that contain it, then those that differ from it in the fewest letters.
   *
   * @param layer what was asked for
   * @param layers what there is
   * @return for the caller to throw
   */
  public static PalimpsestException unknown(String layer, List<String> layers) {
    List<String> nearest = new ArrayList<>(Suggestions.nearest(layer, layers));
    return new PalimpsestException(
        "No layer matches '%s'. Nearest of the %s layers: %s."
            .formatted(layer, layers.size(), String.join(", ", nearest)));
  }

  private static Pattern compile(String glob) {
    StringBuilder regex = new StringBuilder();
    int i = 0;
    while (i < glob.length()) {
      if (glob.startsWith("**", i)) {
        regex.append(".*");
        i += 2;
      } else {
        int character = glob.codePointAt(i);
        regex.append(translate(character));
        i += Character.charCount(character);
      }
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  private static String translate(int character) {
    return switch (character) {
      case '*' -> "[^./]*";
      case '?' -> "[^./]";
      default -> Pattern.quote(Character.toString(character));
    };
  }

  @Override
  public String toString() {
    return globs.isEmpty() ? "**" : String.join(" ", globs);
  }
}
