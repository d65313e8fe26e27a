package org.palimpsest.io.internal.keras;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.StoredTensor;

/** The arrays of one layer by their roles, and what was made of them. */
final class Bound {

  private final String prefix;
  private final Map<String, StoredTensor> arrays;
  private final Map<String, StoredTensor> made;
  private final Set<String> taken;

  private Bound(
      String prefix,
      Map<String, StoredTensor> arrays,
      Map<String, StoredTensor> made,
      Set<String> taken) {
    this.prefix = prefix;
    this.arrays = arrays;
    this.made = made;
    this.taken = taken;
  }

  static Bound of(Map<String, StoredTensor> arrays) {
    return new Bound("", new LinkedHashMap<>(arrays), new HashMap<>(), new HashSet<>());
  }

  /**
   * Those of a layer within.
   *
   * @param inner what the names of its roles begin with
   */
  Bound within(String inner) {
    return new Bound(prefix + inner, arrays, made, taken);
  }

  boolean has(String role) {
    return arrays.containsKey(prefix + role);
  }

  Array get(String role, String owner) {
    StoredTensor array = arrays.get(prefix + role);
    if (array == null) {
      throw new PalimpsestException("%s has no array '%s' in the file.".formatted(owner, role));
    }
    taken.add(prefix + role);
    return new Array(array);
  }

  /** What is made once, however often the layer is called. */
  StoredTensor made(String name, Supplier<StoredTensor> maker) {
    StoredTensor known = made.get(prefix + name);
    if (known == null) {
      known = maker.get();
      made.put(prefix + name, known);
    }
    return known;
  }

  /** Puts what is made of an array in its place, once, however often the layer is called. */
  void replace(String role, String owner, UnaryOperator<Array> change) {
    Array stored = get(role, owner);
    arrays.put(prefix + role, made(role, () -> change.apply(stored).stored()));
  }

  /** Takes all whose roles begin so, of which nothing is needed. */
  void takeAll(String roles) {
    arrays.keySet().stream().filter(role -> role.startsWith(prefix + roles)).forEach(taken::add);
  }

  /**
   * Makes sure that each was used by one call at least.
   *
   * @param owner the layer, for messages
   */
  void requireAllTaken(String owner) {
    List<String> left = new ArrayList<>(arrays.keySet());
    left.removeAll(taken);
    if (!left.isEmpty()) {
      throw new PalimpsestException(
          "%s has arrays in the file that have no place in it: %s."
              .formatted(owner, String.join(", ", left)));
    }
  }
}
