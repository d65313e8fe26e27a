package org.palimpsest.io.pickle;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** A Python dictionary in its own order. May contain itself, so it is never compared or printed. */
public final class PyDict {

  private final Map<Object, Object> entries = new LinkedHashMap<>();

  /** Sets an entry. Keys that are no text, number or truth value count as different from all. */
  void put(Object key, Object value) {
    boolean scalar = key instanceof String || key instanceof Number || key instanceof Boolean;
    entries.put(scalar ? key : new Object(), value);
  }

  /** The entries whose keys are text, in order. */
  public Map<String, Object> named() {
    Map<String, Object> named = new LinkedHashMap<>();
    entries.forEach(
        (key, value) -> {
          if (key instanceof String name) {
            named.put(name, value);
          }
        });
    return Collections.unmodifiableMap(named);
  }

  /** The value of a key, or {@link PyNone} if there is none. */
  public Object get(String key) {
    return entries.getOrDefault(key, PyNone.NONE);
  }

  /** Takes over all entries of another one. */
  void putAll(PyDict other) {
    entries.putAll(other.entries);
  }

  public int size() {
    return entries.size();
  }
}
