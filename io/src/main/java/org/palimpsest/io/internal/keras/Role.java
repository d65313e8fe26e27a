package org.palimpsest.io.internal.keras;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * One of the arrays that a layer keeps.
 *
 * @param name as Keras calls it, such as {@code kernel}
 * @param place the layer within this one that keeps it, by its path in files of Keras 3, or empty
 * @param trained whether it is trained unless its layer is frozen
 */
record Role(String name, String place, boolean trained) {

  static Role of(String name) {
    return new Role(name, "", true);
  }

  /** An array that training does not change. */
  static Role fixed(String name) {
    return new Role(name, "", false);
  }

  /** Roles that are trained, without those of empty names. */
  static List<Role> list(String... names) {
    return Stream.of(names).filter(name -> !name.isEmpty()).map(Role::of).toList();
  }

  private static final String COPY = "copy of ";

  /** An array that files of Keras 3 have twice, and older ones once. */
  static Role copyOf(String name) {
    return of(COPY + name);
  }

  boolean isCopy() {
    return plainName().startsWith(COPY);
  }

  /** The same role of a layer within. */
  Role within(String prefix, String outer) {
    return new Role(prefix + name, place.isEmpty() ? outer : outer + "/" + place, trained);
  }

  /** What Keras calls it, without the layer within that keeps it. */
  String plainName() {
    return Arrays.stream(name.split("/")).reduce((a, b) -> b).orElse(name);
  }
}
