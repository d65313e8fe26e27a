package org.palimpsest.io.internal.pickle;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A Python dictionary in its own order. May contain itself, so it is never compared or printed. */
public final class PyDict {

  private final Map<Object, Object> entries = new LinkedHashMap<>();

  /** A key that is never the same as another one. */
  private static final class OtherKey {
    private final Object key;

    private OtherKey(Object key) {
      this.key = key;
    }

    private String inWords() {
      if (key instanceof PyTuple) {
        return "a tuple";
      }
      if (key instanceof Global global) {
        return global.path();
      }
      return key instanceof Opaque object ? object.type() : "another key";
    }
  }

  /** Sets an entry. Keys that are no text, number or truth value count as different from all. */
  void put(Object key, Object value) {
    boolean plain =
        key instanceof String
            || key instanceof Number
            || key instanceof Boolean
            || key == PyNone.NONE;
    entries.put(plain ? key : new OtherKey(key), value);
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

  /** The entries whose keys are no text, these in words, in order. */
  public List<Map.Entry<String, Object>> unnamed() {
    return entries.entrySet().stream()
        .filter(entry -> !(entry.getKey() instanceof String))
        .map(entry -> Map.entry(inWords(entry.getKey()), entry.getValue()))
        .toList();
  }

  private static String inWords(Object key) {
    if (key instanceof Boolean truth) {
      return truth ? "True" : "False";
    }
    if (key == PyNone.NONE) {
      return "None";
    }
    return key instanceof OtherKey other ? other.inWords() : key.toString();
  }

  /** The entries whose keys are text or numbers, these as text, in order. */
  public Map<String, Object> numberedOrNamed() {
    Map<String, Object> all = new LinkedHashMap<>();
    entries.forEach(
        (key, value) -> {
          if (key instanceof String || key instanceof Long) {
            all.putIfAbsent(key.toString(), value);
          }
        });
    return Collections.unmodifiableMap(all);
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
