package org.palimpsest.core.measure;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a measure promises. One contract suite holds every measure to it.
 *
 * @param description one sentence: what it is
 * @param direction similarity or distance
 * @param range the values that it can take
 * @param symmetric whether swapping the two representations leaves the value as it is
 * @param ignores what can be done to one representation without changing the value
 * @param notices what changes the value of generic representations
 * @param source where it is defined
 * @param cost what a preparation and a comparison take, in n samples and p features
 */
public record MeasureProperties(
    String description,
    Direction direction,
    Range range,
    boolean symmetric,
    Set<Transformation> ignores,
    Set<Transformation> notices,
    String source,
    String cost) {

  public MeasureProperties {
    ignores = Set.copyOf(ignores);
    notices = Set.copyOf(notices);
    if (ignores.stream().anyMatch(notices::contains)) {
      throw new IllegalArgumentException(
          "ignored and noticed at once: " + ignores + " and " + notices);
    }
  }

  /** The transformations that are not in the given set. */
  public static Set<Transformation> allBut(Set<Transformation> some) {
    return some.isEmpty()
        ? EnumSet.allOf(Transformation.class)
        : EnumSet.complementOf(EnumSet.copyOf(some));
  }
}
